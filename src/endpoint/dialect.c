/* The table of dialects. A client library reads only the status; the body is for people. */
#include "platform.h"
#include "endpoint/dialect.h"

#include <string.h>

#include "base/ascii.h"
#include "base/buffer.h"

#define JSON_TYPE "application/json"
#define TEXT_TYPE "text/plain"
#define PROBLEM_TYPE "application/problem+json"

static const struct dialect dialects[] = {
    /* Laravel 12's bytes, as recorded in tests/vectors/laravel_recorded.json */
    {.name = "laravel",
        .json_style = JSON_PHP,
        .steps = {STEP_PRESENTED, STEP_SYNTAX, STEP_PROVEN, STEP_END},
        .missing_channel_is_refusal = true,
        .has_rate_headers = true,
        .credential_missing_status = 401,
        .credential_refused_status = 401,
        .other_content_type = JSON_TYPE,
        .other = "{\"message\":\"%p\"}",
        .bodies = {{400, JSON_TYPE, "{\"message\":\"Bad Request.\"}"},
            {401, JSON_TYPE, "{\"message\":\"Unauthenticated.\"}"},
            {403, JSON_TYPE, "{\n    \"message\": \"\"\n}"}}},
    /* a Next.js route: the session comes first, and the refusal of a channel is a JSON string */
    {.name = "nextjs",
        .json_style = JSON_PLAIN,
        .steps = {STEP_PROVEN, STEP_SYNTAX, STEP_END},
        .credential_missing_status = 401,
        .credential_refused_status = 401,
        .other_content_type = TEXT_TYPE,
        .other = "%p",
        .bodies = {{403, JSON_TYPE, "\"Forbidden\""}},
        .developer = {403, JSON_TYPE, "{\"code\":%c,\"message\":%m}"},
        .developer_fallback = "CHANNEL_FORBIDDEN"},
    /* clients that know no 401: a token is one of three parameters, all missing or all there */
    {.name = "error-message",
        .json_style = JSON_PLAIN,
        .steps = {STEP_SYNTAX, STEP_PRESENTED, STEP_PROVEN, STEP_END},
        .credential_missing_status = 400,
        .credential_refused_status = 403,
        .other_content_type = JSON_TYPE,
        .other = "{\"error\":\"%p\"}",
        .bodies = {{400, JSON_TYPE, "{\"error\":\"Missing required parameters\"}"},
            {403, JSON_TYPE, "{\"error\":\"Forbidden\",\"message\":%m}"}}},
    /* RFC 9457 without a problem type of its own: section 4.2.1 */
    {.name = "problem",
        .json_style = JSON_PLAIN,
        .steps = {STEP_SYNTAX, STEP_PRESENTED, STEP_PROVEN, STEP_END},
        .credential_missing_status = 401,
        .credential_refused_status = 401,
        .other_content_type = PROBLEM_TYPE,
        .other = "{\"type\":\"about:blank\",\"title\":\"%p\",\"status\":%n}"},
    /* clients of the session bridge look at `success` and tell failures apart by `error` */
    {.name = "session",
        .json_style = JSON_PLAIN,
        .steps = {STEP_PRESENTED, STEP_PROVEN, STEP_END},
        .credential_missing_status = 401,
        .credential_refused_status = 401,
        .other_content_type = JSON_TYPE,
        .other = "{\"success\":false,\"message\":\"%p\",\"error\":\"%P\"}",
        .bodies = {{503, JSON_TYPE,
            "{\"success\":false,\"message\":\"%p\",\"error\":\"STORAGE_UNAVAILABLE\"}"}}},
};

const struct dialect *dialect_named(const char *name)
{
	for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
		if (strcmp(dialects[i].name, name) == 0)
			return &dialects[i];
	return NULL;
}

int dialect_status(const struct dialect *dialect, struct verdict verdict)
{
	int status = outcome_row(verdict.outcome)->status;

	if (status != 401)
		return status;
	return verdict.outcome == OUTCOME_CREDENTIAL_MISSING ? dialect->credential_missing_status
	                                                     : dialect->credential_refused_status;
}

static struct dialect_body choose(
    const struct dialect *dialect, int status, const struct dialect_words *words)
{
	if (text_present(words->code) && dialect->developer.status == status)
		return dialect->developer;
	for (const struct dialect_body *row = dialect->bodies; row->status; row++)
		if (row->status == status)
			return *row;
	return (struct dialect_body){status, dialect->other_content_type, dialect->other};
}

/* The words as this body wants them: a developer's own body has its own code and message. */
static struct dialect_words fit_words(const struct dialect *dialect,
    const struct dialect_body *chosen, const struct dialect_words *words)
{
	struct dialect_words fitted = *words;

	if (!text_present(fitted.message))
		fitted.message = text_of(http_phrase(chosen->status));
	if (chosen->body != dialect->developer.body)
		return fitted;
	fitted.message = words->meaning;
	if (!words->explained)
		fitted.code = text_of(dialect->developer_fallback);
	return fitted;
}

/* "Not Found" as "NOT_FOUND" */
static void add_capitals(struct buffer *out, const char *phrase)
{
	for (; *phrase; phrase++) {
		bool small = ascii_is_lower(*phrase);

		buffer_add_byte(out, *phrase == ' ' ? '_' : (char)(*phrase - (small ? 32 : 0)));
	}
}

static void add_mark(struct buffer *out, char mark, int status, const struct dialect_words *words)
{
	switch (mark) {
	case 'p':
		buffer_add_string(out, http_phrase(status));
		break;
	case 'P':
		add_capitals(out, http_phrase(status));
		break;
	case 'n':
		buffer_printf(out, "%d", status);
		break;
	case 'm':
		(void)json_add_string(out, words->message, JSON_PLAIN);
		break;
	default:
		(void)json_add_string(out, words->code, JSON_PLAIN);
		break;
	}
}

static void add_filled(
    struct buffer *out, struct text body, int status, const struct dialect_words *words)
{
	while (body.length) {
		size_t mark = text_find(body, '%');

		buffer_add(out, (struct text){body.data, mark});
		body = text_skip(body, mark);
		if (body.length < 2)
			break;
		add_mark(out, body.data[1], status, words);
		body = text_skip(body, 2);
	}
}

/* An object, and no place for the code in it yet. */
static bool takes_code(const struct dialect_body *chosen, const struct dialect_words *words)
{
	return text_present(words->code) && chosen->body[0] == '{' && !strstr(chosen->body, "%c");
}

struct text dialect_add_code(struct text body, struct text code, struct arena *arena)
{
	struct buffer out = buffer_start(arena);

	if (!text_present(body) || !text_present(code))
		return body;
	body.length--;
	buffer_add(&out, text_trim(body));
	buffer_add_string(&out, ",\"code\":");
	(void)json_add_string(&out, code, JSON_PLAIN);
	buffer_add_byte(&out, '}');
	return buffer_text(&out);
}

struct text dialect_body(const struct dialect *dialect, int status,
    const struct dialect_words *words, struct arena *arena, const char **content_type)
{
	struct dialect_body chosen = choose(dialect, status, words);
	struct dialect_words fitted = fit_words(dialect, &chosen, words);
	struct buffer out = buffer_start(arena);

	*content_type = chosen.content_type;
	add_filled(&out, text_of(chosen.body), status, &fitted);
	return takes_code(&chosen, words) ? dialect_add_code(buffer_text(&out), fitted.code, arena)
	                                  : buffer_text(&out);
}
