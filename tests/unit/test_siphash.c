/* crypto/siphash: the vectors of its reference implementation (github.com/veorq/SipHash). */
#include "platform.h"
#include "unit/runner.h"

#include "crypto/siphash.h"

START_TEST(it_answers_the_published_vectors)
{
	/* the key is 00 01 .. 0f, the text 00 01 .. of each length */
	static const struct siphash_key key = {
	    UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};
	static const struct {
		size_t length;
		uint64_t hash;
	} rows[] = {
	    {0, UINT64_C(0x726fdb47dd0e0e31)},
	    {1, UINT64_C(0x74f839c593dc67fd)},
	    {2, UINT64_C(0x0d6c8009d9a94f5a)},
	    {3, UINT64_C(0x85676696d7fb7e2d)},
	    {7, UINT64_C(0xab0200f58b01d137)},
	    {8, UINT64_C(0x93f5f5799a932462)},
	    {15, UINT64_C(0xa129ca6149be45e5)},
	    {63, UINT64_C(0x958a324ceb064572)},
	};
	char text[64];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)i;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(siphash(&key, (struct text){text, rows[i].length}) == rows[i].hash,
		    "length %zu", rows[i].length);
	ck_assert_uint_eq(siphash(&key, (struct text){0}), rows[0].hash);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("siphash");
	TCase *tests = tcase_create("siphash");

	tcase_add_test(tests, it_answers_the_published_vectors);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
