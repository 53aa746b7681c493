/* codec/trace_context: the cases of the specification and of its test suite. */
#include "platform.h"
#include "unit/runner.h"

#include "codec/trace_context.h"

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"
#define GOOD TRACE "-" SPAN

START_TEST(a_header_is_read_strictly)
{
	static const struct {
		struct text header;
		bool read;
	} rows[] = {
	    {TEXT("00-" GOOD "-01"), true},
	    {TEXT("00-" GOOD "-00"), true},
	    {TEXT("00-" GOOD "-ff"), true},
	    {TEXT(" \t00-" GOOD "-01\t "), true},
	    {TEXT("cc-" GOOD "-01"), true},
	    {TEXT("cc-" GOOD "-01-what-the-future-will-be-like"), true},
	    {TEXT("01-" GOOD "-01-"), true},
	    {TEXT("cc-" GOOD "-01.what-the-future-will-be-like"), false},
	    {TEXT("00-" GOOD "-01."), false},
	    {TEXT("00-" GOOD "-01-what-the-future-will-be-like"), false},
	    {TEXT("00-" GOOD "-01-"), false},
	    {TEXT("ff-" GOOD "-01"), false},
	    {TEXT(".0-" GOOD "-01"), false},
	    {TEXT("000-" GOOD "-01"), false},
	    {TEXT("0-" GOOD "-01"), false},
	    {TEXT("0A-" GOOD "-01"), false},
	    {TEXT("00-00000000000000000000000000000000-" SPAN "-01"), false},
	    {TEXT("00-" TRACE "-0000000000000000-01"), false},
	    {TEXT("00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01"), false},
	    {TEXT("00-" TRACE "-B7AD6B7169203331-01"), false},
	    {TEXT("00-0af7651916cd43dd8448eb211c80319.-" SPAN "-01"), false},
	    {TEXT("00-" TRACE "0-" SPAN "-01"), false},
	    {TEXT("00-0af7651916cd43dd8448eb211c80319-" SPAN "-01"), false},
	    {TEXT("00-" TRACE "-" SPAN "0-01"), false},
	    {TEXT("00-" TRACE "-b7ad6b716920333-01"), false},
	    {TEXT("00-" TRACE "-" SPAN "-.0"), false},
	    {TEXT("00-" TRACE "-" SPAN "-001"), false},
	    {TEXT("00-" TRACE "-" SPAN "-1"), false},
	    {TEXT("00-" TRACE "-" SPAN "-0A"), false},
	    {TEXT("00-" TRACE "-" SPAN "-"), false},
	    {TEXT("00-" TRACE "-" SPAN), false},
	    {TEXT("00-" TRACE "_" SPAN "-01"), false},
	    {TEXT("00-" GOOD "-01\0"), false},
	    {TEXT("00-" GOOD "-01, 00-" GOOD "-01"), false}, /* two headers, joined */
	    {TEXT("00"), false},
	    {TEXT(""), false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct trace_context context;

		ck_assert_msg(trace_context_read(rows[i].header, &context) == rows[i].read, "%s",
		    rows[i].header.data);
		ck_assert_int_eq(text_present(context.trace_id), rows[i].read);
		ck_assert_int_eq(text_present(context.parent_id), rows[i].read);
		if (!rows[i].read)
			continue;
		assert_text(context.trace_id, TRACE);
		assert_text(context.parent_id, SPAN);
	}
}
END_TEST

START_TEST(an_absent_header_names_no_trace)
{
	struct trace_context context;

	ck_assert(!trace_context_read((struct text){0}, &context));
	ck_assert(!text_present(context.trace_id));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("codec");
	TCase *tests = tcase_create("trace_context");

	tcase_add_test(tests, a_header_is_read_strictly);
	tcase_add_test(tests, an_absent_header_names_no_trace);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
