/* crypto/openssl_start: a lean start reads no configuration, and what castgate computes stays the same. */
#include "platform.h"
#include "unit/runner.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "codec/base64.h"
#include "crypto/digest.h"
#include "crypto/openssl_start.h"

/* With this file OpenSSL finds no SHA-256 at all: it insists on a provider that is not there. */
static const char nothing_fits[] = "openssl_conf = top\n"
                                   "[top]\n"
                                   "alg_section = algorithms\n"
                                   "[algorithms]\n"
                                   "default_properties = provider=none\n";

static void point_to_configuration(void)
{
	char path[] = "/tmp/castgate-openssl-XXXXXX";
	int fd = mkstemp(path);
	ssize_t length = (ssize_t)sizeof(nothing_fits) - 1;

	ck_assert(fd >= 0 && write(fd, nothing_fits, sizeof(nothing_fits) - 1) == length);
	close(fd);
	ck_assert(setenv("OPENSSL_CONF", path, 1) == 0);
}

static bool computes_well(void)
{
	static const struct text abc = {"abc", 3};
	/* RFC 4231, test case 2 */
	static const struct text secret = {"Jefe", 4};
	static const struct text message = {"what do ya want for nothing?", 28};
	struct hmac_key *key = hmac_key_new(secret);
	unsigned char digest[SHA256_BYTES];
	unsigned char signature[SHA256_BYTES];
	char digest_hex[SHA256_HEX_BYTES];
	char signature_hex[SHA256_HEX_BYTES];
	bool good = sha256(&abc, 1, digest) && hmac_sign(key, &message, 1, signature);

	hmac_key_free(key);
	hex_encode(digest, sizeof(digest), digest_hex);
	hex_encode(signature, sizeof(signature), signature_hex);
	return good &&
	       text_is(text_of(digest_hex),
	           "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") &&
	       text_is(text_of(signature_hex),
	           "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

/* OpenSSL starts once in a process, so each case has one of its own. */
static bool computes_well_elsewhere(bool lean)
{
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		if (lean)
			openssl_start_lean();
		_exit(computes_well() ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	ck_assert(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status));
	return WEXITSTATUS(status) == EXIT_SUCCESS;
}

START_TEST(the_same_is_computed)
{
	ck_assert(computes_well_elsewhere(true));
	ck_assert(computes_well_elsewhere(false));
}
END_TEST

START_TEST(a_lean_start_reads_no_configuration)
{
	point_to_configuration();
	ck_assert(computes_well_elsewhere(true));
	ck_assert_msg(!computes_well_elsewhere(false), "the configuration was to break OpenSSL");
	ck_assert(unlink(getenv("OPENSSL_CONF")) == 0 && unsetenv("OPENSSL_CONF") == 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("openssl_start");
	TCase *tests = tcase_create("openssl_start");

	tcase_add_test(tests, the_same_is_computed);
	tcase_add_test(tests, a_lean_start_reads_no_configuration);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
