/* The channel is built from proven values and compared whole; what could be read two ways is refused. */
#include "platform.h"
#include "channel/template.h"

#include <string.h>

#include "base/buffer.h"
#include "codec/subscription_syntax.h"

/* A literal run, then a name unless it is the last. */
struct piece {
	struct text literal;
	struct text name; /* absent at the end */
};

/* Take the next piece off. False when nothing is left. The configuration has checked the braces. */
static bool take_piece(struct text *rest, struct piece *piece)
{
	size_t open = text_find(*rest, '{');
	size_t close;

	if (!rest->length)
		return false;
	*piece = (struct piece){.literal = {rest->data, open}};
	*rest = text_skip(*rest, open);
	if (!rest->length)
		return true;
	close = text_find(*rest, '}');
	piece->name = (struct text){rest->data + 1, close - 1};
	*rest = text_skip(*rest, close < rest->length ? close + 1 : close);
	return true;
}

static bool is_identity_name(struct text name)
{
	return text_is(name, "user") || text_starts_with(name, "user.");
}

static bool complain(struct report *report, struct origin origin, const char *directive,
    struct text name, const char *why)
{
	report_add(report, REPORT_ERROR, origin, "\"%s\": {%.*s} %s", directive, (int)name.length,
	    name.data, why);
	return false;
}

/* A user who may choose an id could choose the rest of some other channel's name. */
static void warn_of_bare_prefix(const char *template, struct origin origin, struct report *report)
{
	struct text rest = text_of(template);
	struct piece first;

	if (!take_piece(&rest, &first) || !text_present(first.name) ||
	    !text_is(first.literal, channel_kind_prefix(channel_name_kind(first.literal))))
		return;
	report_add(report, REPORT_WARNING, origin,
	    "\"equals\": nothing but the prefix stands before {%.*s}, so a value can make it any "
	    "channel's name; put a text of its own between them",
	    (int)first.name.length, first.name.data);
}

bool template_check_sentence(const char *sentence, const char *directive, struct origin origin,
    const struct pattern *channel, const struct pattern *path, struct report *report)
{
	struct text rest = text_of(sentence);
	struct piece piece;
	bool ok = true;

	while (take_piece(&rest, &piece) && text_present(piece.name))
		if (!is_identity_name(piece.name) && !pattern_has_capture(channel, piece.name) &&
		    !pattern_has_capture(path, piece.name))
			ok = complain(report, origin, directive, piece.name,
			    "is neither a capture nor {user} or {user.NAME}");
	return ok;
}

const char *template_write_sentence(
    const char *sentence, const struct scope *scope, struct arena *arena)
{
	struct buffer out = buffer_start(arena);
	struct text rest = text_of(sentence);
	struct piece piece;

	while (take_piece(&rest, &piece)) {
		struct value value;

		buffer_add(&out, piece.literal);
		if (!text_present(piece.name))
			break;
		value = scope_value(scope, piece.name);
		if (value.kind == VALUE_NONE || value.kind == VALUE_BINARY)
			buffer_printf(&out, "{%.*s}", (int)piece.name.length, piece.name.data);
		else
			buffer_add(&out, value.text);
	}
	return buffer_text(&out).data;
}

bool template_check(const char *template, struct origin origin, const struct pattern *channel,
    const struct pattern *path, struct report *report)
{
	struct text rest = text_of(template);
	struct piece piece;
	bool ok;

	warn_of_bare_prefix(template, origin, report);
	ok = template_check_sentence(template, "equals", origin, channel, path, report);
	while (take_piece(&rest, &piece) && text_present(piece.name))
		if (rest.length && rest.data[0] == '{')
			ok = complain(report, origin, "equals", piece.name,
			    "and the value after it need text between them, or other values would "
			    "build the same name");
	return ok;
}

/* Take a literal off the front. */
static bool take(struct text *rest, struct text literal)
{
	if (rest->length < literal.length || memcmp(rest->data, literal.data, literal.length) != 0)
		return false;
	*rest = text_skip(*rest, literal.length);
	return true;
}

bool template_begins(const char *template, const struct captures *path, struct text channel)
{
	struct text rest = text_of(template);
	struct piece piece;

	while (take_piece(&rest, &piece)) {
		struct scope scope = {.path = path};
		struct value value;

		if (!take(&channel, piece.literal))
			return false;
		if (!text_present(piece.name) || is_identity_name(piece.name))
			return true;
		value = scope_value(&scope, piece.name);
		if (value.kind == VALUE_NONE || !take(&channel, value.text))
			return value.kind == VALUE_NONE;
	}
	return true;
}

static struct verdict fill(
    const char *template, const struct scope *scope, struct arena *arena, struct text *built)
{
	struct buffer out = buffer_start(arena);
	struct text rest = text_of(template);
	struct piece piece;

	while (take_piece(&rest, &piece)) {
		struct value value;

		buffer_add(&out, piece.literal);
		if (!text_present(piece.name))
			break;
		value = scope_value(scope, piece.name);
		if (value.kind == VALUE_NONE || value.kind == VALUE_BINARY || !value.text.length)
			return (struct verdict){OUTCOME_VALUE_MISSING,
			    arena_printf(arena, "{%.*s}", (int)piece.name.length, piece.name.data)};
		buffer_add(&out, value.text);
	}
	*built = buffer_text(&out);
	return verdict_of(text_present(*built) ? OUTCOME_ALLOWED : OUTCOME_RESOURCES_EXHAUSTED);
}

/* Where `needle` first begins in `text` at or after its second byte; the length when nowhere. */
static size_t find_after_first(struct text text, struct text needle)
{
	for (size_t at = 1; at + needle.length <= text.length; at++)
		if (memcmp(text.data + at, needle.data, needle.length) == 0)
			return at;
	return text.length;
}

/* Does reading the built name from the left give back the very values it was built from? */
static bool reads_back(const char *template, const struct scope *scope, struct text built)
{
	struct text rest = text_of(template);
	struct piece piece;
	struct piece next;
	struct text ahead;

	while (take_piece(&rest, &piece)) {
		size_t length;

		if (!take(&built, piece.literal) || !text_present(piece.name))
			break;
		ahead = rest;
		if (!take_piece(&ahead, &next)) /* the last value has the rest */
			return text_equal(scope_value(scope, piece.name).text, built);
		length = !text_present(next.name) && next.literal.length < built.length
		             ? built.length - next.literal.length /* only the end can be meant */
		             : find_after_first(built, next.literal);
		if (!text_equal(
		        scope_value(scope, piece.name).text, (struct text){built.data, length}))
			return false;
		built = text_skip(built, length);
	}
	return built.length == 0;
}

struct verdict template_compare(
    const char *template, const struct scope *scope, struct text channel, struct arena *arena)
{
	struct text literal = text_of(template);
	struct text built = {0};
	struct verdict verdict = fill(template, scope, arena, &built);

	if (!verdict_allows(verdict))
		return verdict;
	if (!text_equal(built, channel))
		return verdict_of(OUTCOME_TEMPLATE_MISMATCH);
	literal.length = text_find(literal, '{');
	if (channel_name_kind(literal) != channel_name_kind(built) ||
	    !reads_back(template, scope, built))
		return verdict_of(OUTCOME_TEMPLATE_AMBIGUOUS);
	return verdict_of(OUTCOME_ALLOWED);
}
