/* crypto/digest: published answers, and what happens when something is missing. */
#include "platform.h"
#include "unit/runner.h"

#include <string.h>

#include "codec/base64.h"
#include "crypto/digest.h"

static const unsigned char zeros[SHA256_BYTES];

static void assert_hex(const unsigned char *bytes, const char *wanted)
{
	char hex[SHA256_HEX_BYTES];

	hex_encode(bytes, SHA256_BYTES, hex);
	ck_assert_str_eq(hex, wanted);
}

/* FIPS 180-4 examples; the parts are hashed as one text wherever they are cut. */
START_TEST(sha256_gives_the_published_answers)
{
	static const struct {
		struct text parts[3];
		size_t count;
		const char *hex;
	} rows[] = {
	    {{{0}}, 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	    {{{0}, {"", 0}}, 2, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	    {{{"abc", 3}}, 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	    {{{"a", 1}, {NULL, 0}, {"bc", 2}}, 3,
	        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	    {{{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56}}, 1,
	        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	};
	struct hasher *hasher = hasher_new();
	unsigned char out[SHA256_BYTES];

	ck_assert_ptr_nonnull(hasher);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert(sha256(rows[i].parts, rows[i].count, out));
		assert_hex(out, rows[i].hex);
		for (int again = 0; again < 2; again++) {
			memset(out, 0, sizeof(out));
			ck_assert(hasher_sha256(hasher, rows[i].parts, rows[i].count, out));
			assert_hex(out, rows[i].hex);
		}
		ck_assert(hasher_sha256(NULL, rows[i].parts, rows[i].count, out));
		assert_hex(out, rows[i].hex);
	}
	hasher_free(hasher);
	hasher_free(NULL);
}
END_TEST

/* RFC 4231 (cases 1 to 4, 6, 7), and an empty key over an empty message. */
START_TEST(hmac_gives_the_published_answers)
{
	char key1[20];
	char key3[20];
	char data3[50];
	char data4[50];
	char key6[131];
	const struct {
		struct text key;
		struct text data;
		const char *hex;
	} rows[] = {
	    {{key1, 20}, TEXT("Hi There"),
	        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
	    {TEXT("Jefe"), TEXT("what do ya want for nothing?"),
	        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	    {{key3, 20}, {data3, 50},
	        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
	    {TEXT("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14"
	          "\x15\x16\x17\x18\x19"),
	        {data4, 50}, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
	    {{key6, 131}, TEXT("Test Using Larger Than Block-Size Key - Hash Key First"),
	        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
	    {{key6, 131},
	        TEXT("This is a test using a larger than block-size key and a larger than "
	             "block-size "
	             "data. The key needs to be hashed before being used by the HMAC algorithm."),
	        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
	    {TEXT(""), TEXT(""),
	        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
	};
	unsigned char out[SHA256_BYTES];

	memset(key1, 0x0b, sizeof(key1));
	memset(key3, 0xaa, sizeof(key3));
	memset(data3, 0xdd, sizeof(data3));
	memset(data4, 0xcd, sizeof(data4));
	memset(key6, 0xaa, sizeof(key6));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hmac_key *key = hmac_key_new(rows[i].key);
		struct text halves[2] = {{rows[i].data.data, rows[i].data.length / 2},
		    text_skip(rows[i].data, rows[i].data.length / 2)};

		ck_assert_ptr_nonnull(key);
		for (int again = 0; again < 3; again++) {
			ck_assert(hmac_sign(key, &rows[i].data, 1, out));
			assert_hex(out, rows[i].hex);
			ck_assert(hmac_sign(key, halves, 2, out));
			assert_hex(out, rows[i].hex);
		}
		hmac_key_free(key);
	}
}
END_TEST

START_TEST(no_key_means_no_signature)
{
	unsigned char out[SHA256_BYTES];
	struct text part = TEXT("x");

	ck_assert_ptr_null(hmac_key_new((struct text){0}));
	memset(out, 1, sizeof(out));
	ck_assert(!hmac_sign(NULL, &part, 1, out));
	ck_assert_mem_eq(out, zeros, sizeof(out));
	hmac_key_free(NULL);
}
END_TEST

START_TEST(two_keys_do_not_mix)
{
	struct hmac_key *one = hmac_key_new(TEXT("one"));
	struct hmac_key *two = hmac_key_new(TEXT("two"));
	struct text part = TEXT("message");
	unsigned char first[SHA256_BYTES];
	unsigned char other[SHA256_BYTES];
	unsigned char again[SHA256_BYTES];

	ck_assert(hmac_sign(one, &part, 1, first));
	ck_assert(hmac_sign(two, &part, 1, other));
	hmac_key_free(two);
	ck_assert(hmac_sign(one, &part, 1, again));
	ck_assert_mem_eq(first, again, sizeof(first));
	ck_assert_mem_ne(first, other, sizeof(first));
	hmac_key_free(one);
}
END_TEST

START_TEST(secrets_are_equal_only_when_every_byte_is)
{
	static const struct {
		struct text a;
		struct text b;
		bool equal;
	} rows[] = {
	    {{"abc", 3}, {"abc", 3}, true},
	    {{"a\0c", 3}, {"a\0c", 3}, true},
	    {{"a\0c", 3}, {"a\0d", 3}, false},
	    {{"abc", 3}, {"abd", 3}, false},
	    {{"abc", 3}, {"xbc", 3}, false},
	    {{"abc", 3}, {"ABC", 3}, false},
	    {{"abc", 3}, {"abcd", 4}, false},
	    {{"abc", 3}, {"ab", 2}, false},
	    {{"", 0}, {"", 0}, false},
	    {{NULL, 0}, {NULL, 0}, false},
	    {{NULL, 0}, {"", 0}, false},
	    {{"abc", 3}, {NULL, 3}, false},
	    {{NULL, 3}, {"abc", 3}, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(secret_equal(rows[i].a, rows[i].b) == rows[i].equal, "row %zu", i);
}
END_TEST

START_TEST(random_bytes_fill_what_was_asked_for)
{
	unsigned char bytes[1024] = {0};
	unsigned char other[1024] = {0};
	size_t seen = 0;

	ck_assert(random_bytes(bytes, 0));
	ck_assert_mem_eq(bytes, other, sizeof(bytes));
	ck_assert(random_bytes(bytes, sizeof(bytes) - 1));
	ck_assert_uint_eq(bytes[sizeof(bytes) - 1], 0);
	for (size_t i = 0; i < sizeof(bytes); i++)
		seen += bytes[i] != 0;
	ck_assert_uint_gt(seen, 900); /* fails by chance once in 10^100 runs */
	ck_assert(random_bytes(other, sizeof(other)));
	ck_assert_mem_ne(bytes, other, sizeof(bytes));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("digest");
	TCase *tests = tcase_create("digest");

	tcase_add_test(tests, sha256_gives_the_published_answers);
	tcase_add_test(tests, hmac_gives_the_published_answers);
	tcase_add_test(tests, no_key_means_no_signature);
	tcase_add_test(tests, two_keys_do_not_mix);
	tcase_add_test(tests, secrets_are_equal_only_when_every_byte_is);
	tcase_add_test(tests, random_bytes_fill_what_was_asked_for);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
