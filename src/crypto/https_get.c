/* One GET in HTTP/1.0 over one stream. */
#include "platform.h"
#include "crypto/https_get.h"

#include <string.h>

#include "crypto/https_reply.h"
#include "crypto/stream.h"

static const char *send_request(
    struct stream *stream, const struct web_address *address, struct arena *arena)
{
	struct stream_problem problem;
	struct text request = text_of(arena_printf(arena,
	    "GET %s HTTP/1.0\r\nHost: %.*s\r\nAccept: application/json\r\nUser-Agent: castgate\r\n"
	    "Connection: close\r\n\r\n",
	    address->path, (int)address->authority.length, address->authority.data));

	if (!text_present(request))
		return "Memory ran out while asking the server.";
	return stream_write(stream, request, &problem) ? NULL : stream_sentence(problem.failure);
}

static const char *receive(
    struct stream *stream, size_t limit, struct arena *arena, struct text *body)
{
	char *data = arena_alloc(arena, limit + 1);
	struct stream_problem trouble;
	size_t length = 0;
	bool ended = false;
	const char *problem;
	long got;

	if (!data)
		return "Memory ran out while asking the server.";
	for (;;) {
		struct text reply = {data, length};

		switch (https_reply_read(reply, ended, body, &problem)) {
		case HTTPS_REPLY_COMPLETE:
			return NULL;
		case HTTPS_REPLY_BROKEN:
			return problem;
		case HTTPS_REPLY_INCOMPLETE:
			break;
		}
		/* one byte beyond the limit is enough to see that there is more */
		if (length > limit)
			return "The server's reply is too long.";
		got = stream_read(stream, data + length, limit + 1 - length, &trouble);
		if (got < 0)
			return stream_sentence(trouble.failure);
		length += (size_t)got;
		ended = got == 0;
	}
}

bool https_get(const char *url, const struct https_settings *settings, struct arena *arena,
    struct text *body, const char **problem)
{
	struct stream_settings patience = {
	    settings->ca_file, settings->clock, settings->deadline_microseconds};
	struct stream_problem trouble;
	struct web_address address;
	struct stream *stream;

	*body = (struct text){0};
	*problem = "The address is not of the form https://HOST[:PORT]/PATH.";
	if (!web_address_read(url, &address) || strcmp(address.scheme, "https") != 0)
		return false;
	stream = stream_open(&address, &patience, &trouble);
	*problem =
	    stream ? send_request(stream, &address, arena) : stream_sentence(trouble.failure);
	if (!*problem)
		*problem = receive(stream, settings->max_bytes, arena, body);
	if (*problem)
		*body = (struct text){0};
	stream_close(stream);
	return !*problem;
}
