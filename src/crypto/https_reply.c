/* The little of HTTP/1 that a reply to one request in HTTP/1.0 needs, and no more. */
#include "platform.h"
#include "crypto/https_reply.h"

#include <stdint.h>
#include <string.h>

#include "base/ascii.h"

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

static const char *read_status(struct text line, unsigned *status)
{
	if (line.length < 12 || !text_starts_with(line, "HTTP/1.") || line.data[8] != ' ' ||
	    (line.length > 12 && line.data[12] != ' '))
		return "The server does not speak HTTP/1.";
	*status = 0;
	for (size_t i = 9; i < 12; i++) {
		if (!ascii_is_digit(line.data[i]))
			return "The server does not speak HTTP/1.";
		*status = *status * 10 + (unsigned)(line.data[i] - '0');
	}
	return *status < 100 ? "The server does not speak HTTP/1." : NULL;
}

static const char *judge_status(struct text line)
{
	unsigned status;
	const char *problem = read_status(line, &status);

	if (problem)
		return problem;
	if (status / 100 == 3)
		return "The server redirects, which is not followed.";
	return status == 200 ? NULL : "The server's status is not 200.";
}

/* Take a header line apart. */
static bool split_field(struct text line, struct text *name, struct text *value)
{
	size_t colon = text_find(line, ':');

	if (colon == 0 || colon == line.length || line.data[0] == ' ' || line.data[0] == '\t')
		return false;
	*name = (struct text){line.data, colon};
	*value = text_trim(text_skip(line, colon + 1));
	return true;
}

static const char *read_header(struct text line, struct head *head)
{
	struct text name;
	struct text value;

	if (!split_field(line, &name, &value))
		return "The server's header is broken.";
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

enum https_reply https_head_read(struct text *reply, struct https_head *head, const char **problem)
{
	struct text rest = *reply;
	struct text line;
	struct text name;
	struct text value;

	*head = (struct https_head){0};
	*problem = NULL;
	if (!take_line(&rest, &line))
		return HTTPS_REPLY_INCOMPLETE;
	*problem = read_status(line, &head->status);
	head->fields = (struct text){rest.data, 0};
	while (!*problem && take_line(&rest, &line)) {
		if (line.length == 0) {
			*reply = rest;
			return HTTPS_REPLY_COMPLETE;
		}
		if (!split_field(line, &name, &value))
			*problem = "The server's header is broken.";
		head->fields.length = (size_t)(rest.data - head->fields.data);
	}
	return *problem ? HTTPS_REPLY_BROKEN : HTTPS_REPLY_INCOMPLETE;
}

struct text https_head_field(const struct https_head *head, const char *wanted)
{
	struct text rest = head->fields;
	struct text line;
	struct text name;
	struct text value;

	while (take_line(&rest, &line))
		if (split_field(line, &name, &value) && text_is_nocase(name, wanted))
			return value;
	return (struct text){0};
}
