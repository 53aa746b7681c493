unit_programs += tests/unit/test_digest
tests_unit_test_digest_SOURCES = tests/unit/test_digest.c
tests_unit_test_digest_CPPFLAGS = $(unit_cppflags)
tests_unit_test_digest_CFLAGS = $(unit_cflags)
tests_unit_test_digest_LDADD = $(unit_libs)

unit_programs += tests/unit/test_openssl_start
tests_unit_test_openssl_start_SOURCES = tests/unit/test_openssl_start.c
tests_unit_test_openssl_start_CPPFLAGS = $(unit_cppflags)
tests_unit_test_openssl_start_CFLAGS = $(unit_cflags)
tests_unit_test_openssl_start_LDADD = $(unit_libs)

unit_programs += tests/unit/test_siphash
tests_unit_test_siphash_SOURCES = tests/unit/test_siphash.c
tests_unit_test_siphash_CPPFLAGS = $(unit_cppflags)
tests_unit_test_siphash_CFLAGS = $(unit_cflags)
tests_unit_test_siphash_LDADD = $(unit_libs)
unit_programs += tests/unit/test_jwk
tests_unit_test_jwk_SOURCES = tests/unit/test_jwk.c tests/unit/jwt_keys.c tests/unit/jwt_keys.h
tests_unit_test_jwk_CPPFLAGS = $(unit_cppflags)
tests_unit_test_jwk_CFLAGS = $(unit_cflags)
tests_unit_test_jwk_LDADD = $(unit_libs)

unit_programs += tests/unit/test_jwt
tests_unit_test_jwt_SOURCES = tests/unit/test_jwt.c tests/unit/jwt_keys.c tests/unit/jwt_keys.h
tests_unit_test_jwt_CPPFLAGS = $(unit_cppflags)
tests_unit_test_jwt_CFLAGS = $(unit_cflags)
tests_unit_test_jwt_LDADD = $(unit_libs)

unit_programs += tests/unit/test_https_reply
tests_unit_test_https_reply_SOURCES = tests/unit/test_https_reply.c
tests_unit_test_https_reply_CPPFLAGS = $(unit_cppflags)
tests_unit_test_https_reply_CFLAGS = $(unit_cflags)
tests_unit_test_https_reply_LDADD = $(unit_libs)

unit_programs += tests/unit/test_jwks
tests_unit_test_jwks_SOURCES = tests/unit/test_jwks.c tests/unit/jwt_keys.c tests/unit/jwt_keys.h
tests_unit_test_jwks_CPPFLAGS = $(unit_cppflags)
tests_unit_test_jwks_CFLAGS = $(unit_cflags)
tests_unit_test_jwks_LDADD = $(unit_libs)

unit_programs += tests/unit/test_websocket_frame
tests_unit_test_websocket_frame_SOURCES = tests/unit/test_websocket_frame.c
tests_unit_test_websocket_frame_CPPFLAGS = $(unit_cppflags)
tests_unit_test_websocket_frame_CFLAGS = $(unit_cflags)
tests_unit_test_websocket_frame_LDADD = $(unit_libs)
