/* Which files make up a configuration, and how do they become one text for libconfuse? */
#ifndef CASTGATE_CONFIG_SCAN_FILES_H
#define CASTGATE_CONFIG_SCAN_FILES_H

#include "config/scan.h"

/* Files may be nested this deep, and be this long all together. */
#define SCAN_MAX_DEPTH 8
#define SCAN_MAX_BYTES SOURCE_MAX_BYTES

/* Open and read one more file. `origin` is the include that asks for it. NULL with one error when
 * an included file does not lie in or below the folder of its includer (symbolic links followed),
 * is nested too deep, includes itself, cannot be read, is no text, or may be written by anybody. */
struct scan_file *scan_open(
    struct scan *scan, const char *path, struct scan_file *includer, struct origin origin);

/* Start the joined text. */
void join_start(struct scan *scan);

/* Add the file's text up to the offset. */
void join_until(struct scan *scan, struct scan_file *file, size_t offset);

/* Pass over the file's text up to the offset, which is in this line. */
void join_skip(struct scan_file *file, size_t offset, unsigned line);

/* Finish. False with an error when memory was out. */
bool join_finish(struct scan *scan);

/* Where a line of the joined text was written. */
struct origin join_origin(const struct scan *scan, unsigned line);

#endif
