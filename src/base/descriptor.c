/* read(2) and write(2) in a loop. */
#include "platform.h"
#include "base/descriptor.h"

#include <errno.h>
#include <unistd.h>

bool descriptor_read(int fd, char *data, size_t size, size_t *got)
{
	*got = 0;
	while (*got < size) {
		ssize_t more = read(fd, data + *got, size - *got);

		if (more < 0 && errno == EINTR)
			continue;
		if (more <= 0)
			return more == 0;
		*got += (size_t)more;
	}
	return true;
}

bool descriptor_write(int fd, struct text text)
{
	while (text.length > 0) {
		ssize_t done = write(fd, text.data, text.length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		text = text_skip(text, (size_t)done);
	}
	return true;
}
