/* How much of OpenSSL is set up before its first use? */
#ifndef CASTGATE_CRYPTO_OPENSSL_START_H
#define CASTGATE_CRYPTO_OPENSSL_START_H

/* Leave out what a process that answers one request and speaks no TLS does not need: OpenSSL's configuration
 * file (of which providers and TLS settings are the use), texts of its errors, lists of algorithms by their
 * old names, and taking all of it apart at exit. Half of the instructions of such a process otherwise.
 * Algorithms are those of the default provider. To be called before anything else of OpenSSL; later, and
 * where OpenSSL cannot do it, it changes nothing. */
void openssl_start_lean(void);

#endif
