/* crypto/https_reply: the body is the end of the reply and as long as announced; a reply that is whole
 * is so at its last byte and not before, and one that is broken stays broken. */
#include "platform.h"
#include "fuzz.h"

#include <string.h>

#include "crypto/https_reply.h"

static void check_result(
    struct text reply, enum https_reply result, struct text body, const char *problem)
{
	FUZZ_REQUIRE((result == HTTPS_REPLY_BROKEN) == (problem != NULL));
	FUZZ_REQUIRE((result == HTTPS_REPLY_COMPLETE) == text_present(body));
	if (result != HTTPS_REPLY_COMPLETE)
		return;
	FUZZ_REQUIRE(body.data + body.length == reply.data + reply.length);
	FUZZ_REQUIRE(text_starts_with(reply, "HTTP/1.") && memcmp(reply.data + 8, " 200", 4) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text whole = fuzz_text(data, size);
	enum https_reply before = HTTPS_REPLY_INCOMPLETE;

	for (size_t length = 0; length <= size && length <= 2000; length++) {
		struct text reply = {whole.data, length};
		struct text body;
		const char *problem;
		enum https_reply result = https_reply_read(reply, false, &body, &problem);
		enum https_reply ended;

		check_result(reply, result, body, problem);
		FUZZ_REQUIRE(before != HTTPS_REPLY_BROKEN || result == HTTPS_REPLY_BROKEN);
		FUZZ_REQUIRE(before != HTTPS_REPLY_COMPLETE || result == HTTPS_REPLY_BROKEN);
		before = result;
		ended = https_reply_read(reply, true, &body, &problem);
		check_result(reply, ended, body, problem);
		FUZZ_REQUIRE(ended != HTTPS_REPLY_INCOMPLETE);
		FUZZ_REQUIRE(result == HTTPS_REPLY_INCOMPLETE || ended == result);
	}
	return 0;
}
