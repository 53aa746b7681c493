/* Does libconfuse read the configuration as the pre-scan does? */
#ifndef CASTGATE_CONFIG_SECOND_READER_H
#define CASTGATE_CONFIG_SECOND_READER_H

#include "config/scan.h"

/* Let libconfuse parse the joined text with options built from the directive table, and compare
 * every section, title, value and default with the tree. libconfuse defines the language; the scan
 * knows lines and what libconfuse loses. Only what both read alike is believed. False with an
 * error when they differ, which would be a defect of castgate. Secrets are masked in the joined
 * text, so only their presence is compared. */
bool second_reader_agrees(const struct scan *scan, struct report *report);

/* A number by which to know again what agreed once: of the joined text and of both readers' versions. Secrets
 * are in it only by their length. Never 0. */
uint64_t second_reader_print(const struct scan *scan);

#endif
