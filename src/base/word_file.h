/* How do processes share words in a file, so that none of them is ever half written? */
#ifndef CASTGATE_BASE_WORD_FILE_H
#define CASTGATE_BASE_WORD_FILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A mapped file of 64-bit words. Each word is complete in itself, so a process that is killed
 * between any two instructions leaves nothing half done. A fresh file is all zero. */
struct word_file;

/* Map `count` words of FOLDER/NAME, creating the folder (0700) and the file (0600, its space
 * reserved) where they lack; for root in another user's folder, the file is that user's. `layout` names what the words mean; a file of another layout is not
 * used. Where the file cannot be had, or lies on a network file system, whose mappings are not
 * coherent, the words are this process's alone and *problem says why ("is on a network file
 * system"); NULL else. `folder` NULL means private words, without a problem. NULL when out of
 * memory. Ended with word_file_close, which allows NULL. */
struct word_file *word_file_open(
    const char *folder, const char *name, uint64_t layout, size_t count, const char **problem);
void word_file_close(struct word_file *file);

/* One word, its index below count; lives as long as the file is open. */
_Atomic uint64_t *word_file_word(const struct word_file *file, size_t index);

/* The open file, for locks on bytes beyond the words; -1 while the words are private. */
int word_file_descriptor(const struct word_file *file);

/* True when other processes see the words too. */
bool word_file_is_common(const struct word_file *file);

#endif
