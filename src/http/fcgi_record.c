/* Screens FastCGI records (FastCGI 1.0, sections 3 and 5): only a whole, sane request gets through. */
#include "platform.h"
#include "http/fcgi_record.h"

#include <stdlib.h>
#include <string.h>

enum record_type { TYPE_BEGIN = 1, TYPE_PARAMS = 4, TYPE_STDIN = 5 };

#define ROLE_RESPONDER 1
#define FLAG_KEEP_CONNECTION 1

size_t fcgi_content_length(const unsigned char header[8])
{
	return (size_t)header[4] << 8 | header[5];
}

size_t fcgi_padding_length(const unsigned char header[8])
{
	return header[6];
}

static bool append(struct text_buffer *buffer, const void *data, size_t length)
{
	if (buffer->capacity - buffer->length < length) {
		size_t capacity = (buffer->length + length) * 2 + 4096;
		char *grown = malloc(capacity);

		if (!grown)
			return false;
		if (buffer->length)
			memcpy(grown, buffer->data, buffer->length);
		if (buffer->data)
			explicit_bzero(buffer->data, buffer->capacity);
		free(buffer->data);
		buffer->data = grown;
		buffer->capacity = capacity;
	}
	if (length)
		memcpy(buffer->data + buffer->length, data, length);
	buffer->length += length;
	return true;
}

/* Keep a record without its padding. */
static bool keep(struct fcgi_request *request, const unsigned char header[8], const char *content)
{
	unsigned char bare[8];

	memcpy(bare, header, sizeof(bare));
	bare[6] = 0;
	bare[7] = 0;
	return append(&request->wire, bare, sizeof(bare)) &&
	       append(&request->wire, content, fcgi_content_length(header));
}

static enum fcgi_progress take_begin(
    struct fcgi_request *request, const unsigned char header[8], const char *content)
{
	const unsigned char *body = (const unsigned char *)content;

	if (request->begun || fcgi_content_length(header) != 8)
		return FCGI_REFUSED;
	if ((body[0] << 8 | body[1]) != ROLE_RESPONDER)
		return FCGI_REFUSED;
	request->begun = true;
	request->keep_connection = body[2] & FLAG_KEEP_CONNECTION;
	return keep(request, header, content) ? FCGI_MORE : FCGI_REFUSED;
}

static enum fcgi_progress take_parameters(
    struct fcgi_request *request, const unsigned char header[8], const char *content)
{
	size_t length = fcgi_content_length(header);

	if (request->parameters_ended ||
	    request->parameters.length + length > FCGI_MAX_PARAMETER_BYTES)
		return FCGI_REFUSED;
	if (!append(&request->parameters, content, length) || !keep(request, header, content))
		return FCGI_REFUSED;
	if (length == 0) {
		struct text all = {request->parameters.data, request->parameters.length};

		if (!fcgi_parameters_valid(all))
			return FCGI_REFUSED;
		request->parameters_ended = true;
	}
	return FCGI_MORE;
}

static enum fcgi_progress take_body(struct fcgi_request *request, const unsigned char header[8],
    const char *content, size_t max_body)
{
	size_t length = fcgi_content_length(header);

	if (!request->parameters_ended || request->body_bytes > FCGI_MAX_DRAINED)
		return FCGI_REFUSED;
	request->body_bytes += length;
	if ((length == 0 || request->body_bytes <= max_body) && !keep(request, header, content))
		return FCGI_REFUSED;
	return length == 0 ? FCGI_WHOLE : FCGI_MORE;
}

bool fcgi_header_sane(const unsigned char header[8])
{
	bool known = header[1] == TYPE_BEGIN || header[1] == TYPE_PARAMS || header[1] == TYPE_STDIN;

	return header[0] == 1 && known && (header[2] || header[3]);
}

enum fcgi_progress fcgi_request_take(struct fcgi_request *request, const unsigned char header[8],
    const char *content, size_t max_body)
{
	unsigned id = (unsigned)header[2] << 8 | header[3];
	bool small = fcgi_content_length(header) < 64;

	if (!fcgi_header_sane(header))
		return FCGI_REFUSED;
	if (small && ++request->records > FCGI_MAX_RECORDS)
		return FCGI_REFUSED;
	if (!request->begun)
		request->id = id;
	if (id != request->id)
		return FCGI_REFUSED;
	if (!request->begun && header[1] != TYPE_BEGIN)
		return FCGI_REFUSED;
	switch (header[1]) {
	case TYPE_BEGIN:
		return take_begin(request, header, content);
	case TYPE_PARAMS:
		return take_parameters(request, header, content);
	case TYPE_STDIN:
		return take_body(request, header, content, max_body);
	default: /* an abort among them: there is nothing to do for such a request */
		return FCGI_REFUSED;
	}
}

static void reset_buffer(struct text_buffer *buffer)
{
	if (buffer->data)
		explicit_bzero(buffer->data, buffer->length);
	buffer->length = 0;
}

void fcgi_request_reset(struct fcgi_request *request)
{
	reset_buffer(&request->wire);
	reset_buffer(&request->parameters);
	*request = (struct fcgi_request){.wire = request->wire, .parameters = request->parameters};
}

void fcgi_request_free(struct fcgi_request *request)
{
	fcgi_request_reset(request);
	free(request->wire.data);
	free(request->parameters.data);
	*request = (struct fcgi_request){0};
}

/* One length of a name-value pair: one byte, or four with the high bit set. */
static bool read_length(struct text *rest, size_t *length)
{
	const unsigned char *p = (const unsigned char *)rest->data;

	if (rest->length < 1)
		return false;
	if (p[0] < 0x80) {
		*length = p[0];
		*rest = text_skip(*rest, 1);
		return true;
	}
	if (rest->length < 4)
		return false;
	*length = (size_t)(p[0] & 0x7f) << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
	*rest = text_skip(*rest, 4);
	return true;
}

static bool read_pair(struct text *rest, struct text *name, struct text *value)
{
	size_t name_length;
	size_t value_length;

	if (!read_length(rest, &name_length) || !read_length(rest, &value_length))
		return false;
	if (name_length < 1 || name_length > FCGI_MAX_NAME || value_length > FCGI_MAX_VALUE)
		return false;
	if (rest->length < name_length || rest->length - name_length < value_length)
		return false;
	*name = (struct text){rest->data, name_length};
	*value = (struct text){rest->data + name_length, value_length};
	*rest = text_skip(*rest, name_length + value_length);
	return true;
}

/* The parameters a decision rests on. libfcgi would take the first of two; another reader the
 * last. Others repeat in practice (nginx sends HTTP_COOKIE twice). */
static const struct text decisive[] = {TEXT("REQUEST_METHOD"), TEXT("REQUEST_URI"),
    TEXT("CONTENT_LENGTH"), TEXT("CONTENT_TYPE"), TEXT("REMOTE_ADDR"), TEXT("HTTP_AUTHORIZATION"),
    TEXT("REDIRECT_HTTP_AUTHORIZATION"), TEXT("REDIRECT_REDIRECT_HTTP_AUTHORIZATION"),
    TEXT("HTTP_ORIGIN"), TEXT("HTTP_SEC_FETCH_SITE")};
#define DECISIVE (sizeof(decisive) / sizeof(decisive[0]))

/* Remember the value of a decisive parameter; false when it came before with another one. */
static bool agrees(struct text seen[DECISIVE], struct text name, struct text value)
{
	for (size_t i = 0; i < DECISIVE; i++) {
		if (!text_equal(name, decisive[i]))
			continue;
		if (text_present(seen[i]))
			return text_equal(seen[i], value);
		seen[i] = value;
		return true;
	}
	return true;
}

bool fcgi_parameters_valid(struct text parameters)
{
	struct text seen[DECISIVE] = {0};
	struct text rest = parameters;
	size_t count = 0;

	while (rest.length) {
		struct text name;
		struct text value;

		if (++count > FCGI_MAX_PARAMETERS || !read_pair(&rest, &name, &value))
			return false;
		if (text_find(name, '=') != name.length || text_find(name, '\0') != name.length ||
		    text_find(value, '\0') != value.length)
			return false;
		if (!agrees(seen, name, value))
			return false;
	}
	return count > 0;
}
