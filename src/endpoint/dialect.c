/* The table of dialects. A client library reads only the status; the body is for people. */
#include "platform.h"
#include "endpoint/dialect.h"

#include <string.h>

#include "base/buffer.h"
#include "base/verdict.h"

#define JSON_TYPE "application/json"

static const struct dialect dialects[] = {
    /* Laravel 12's bytes, as recorded in tests/vectors/laravel_recorded.json */
    {.name = "laravel",
        .json_style = JSON_PHP,
        .steps = {STEP_PRESENTED, STEP_SYNTAX, STEP_PROVEN, STEP_END},
        .missing_channel_is_refusal = true,
        .has_rate_headers = true,
        .other_content_type = JSON_TYPE,
        .other = "{\"message\":\"%s\"}",
        .bodies = {{400, JSON_TYPE, "{\"message\":\"Bad Request.\"}"},
            {401, JSON_TYPE, "{\"message\":\"Unauthenticated.\"}"},
            {403, JSON_TYPE, "{\n    \"message\": \"\"\n}"}}},
};

const struct dialect *dialect_named(const char *name)
{
	for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
		if (strcmp(dialects[i].name, name) == 0)
			return &dialects[i];
	return NULL;
}

struct text dialect_body(
    const struct dialect *dialect, int status, struct arena *arena, const char **content_type)
{
	const char *mark = strstr(dialect->other, "%s");
	struct buffer out = buffer_start(arena);

	for (const struct dialect_body *row = dialect->bodies; row->status; row++)
		if (row->status == status) {
			*content_type = row->content_type;
			return text_of(row->body);
		}
	*content_type = dialect->other_content_type;
	buffer_add(&out, (struct text){dialect->other, (size_t)(mark - dialect->other)});
	buffer_add_string(&out, http_phrase(status));
	buffer_add_string(&out, mark + 2);
	return buffer_text(&out);
}
