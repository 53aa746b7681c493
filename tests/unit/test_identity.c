/* credential/credential: what an identity's values are called. */
#include "platform.h"
#include "unit/runner.h"

#include "credential/credential.h"

START_TEST(values_have_names)
{
	struct named_value values[] = {
	    {TEXT("name"), {VALUE_TEXT, TEXT("Ann")}},
	    {TEXT("phone"), {VALUE_NONE, {NULL, 0}}},
	};
	struct identity identity = {.id = {VALUE_INTEGER, TEXT("7")},
	    .values = values,
	    .value_count = 2,
	    .token_id = TEXT("t1")};

	assert_text(identity_value(&identity, TEXT("")).text, "7");
	assert_text(identity_value(&identity, TEXT("name")).text, "Ann");
	assert_text(identity_value(&identity, TEXT("session_id")).text, "t1");
	ck_assert_int_eq(identity_value(&identity, TEXT("phone")).kind, VALUE_NONE);
	ck_assert_int_eq(identity_value(&identity, TEXT("Name")).kind, VALUE_NONE);
	ck_assert_int_eq(identity_value(&identity, TEXT("id")).kind, VALUE_NONE);
	/* a value of the name comes first */
	values[0].name = TEXT("session_id");
	assert_text(identity_value(&identity, TEXT("session_id")).text, "Ann");
}
END_TEST

START_TEST(zeroed_memory_has_none)
{
	struct identity identity = {0};

	ck_assert_int_eq(identity_value(&identity, TEXT("")).kind, VALUE_NONE);
	ck_assert_int_eq(identity_value(&identity, TEXT("session_id")).kind, VALUE_NONE);
	ck_assert_int_eq(identity.carrier, CARRIER_COOKIE);
}
END_TEST

START_TEST(an_empty_chain_proves_nothing)
{
	struct arena *arena = arena_new(10000);
	struct exchange exchange = {0};
	struct request request = {.exchange = &exchange};
	struct identity identity = {.id = {VALUE_INTEGER, TEXT("7")}};
	struct verdict verdict = credential_chain_prove(NULL, 0, &request, arena, &identity, NULL);

	ck_assert_int_eq(verdict.outcome, OUTCOME_CREDENTIAL_MISSING);
	ck_assert_int_eq(identity.id.kind, VALUE_NONE);
	ck_assert(!credential_chain_presented(NULL, 0, &request));
	arena_free(arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("identity");
	TCase *tests = tcase_create("identity");

	suite_add_tcase(suite, tests);
	tcase_add_test(tests, values_have_names);
	tcase_add_test(tests, zeroed_memory_has_none);
	tcase_add_test(tests, an_empty_chain_proves_nothing);
	return run_suite(suite);
}
