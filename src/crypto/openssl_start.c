/* Each part of OpenSSL's own start is done once; saying no first is that once. */
#include "platform.h"
#include "crypto/openssl_start.h"

#include <openssl/crypto.h>

void openssl_start_lean(void)
{
	(void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG |
	                              OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS |
	                              OPENSSL_INIT_NO_ADD_ALL_CIPHERS |
	                              OPENSSL_INIT_NO_ADD_ALL_DIGESTS | OPENSSL_INIT_NO_ATEXIT,
	    NULL);
}
