/* codec/websocket_frame: the examples of RFC 6455 and every way to get a frame wrong. */
#include "platform.h"
#include "unit/runner.h"

#include <stdlib.h>
#include <string.h>

#include "codec/websocket_frame.h"
#include "crypto/websocket_key.h"

#define LIMIT 70000

START_TEST(whole_frames_are_read_at_their_last_byte)
{
	static const struct {
		struct text bytes;
		enum websocket_opcode opcode;
		bool is_last;
		const char *payload;
	} rows[] = {
	    /* RFC 6455, section 5.7 */
	    {TEXT("\x81\x05Hello"), WEBSOCKET_TEXT, true, "Hello"},
	    {TEXT("\x01\x03Hel"), WEBSOCKET_TEXT, false, "Hel"},
	    {TEXT("\x80\x02lo"), WEBSOCKET_CONTINUATION, true, "lo"},
	    {TEXT("\x89\x05Hello"), WEBSOCKET_PING, true, "Hello"},
	    {TEXT("\x8a\x00"), WEBSOCKET_PONG, true, ""},
	    {TEXT("\x88\x02\x03\xe8"), WEBSOCKET_CLOSE, true, "\x03\xe8"},
	    {TEXT("\x82\x01x"), WEBSOCKET_BINARY, true, "x"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct websocket_frame frame;
		const char *problem;

		for (size_t length = 0; length < rows[i].bytes.length; length++) {
			struct text start = {rows[i].bytes.data, length};

			ck_assert_msg(websocket_frame_read(start, LIMIT, &frame, &problem) ==
			                  WEBSOCKET_INCOMPLETE,
			    "row %zu at %zu", i, length);
			ck_assert(!problem && !text_present(frame.payload));
		}
		ck_assert_int_eq(
		    websocket_frame_read(rows[i].bytes, LIMIT, &frame, &problem), WEBSOCKET_WHOLE);
		ck_assert_int_eq(frame.opcode, rows[i].opcode);
		ck_assert_int_eq(frame.is_last, rows[i].is_last);
		ck_assert_uint_eq(frame.length, rows[i].bytes.length);
		assert_text(frame.payload, rows[i].payload);
	}
}
END_TEST

START_TEST(broken_frames_say_why)
{
	static const struct {
		struct text bytes;
		const char *problem;
	} rows[] = {
	    {TEXT("\xc1"), "A frame uses bits that were not agreed on."},
	    {TEXT("\x91\x00"), "A frame uses bits that were not agreed on."},
	    {TEXT("\x83"), "A frame is of an unknown kind."},
	    {TEXT("\x87"), "A frame is of an unknown kind."},
	    {TEXT("\x8b"), "A frame is of an unknown kind."},
	    {TEXT("\x09"), "A control frame comes in pieces."},
	    {TEXT("\x08\x00"), "A control frame comes in pieces."},
	    {TEXT("\x89\x7e"), "A control frame is too long."},
	    {TEXT("\x81\x85"), "A frame is masked, which only clients do."},
	    {TEXT("\x81\x7e\x00\x7d"), "A length is written in more bytes than it needs."},
	    {TEXT("\x81\x7f\x00\x00\x00\x00\x00\x00\xff\xff"),
	        "A length is written in more bytes than it needs."},
	    {TEXT("\x81\x7f\x00\x00\x00\x00\x00\x01\x11\x71"), "A frame is too long."},
	    {TEXT("\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff"), "A frame is too long."},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct websocket_frame frame;
		const char *problem;

		ck_assert_msg(websocket_frame_read(rows[i].bytes, LIMIT, &frame, &problem) ==
		                  WEBSOCKET_BROKEN,
		    "row %zu", i);
		ck_assert_str_eq(problem, rows[i].problem);
		ck_assert(frame.length == 0);
	}
}
END_TEST

START_TEST(a_clients_frames_are_masked)
{
	static const unsigned char mask[WEBSOCKET_MASK_BYTES] = {0x37, 0xfa, 0x21, 0x3d};
	struct arena *arena = arena_new(1024);

	/* RFC 6455, section 5.7 */
	assert_text(websocket_frame_write(WEBSOCKET_TEXT, TEXT("Hello"), mask, arena),
	    "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
	ck_assert(!text_present(
	    websocket_frame_write(WEBSOCKET_TEXT, (struct text){"x", SIZE_MAX}, mask, arena)));
	arena_free(arena);
}
END_TEST

START_TEST(lengths_take_as_few_bytes_as_they_need)
{
	static const unsigned char mask[WEBSOCKET_MASK_BYTES] = {0};
	static const size_t lengths[] = {0, 1, 125, 126, 127, 65535, 65536, LIMIT};
	struct arena *arena = arena_new(1024 * 1024);
	char *bytes = calloc(1, LIMIT);

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct text payload = {bytes, lengths[i]};
		struct text frame = websocket_frame_write(WEBSOCKET_TEXT, payload, mask, arena);
		char *server = arena_copy(arena, frame.data, frame.length);
		size_t head = frame.length - payload.length - WEBSOCKET_MASK_BYTES;
		struct websocket_frame read;
		const char *problem;

		/* what a server would send: without mask */
		server[1] = (char)((unsigned char)server[1] & 0x7f);
		memmove(server + head, server + head + WEBSOCKET_MASK_BYTES, payload.length);
		ck_assert_int_eq(websocket_frame_read((struct text){server, head + payload.length},
		                     LIMIT, &read, &problem),
		    WEBSOCKET_WHOLE);
		ck_assert_uint_eq(read.payload.length, lengths[i]);
		ck_assert_uint_eq(head, lengths[i] < 126 ? 2u : lengths[i] < 65536 ? 4u : 10u);
	}
	free(bytes);
	arena_free(arena);
}
END_TEST

START_TEST(a_good_bye_has_a_code_and_a_reason)
{
	static const struct {
		struct text payload;
		bool good;
		unsigned code;
		const char *reason;
	} rows[] = {
	    {TEXT(""), true, 1005, ""},
	    {TEXT("\x03\xe8"), true, 1000, ""},
	    {TEXT("\x0f\xa1No such app"), true, 4001, "No such app"},
	    {TEXT("\x03"), false, 0, NULL},
	    {TEXT("\x03\xe7"), false, 0, NULL}, /* 999 */
	    {TEXT("\x03\xec"), false, 0, NULL}, /* 1004 */
	    {TEXT("\x03\xed"), false, 0, NULL}, /* 1005 */
	    {TEXT("\x03\xee"), false, 0, NULL}, /* 1006 */
	    {TEXT("\x03\xf7"), false, 0, NULL}, /* 1015 */
	    {TEXT("\x0b\xb7"), false, 0, NULL}, /* 2999 */
	    {TEXT("\x13\x88"), false, 0, NULL}, /* 5000 */
	    {TEXT("\x03\xe8\xff"), false, 0, NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text reason;
		unsigned code;

		ck_assert_msg(websocket_close_read(rows[i].payload, &code, &reason) == rows[i].good,
		    "row %zu", i);
		if (!rows[i].good)
			continue;
		ck_assert_uint_eq(code, rows[i].code);
		assert_text(reason, rows[i].reason);
	}
}
END_TEST

START_TEST(the_answer_to_a_key)
{
	struct arena *arena = arena_new(1024);
	struct text one = websocket_key(arena);
	struct text other = websocket_key(arena);

	/* RFC 6455, section 1.3 */
	assert_text(websocket_accept(TEXT("dGhlIHNhbXBsZSBub25jZQ=="), arena),
	    "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	ck_assert(one.length == 24 && other.length == 24 && !text_equal(one, other));
	arena_free(arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("websocket_frame");
	TCase *tc = tcase_create("all");

	tcase_add_test(tc, whole_frames_are_read_at_their_last_byte);
	tcase_add_test(tc, broken_frames_say_why);
	tcase_add_test(tc, a_clients_frames_are_masked);
	tcase_add_test(tc, lengths_take_as_few_bytes_as_they_need);
	tcase_add_test(tc, a_good_bye_has_a_code_and_a_reason);
	tcase_add_test(tc, the_answer_to_a_key);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
