/* multipart/form-data, cut at its boundary; values stay where they are in the body. */
#include "platform.h"
#include "codec/fields_append.h"

#include <string.h>

#include "base/ascii.h"
#include "codec/header_parameter.h"

#define BOUNDARY_MAX 70
#define DELIMITER_BYTES (BOUNDARY_MAX + 4)

/* RFC 2046's bcharsnospace and the space, which may not be last. */
static bool boundary_valid(struct text boundary)
{
	static const char marks[] = "'()+_,-./:=? ";

	if (!boundary.data || boundary.length < 1 || boundary.length > BOUNDARY_MAX ||
	    boundary.data[boundary.length - 1] == ' ')
		return false;
	for (size_t i = 0; i < boundary.length; i++)
		if (!ascii_is_word(boundary.data[i], marks))
			return false;
	return true;
}

struct text fields_multipart_boundary(struct text content_type)
{
	struct text boundary = {0};
	struct text name;
	struct text value;
	enum header_step step;

	if (!content_type.data ||
	    !text_is_nocase(header_word_take(&content_type), "multipart/form-data"))
		return (struct text){0};
	while ((step = header_parameter_take(&content_type, &name, &value)) == HEADER_PARAMETER) {
		if (!text_is_nocase(name, "boundary"))
			continue;
		if (text_present(boundary))
			return (struct text){0};
		boundary = value;
	}
	return step == HEADER_END && boundary_valid(boundary) ? boundary : (struct text){0};
}

/* Cut everything before `mark` off `rest`, and the mark too; false when it does not occur. */
static bool take_until(struct text *rest, struct text mark, struct text *before)
{
	const char *at =
	    rest->length ? memmem(rest->data, rest->length, mark.data, mark.length) : NULL;

	if (!at)
		return false;
	*before = (struct text){rest->data, (size_t)(at - rest->data)};
	*rest = text_skip(*rest, before->length + mark.length);
	return true;
}

/* What a part's headers say about it. */
struct part {
	struct text name;
	bool is_file;
	bool described;
};

static bool read_disposition(struct text value, struct part *part)
{
	struct text parameter;
	struct text content;
	enum header_step step;

	if (part->described || !text_is_nocase(header_word_take(&value), "form-data"))
		return false;
	part->described = true;
	while ((step = header_parameter_take(&value, &parameter, &content)) == HEADER_PARAMETER) {
		if (text_is_nocase(parameter, "filename") || text_is_nocase(parameter, "filename*"))
			part->is_file = true;
		if (!text_is_nocase(parameter, "name"))
			continue;
		if (text_present(part->name))
			return false;
		part->name = content;
	}
	return step == HEADER_END && text_present(part->name);
}

/* A header line starts with its name: no folding, no line ends of another kind. */
static bool read_header(struct text line, struct part *part)
{
	size_t colon = text_find(line, ':');
	struct text name = {line.data, colon};

	if (colon == line.length || colon == 0 || text_trim(name).length != colon ||
	    text_find(line, '\r') < line.length || text_find(line, '\n') < line.length)
		return false;
	if (!text_is_nocase(name, "Content-Disposition"))
		return true;
	return read_disposition(text_skip(line, colon + 1), part);
}

static bool read_part(
    struct text raw, struct arena *arena, struct fields *fields, const char **problem)
{
	struct part part = {0};
	struct text headers;
	struct field field;

	if (!take_until(&raw, TEXT("\r\n\r\n"), &headers))
		return fields_refuse(fields, "A multipart part has no end of headers.", problem);
	while (headers.length > 0) {
		struct text line = headers;

		if (take_until(&headers, TEXT("\r\n"), &line) == false)
			headers.length = 0;
		if (!read_header(line, &part))
			return fields_refuse(fields, "A multipart header is broken.", problem);
	}
	if (!part.described)
		return fields_refuse(fields, "A multipart part has no name.", problem);
	field = fields_named(part.name, raw);
	if (part.is_file)
		field = (struct field){.kind = FIELD_OTHER, .name = field.name};
	return fields_append(fields, field, arena, problem);
}

/* Read parts until the closing boundary. `input` begins just after the first delimiter. */
static bool read_parts(struct text delimiter, struct text input, struct arena *arena,
    struct fields *fields, const char **problem)
{
	struct text part;

	while (!text_starts_with(input, "--")) {
		while (input.length > 0 && (input.data[0] == ' ' || input.data[0] == '\t'))
			input = text_skip(input, 1);
		if (!text_starts_with(input, "\r\n"))
			return fields_refuse(
			    fields, "A multipart boundary line is broken.", problem);
		input = text_skip(input, 2);
		if (!take_until(&input, delimiter, &part))
			return fields_refuse(
			    fields, "The multipart body has no closing boundary.", problem);
		if (!read_part(part, arena, fields, problem))
			return false;
	}
	return true;
}

bool fields_read_multipart(struct text boundary, struct text input, struct arena *arena,
    struct fields *fields, const char **problem)
{
	char bytes[DELIMITER_BYTES] = "\r\n--";
	struct text delimiter = {bytes, boundary.length + 4};
	struct text preamble;

	if (!boundary_valid(boundary))
		return fields_refuse(fields, "The multipart boundary is not valid.", problem);
	if (text_find(input, '\0') < input.length)
		return fields_refuse(fields, "The multipart body holds a NUL byte.", problem);
	memcpy(bytes + 4, boundary.data, boundary.length);
	if (input.length >= delimiter.length - 2 &&
	    memcmp(input.data, bytes + 2, delimiter.length - 2) == 0)
		input = text_skip(input, delimiter.length - 2);
	else if (!take_until(&input, delimiter, &preamble))
		return fields_refuse(
		    fields, "The boundary does not occur in the multipart body.", problem);
	return read_parts(delimiter, input, arena, fields, problem);
}
