/* Where in the configuration did this come from? Every later complaint names it. */
#ifndef CASTGATE_BASE_ORIGIN_H
#define CASTGATE_BASE_ORIGIN_H

/* `file` is NULL for values nobody wrote; `line` counts from 1. */
struct origin {
	const char *file;
	unsigned line;
};

#endif
