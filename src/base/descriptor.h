/* Reads and writes as much as was asked for: a signal or a short answer is not the end.
 *
 * For files and pipes that block. No deadlines: sockets of clients have http/fcgi_wire.h, those of
 * other servers crypto/stream.h. */
#ifndef CASTGATE_BASE_DESCRIPTOR_H
#define CASTGATE_BASE_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* Read until `size` bytes are there or the file ends; *got says how many came. False with errno on
 * an error, when the bytes that came before it are in `data` as well. */
bool descriptor_read(int fd, char *data, size_t size, size_t *got);

/* Write all of it. False with errno on an error, after which any part of it may have been written. */
bool descriptor_write(int fd, struct text text);

#endif
