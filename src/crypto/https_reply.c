/* The little of HTTP/1 that a reply to one GET in HTTP/1.0 needs, and no more. */
#include "platform.h"
#include "crypto/https_reply.h"

#include <stdint.h>
#include <string.h>

struct head {
	bool has_length;
	uint64_t length;
};

/* Cut the first line, without its end, off `rest`. False when it has no end yet. */
static bool take_line(struct text *rest, struct text *line)
{
	size_t length = text_find(*rest, '\n');

	if (length == rest->length)
		return false;
	*line = (struct text){rest->data, length};
	*rest = text_skip(*rest, length + 1);
	if (line->length > 0 && line->data[line->length - 1] == '\r')
		line->length--;
	return true;
}

static const char *judge_status(struct text line)
{
	if (line.length < 12 || !text_starts_with(line, "HTTP/1.") || line.data[8] != ' ')
		return "The server does not speak HTTP/1.";
	if (line.length > 12 && line.data[12] != ' ')
		return "The server does not speak HTTP/1.";
	if (line.data[9] == '3')
		return "The server redirects, which is not followed.";
	return memcmp(line.data + 9, "200", 3) == 0 ? NULL : "The server's status is not 200.";
}

static const char *read_header(struct text line, struct head *head)
{
	size_t colon = text_find(line, ':');
	struct text name = {line.data, colon};
	struct text value;

	if (colon == 0 || colon == line.length || line.data[0] == ' ' || line.data[0] == '\t')
		return "The server's header is broken.";
	value = text_trim(text_skip(line, colon + 1));
	if (text_is_nocase(name, "Transfer-Encoding"))
		return "The server's body is chunked, which was not asked for.";
	if (text_is_nocase(name, "Content-Encoding") && !text_is_nocase(value, "identity"))
		return "The server's body is compressed, which was not asked for.";
	if (!text_is_nocase(name, "Content-Length"))
		return NULL;
	if (head->has_length || !text_to_u64(value, TEXT_DIGITS_ANY, &head->length))
		return "The server's Content-Length is broken.";
	head->has_length = true;
	return NULL;
}

/* Cut status and headers off `rest`. *whole is false when they have not all come. */
static const char *read_head(struct text *rest, struct head *head, bool *whole)
{
	struct text line;
	const char *problem;

	*whole = false;
	if (!take_line(rest, &line))
		return NULL;
	problem = judge_status(line);
	while (!problem) {
		if (!take_line(rest, &line))
			return NULL;
		*whole = line.length == 0;
		if (*whole)
			return NULL;
		problem = read_header(line, head);
	}
	return problem;
}

enum https_reply https_reply_read(
    struct text reply, bool ended, struct text *body, const char **problem)
{
	struct head head = {0};
	bool whole;

	*body = (struct text){0};
	*problem = read_head(&reply, &head, &whole);
	if (*problem)
		return HTTPS_REPLY_BROKEN;
	if (!whole || (head.has_length ? reply.length < head.length : !ended)) {
		*problem = ended ? "The server's reply ends too early." : NULL;
		return ended ? HTTPS_REPLY_BROKEN : HTTPS_REPLY_INCOMPLETE;
	}
	if (head.has_length && reply.length > head.length) {
		*problem = "The server's reply is longer than it says.";
		return HTTPS_REPLY_BROKEN;
	}
	*body = reply;
	return HTTPS_REPLY_COMPLETE;
}
