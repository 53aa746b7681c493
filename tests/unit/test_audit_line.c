/* guard/audit_line: each format whole, and what a client's texts cannot do to it. */
#include "platform.h"
#include "unit/runner.h"

#include <string.h>

#include "cli/audit_parse.h"
#include "guard/audit_line.h"

#define NOW INT64_C(1795255200123000)

static const struct audit_entry whole = {
    .time_microseconds = NOW,
    .duration_microseconds = 4321,
    .request_id = {"0123456789abcdef", 16},
    .client_address = {"192.0.2.7", 9},
    .method = {"POST", 4},
    .path = {"/broadcasting/auth", 18},
    .origin = {"https://a.example", 17},
    .trace_id = {"0af7651916cd43dd8448eb211c80319c", 32},
    .parent_id = {"b7ad6b7169203331", 16},
    .action = "channel-auth",
    .endpoint = "/broadcasting/auth",
    .channel = {"private-a.1", 11},
    .credential = "sanctum",
    .token_id = {"17", 2},
    .user_id = {"42", 2},
    .rule = "/etc/castgate/a.conf:12",
    .verdict = {OUTCOME_NO_ROW, "one; two"},
    .mount = "apache-cgi",
    .deny = "NOT_A_PARTICIPANT",
    .connection = 99,
    .status = 403,
};

static const char *write_entry(
    struct arena *arena, enum config_audit_format format, const struct audit_entry *entry)
{
	struct buffer line = buffer_start(arena);
	struct text text;

	audit_line_decision(&line, format, entry);
	text = buffer_text(&line);
	ck_assert(text_present(text));
	ck_assert_uint_eq(strlen(text.data), text.length);
	return text.data;
}

/* Of one request, in any order, with what it may differ in: byte for byte what each would be by itself. */
START_TEST(lines_of_one_request_are_what_each_is_alone)
{
	struct audit_entry entries[] = {whole, whole, whole, whole, whole};
	struct arena *arena = arena_new(65536);

	entries[0].status = 503;
	entries[1].verdict = (struct verdict){OUTCOME_ALLOWED, NULL};
	entries[1].status = 200;
	entries[1].channel = (struct text){"private-\xff\n", 10};
	entries[1].duration_microseconds = 4400;
	entries[2].rule = NULL;
	entries[2].mount = entries[2].deny = NULL;
	entries[2].connection = 0;
	entries[3].status = 503;
	for (int format = CONFIG_AUDIT_ECS; format <= CONFIG_AUDIT_OCSF; format++) {
		struct buffer alone = buffer_start(arena);
		struct buffer together = buffer_start(arena);
		struct audit_alike alike = {0};

		for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
			audit_line_decision(&alone, (enum config_audit_format)format, &entries[i]);
			audit_line_another(
			    &together, (enum config_audit_format)format, &entries[i], &alike);
		}
		ck_assert_str_eq(buffer_text(&together).data, buffer_text(&alone).data);
		arena_wipe(arena);
	}
	arena_free(arena);
}
END_TEST

START_TEST(each_format_has_its_form)
{
	static const char *const lines[] = {
	    [CONFIG_AUDIT_ECS] =
	        "{\"@timestamp\":\"2026-11-21T10:00:00.123Z\",\"log.level\":\"info\","
	        "\"ecs.version\":\"9.4.0\",\"event.module\":\"castgate\","
	        "\"event.outcome\":\"failure\",\"event.reason\":\"no_row\","
	        "\"http.response.status_code\":403,\"event.duration\":4321000,"
	        "\"http.request.id\":\"0123456789abcdef\",\"client.ip\":\"192.0.2.7\","
	        "\"http.request.method\":\"POST\",\"url.path\":\"/broadcasting/auth\","
	        "\"castgate.origin\":\"https://a.example\","
	        "\"trace.id\":\"0af7651916cd43dd8448eb211c80319c\","
	        "\"span.id\":\"b7ad6b7169203331\","
	        "\"castgate.endpoint\":\"/broadcasting/auth\","
	        "\"castgate.channel\":\"private-a.1\","
	        "\"castgate.rule\":\"/etc/castgate/a.conf:12\","
	        "\"castgate.credential\":\"sanctum\",\"castgate.token_id\":\"17\","
	        "\"user.id\":\"42\",\"castgate.detail\":\"one; two\","
	        "\"castgate.mount\":\"apache-cgi\","
	        "\"castgate.deny\":\"NOT_A_PARTICIPANT\",\"castgate.connection_id\":99,"
	        "\"message\":\"The rule's statement found no row.\"}\n",
	    [CONFIG_AUDIT_KEYVALUE] =
	        "@timestamp=2026-11-21T10:00:00.123Z log.level=info ecs.version=9.4.0 "
	        "event.module=castgate event.outcome=failure event.reason=no_row "
	        "http.response.status_code=403 event.duration=4321000 "
	        "http.request.id=0123456789abcdef client.ip=192.0.2.7 "
	        "http.request.method=POST url.path=/broadcasting/auth "
	        "castgate.origin=https://a.example "
	        "trace.id=0af7651916cd43dd8448eb211c80319c span.id=b7ad6b7169203331 "
	        "castgate.endpoint=/broadcasting/auth castgate.channel=private-a.1 "
	        "castgate.rule=/etc/castgate/a.conf:12 castgate.credential=sanctum "
	        "castgate.token_id=17 user.id=42 castgate.detail=\"one; two\" "
	        "castgate.mount=apache-cgi "
	        "castgate.deny=NOT_A_PARTICIPANT castgate.connection_id=99 "
	        "message=\"The rule's statement found no row.\"\n",
	    [CONFIG_AUDIT_OCSF] =
	        "{\"time\":1795255200123,\"category_uid\":6,\"class_uid\":6003,"
	        "\"activity_id\":99,\"activity_name\":\"Authorize\",\"type_uid\":600399,"
	        "\"status_id\":2,\"action_id\":2,\"disposition_id\":2,\"severity_id\":1,"
	        "\"status_code\":\"no_row\",\"http_response\":{\"code\":403,\"latency\":4},"
	        "\"src_endpoint\":{\"ip\":\"192.0.2.7\"},"
	        "\"metadata\":{\"version\":\"1.8.0\",\"product\":{\"name\":\"castgate\","
	        "\"vendor_name\":\"castgate\",\"version\":\"" PACKAGE_VERSION "\"},"
	        "\"profiles\":[\"security_control\",\"trace\"]},"
	        "\"http_request\":{\"uid\":\"0123456789abcdef\",\"http_method\":\"POST\","
	        "\"url\":{\"path\":\"/broadcasting/auth\"}},"
	        "\"actor\":{\"user\":{\"uid\":\"42\",\"credential_uid\":\"17\"}},"
	        "\"api\":{\"operation\":\"channel-auth\","
	        "\"service\":{\"name\":\"/broadcasting/auth\"}},"
	        "\"resources\":[{\"type\":\"channel\",\"name\":\"private-a.1\"}],"
	        "\"policy\":{\"name\":\"/etc/castgate/a.conf:12\"},"
	        "\"trace\":{\"uid\":\"0af7651916cd43dd8448eb211c80319c\"},"
	        "\"message\":\"The rule's statement found no row.\","
	        "\"unmapped\":{\"event.duration\":4321000,\"http.request.method\":\"POST\","
	        "\"castgate.origin\":\"https://a.example\",\"span.id\":\"b7ad6b7169203331\","
	        "\"castgate.credential\":\"sanctum\",\"castgate.detail\":\"one; two\","
	        "\"castgate.mount\":\"apache-cgi\","
	        "\"castgate.deny\":\"NOT_A_PARTICIPANT\",\"castgate.connection_id\":99}}\n",
	};
	struct arena *arena = arena_new(65536);

	for (int i = 0; i < 3; i++)
		ck_assert_str_eq(write_entry(arena, (enum config_audit_format)i, &whole), lines[i]);
	arena_free(arena);
}
END_TEST

/* http_method is an enumeration; unmapped has what was sent. */
START_TEST(a_method_that_the_schema_does_not_know_is_left_out)
{
	static const struct text methods[] = {TEXT("GET"), TEXT("TRACE"), TEXT("BREW"), TEXT(""),
	    TEXT("GE"), TEXT("GET HEAD"), TEXT(" GET"), TEXT("get"), TEXT("CONNECT DELETE")};
	struct arena *arena = arena_new(65536);

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		struct audit_entry entry = whole;
		const char *line;

		entry.method = methods[i];
		line = write_entry(arena, CONFIG_AUDIT_OCSF, &entry);
		ck_assert_msg((strstr(line, "\"http_method\"") != NULL) == (i < 2), "%s", line);
	}
	arena_free(arena);
}
END_TEST

/* What a client could send to make one line look like two, or one value like another. */
static const struct text hostile[] = {
    TEXT("a b"),
    TEXT("a=b"),
    TEXT("\" event.reason=allowed"),
    TEXT("x event.reason=allowed"),
    TEXT("\\\" event.reason=allowed"),
    TEXT("\n@timestamp=2026-11-21T10:00:00.123Z event.reason=allowed http.request.id=1"),
    TEXT("{\"event.reason\":\"allowed\",\"http.request.id\":\"1\"}"),
    TEXT("\",\"event.reason\":\"allowed\",\"x\":\""),
    TEXT("\r\v\f\b\t"),
    TEXT("\x1b[2J\x7f"),
    TEXT("\xc2\x85\xe2\x80\xa8\xe2\x80\xae"),
    TEXT("'"),
    TEXT("`$(x)"),
    TEXT(""),
    TEXT("\xc3\xbc"),
};

static void assert_one_line(const char *line)
{
	size_t length = strlen(line);
	bool is_one = length > 0 && line[length - 1] == '\n';

	for (size_t i = 0; i + 1 < length; i++)
		is_one = is_one && (unsigned char)line[i] >= ' ' && line[i] != 0x7f &&
		         line[i] != '\xe2' &&
		         (line[i] != '\xc2' || (unsigned char)line[i + 1] > 0x9f);
	ck_assert_msg(is_one, "%s", line);
}

START_TEST(texts_come_back_whole_from_every_format)
{
	struct arena *arena = arena_new(1 << 20);

	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++)
		for (int format = 0; format < 3; format++) {
			struct audit_entry entry = whole;
			struct audit_line line;
			const char *text;

			entry.path = hostile[i];
			entry.channel = hostile[i];
			entry.user_id = hostile[i];
			entry.token_id = hostile[i];
			text = write_entry(arena, (enum config_audit_format)format, &entry);
			assert_one_line(text);
			ck_assert_msg(audit_parse(text_of(text), arena, &line), "%s", text);
			assert_text(line.time, "2026-11-21T10:00:00.123Z");
			assert_text(line.reason, "no_row");
			assert_text(line.request_id, "0123456789abcdef");
			assert_text(line.trace_id, "0af7651916cd43dd8448eb211c80319c");
			assert_text(line.client, "192.0.2.7");
			assert_text(line.endpoint, "/broadcasting/auth");
			assert_text(line.rule, "/etc/castgate/a.conf:12");
			assert_text(line.credential, "sanctum");
			assert_text(line.detail, "one; two");
			assert_text(line.mount, "apache-cgi");
			assert_text(line.deny, "NOT_A_PARTICIPANT");
			ck_assert_int_eq(line.status, 403);
			ck_assert_int_eq(line.connection, 99);
			assert_text(line.method, "POST");
			assert_text(line.path, hostile[i].data);
			assert_text(line.channel, hostile[i].data);
			assert_text(line.user, hostile[i].data);
			assert_text(line.token_id, hostile[i].data);
		}
	arena_free(arena);
}
END_TEST

/* Every byte in some places of a short text: only what needs it is written otherwise. */
START_TEST(each_byte_is_escaped_or_itself_wherever_it_stands)
{
	struct arena *arena = arena_new(16384);

	for (int byte = 1; byte < 0x80; byte++)
		for (size_t at = 0; at < 17; at += 4) {
			char quoted[] = "\"abcdefghijklmnopq\"";
			struct text text = {quoted + 1, 17};
			struct audit_entry entry = whole;
			struct audit_line line;
			const char *written;
			bool plain = byte >= ' ' && byte <= '~' && byte != '"' && byte != '\\';

			quoted[1 + at] = (char)byte;
			entry.channel = text;
			written = write_entry(arena, CONFIG_AUDIT_ECS, &entry);
			ck_assert_msg((strstr(written, quoted) != NULL) == plain, "%s", written);
			assert_one_line(written);
			if (!plain) {
				ck_assert(audit_parse(text_of(written), arena, &line));
				ck_assert(text_equal(line.channel, text));
			}
			arena_wipe(arena);
		}
	arena_free(arena);
}
END_TEST

START_TEST(what_is_no_text_is_shown_in_hexadecimal)
{
	struct arena *arena = arena_new(65536);
	struct audit_entry entry = whole;

	entry.channel = TEXT("a\xff\n");
	for (int format = 0; format < 3; format++) {
		const char *line = write_entry(arena, (enum config_audit_format)format, &entry);

		assert_one_line(line);
		ck_assert_ptr_nonnull(strstr(line, "\"hex:61ff0a\""));
	}
	arena_free(arena);
}
END_TEST

START_TEST(a_request_of_which_nothing_is_known_has_a_line)
{
	static const struct audit_entry nothing = {
	    .time_microseconds = NOW, .request_id = {"1", 1}, .status = 400};
	struct arena *arena = arena_new(65536);

	for (int format = 0; format < 3; format++) {
		struct audit_line line;

		ck_assert(audit_parse(
		    text_of(write_entry(arena, (enum config_audit_format)format, &nothing)), arena,
		    &line));
		assert_text(line.reason, "undecided");
		ck_assert(!text_present(line.client) && !text_present(line.user));
		ck_assert(!text_present(line.trace_id) && line.connection == 0);
	}
	arena_free(arena);
}
END_TEST

START_TEST(marks_of_others_before_a_line_are_passed_over)
{
	static const char *const marks[] = {
	    "", "Nov 21 10:00:00 host castgate[12]: ", "[Sat Nov 21 10:00:00 2026] [fcgid:warn] "};
	struct arena *arena = arena_new(1 << 20);

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		for (int format = 0; format < 3; format++) {
			struct audit_line line;
			const char *text = arena_printf(arena, "%s%s", marks[i],
			    write_entry(arena, (enum config_audit_format)format, &whole));

			ck_assert(audit_parse(text_of(text), arena, &line));
			assert_text(line.user, "42");
		}
	arena_free(arena);
}
END_TEST

START_TEST(what_is_no_decision_is_not_read)
{
	static const char *const lines[] = {"", "{", "{}", "{\"event.reason\":\"no_row\"}",
	    "@timestamp=", "@timestamp=1 event.reason=no_row", "@timestamp=1 event.reason=\"no_row",
	    "@timestamp=1 =x = = event.reason=a http.request.id=1 http.request.id=2",
	    "{\"class_uid\":6003,\"status_code\":\"no_row\",\"http_request\":[]}",
	    "{\"class_uid\":6003,\"status_code\":\"no_row\",\"http_request\":{\"uid\":7}}"};
	struct arena *arena = arena_new(1 << 20);

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct audit_line line;

		ck_assert_msg(!audit_parse(text_of(lines[i]), arena, &line), "%s", lines[i]);
	}
	arena_free(arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("guard");
	TCase *tests = tcase_create("audit_line");

	tcase_add_test(tests, each_format_has_its_form);
	tcase_add_test(tests, lines_of_one_request_are_what_each_is_alone);
	tcase_add_test(tests, a_method_that_the_schema_does_not_know_is_left_out);
	tcase_add_test(tests, texts_come_back_whole_from_every_format);
	tcase_add_test(tests, each_byte_is_escaped_or_itself_wherever_it_stands);
	tcase_add_test(tests, what_is_no_text_is_shown_in_hexadecimal);
	tcase_add_test(tests, a_request_of_which_nothing_is_known_has_a_line);
	tcase_add_test(tests, marks_of_others_before_a_line_are_passed_over);
	tcase_add_test(tests, what_is_no_decision_is_not_read);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
