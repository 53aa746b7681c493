# Fuzz targets, one a parser. `make check` replays their corpora with any compiler; with
# --enable-fuzzing, `make fuzz FUZZ_SECONDS=60` runs each that long under libFuzzer.
FUZZ_SECONDS = 60
fuzz_targets = audit_line \
	base64 \
	client_address \
	clock \
	config \
	cookies \
	dotenv \
	fcgi \
	form \
	https_reply \
	json_document \
	json_fields \
	jwk \
	jwt \
	multipart \
	pattern \
	statement \
	subscription \
	trace_context \
	websocket_frame
fuzz_shared = tests/fuzz/fuzz.c tests/fuzz/fuzz.h
fuzz_replay = $(fuzz_shared) tests/fuzz/replay.c
fuzz_fields = tests/fuzz/fields_check.c tests/fuzz/fields_check.h
fuzz_script = tests/fuzz/fcgi_script.c tests/fuzz/fcgi_script.h
fuzz_ldflags = $(AM_LDFLAGS) -fsanitize=fuzzer
replay_programs =
fuzz_programs =

EXTRA_DIST += tests/fuzz/README.md tests/fuzz/corpus tests/fuzz/dictionary

replay_programs += tests/fuzz/replay_audit_line
tests_fuzz_replay_audit_line_SOURCES = tests/fuzz/fuzz_audit_line.c $(fuzz_replay)
tests_fuzz_replay_audit_line_LDADD = $(castgate_libs)
fuzz_programs += tests/fuzz/fuzz_audit_line
tests_fuzz_fuzz_audit_line_SOURCES = tests/fuzz/fuzz_audit_line.c $(fuzz_shared)
tests_fuzz_fuzz_audit_line_LDADD = $(castgate_libs)
tests_fuzz_fuzz_audit_line_LDFLAGS = $(fuzz_ldflags)

replay_programs += tests/fuzz/replay_base64
tests_fuzz_replay_base64_SOURCES = tests/fuzz/fuzz_base64.c $(fuzz_replay)
tests_fuzz_replay_base64_LDADD = $(castgate_libs)
fuzz_programs += tests/fuzz/fuzz_base64
tests_fuzz_fuzz_base64_SOURCES = tests/fuzz/fuzz_base64.c $(fuzz_shared)
tests_fuzz_fuzz_base64_LDADD = $(castgate_libs)
tests_fuzz_fuzz_base64_LDFLAGS = $(fuzz_ldflags)

replay_programs += tests/fuzz/replay_client_address
tests_fuzz_replay_client_address_SOURCES = tests/fuzz/fuzz_client_address.c $(fuzz_replay)
tests_fuzz_replay_client_address_LDADD = $(castgate_libs)
fuzz_programs += tests/fuzz/fuzz_client_address
tests_fuzz_fuzz_client_address_SOURCES = tests/fuzz/fuzz_client_address.c $(fuzz_shared)
tests_fuzz_fuzz_client_address_LDADD = $(castgate_libs)
tests_fuzz_fuzz_client_address_LDFLAGS = $(fuzz_ldflags)

replay_programs += tests/fuzz/replay_clock
tests_fuzz_replay_clock_SOURCES = tests/fuzz/fuzz_clock.c $(fuzz_replay)
tests_fuzz_replay_clock_LDADD = $(castgate_libs)
fuzz_programs += tests/fuzz/fuzz_clock
tests_fuzz_fuzz_clock_SOURCES = tests/fuzz/fuzz_clock.c $(fuzz_shared)
tests_fuzz_fuzz_clock_LDADD = $(castgate_libs)
tests_fuzz_fuzz_clock_LDFLAGS = $(fuzz_ldflags)

replay_programs += tests/fuzz/replay_config
tests_fuzz_replay_config_SOURCES = tests/fuzz/fuzz_config.c $(fuzz_replay)
tests_fuzz_replay_config_LDADD = $(castgate_libs)
fuzz_programs += tests/fuzz/fuzz_config
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c $(fuzz_shared)
tests_fuzz_fuzz_config_LDADD = $(castgate_libs)
tests_fuzz_fuzz_config_LDFLAGS = $(fuzz_ldflags)

replay_programs += tests/fuzz/replay_cookies
tests_fuzz_replay_cookies_SOURCES = tests/fuzz/fuzz_cookies.c $(fuzz_replay)
tests_fuzz_replay_cookies_LDADD = $(castgate_libs)
fuzz_programs += tests/fuzz/fuzz_cookies
tests_fuzz_fuzz_cookies_SOURCES = tests/fuzz/fuzz_cookies.c $(fuzz_shared)
tests_fuzz_fuzz_cookies_LDADD = $(castgate_libs)
tests_fuzz_fuzz_cookies_LDFLAGS = $(fuzz_ldflags)

replay_programs += tests/fuzz/replay_dotenv
tests_fuzz_replay_dotenv_SOURCES = tests/fuzz/fuzz_dotenv.c $(fuzz_replay)
tests_fuzz_replay_dotenv_LDADD = $(castgate_libs)
fuzz_programs += tests/fuzz/fuzz_dotenv
tests_fuzz_fuzz_dotenv_SOURCES = tests/fuzz/fuzz_dotenv.c $(fuzz_shared)
tests_fuzz_fuzz_dotenv_LDADD = $(castgate_libs)
tests_fuzz_fuzz_dotenv_LDFLAGS = $(fuzz_ldflags)

replay_programs += tests/fuzz/replay_fcgi
tests_fuzz_replay_fcgi_SOURCES = tests/fuzz/fuzz_fcgi.c $(fuzz_script) $(fuzz_replay)
tests_fuzz_replay_fcgi_LDADD = $(castgate_libs)
fuzz_programs += tests/fuzz/fuzz_fcgi
tests_fuzz_fuzz_fcgi_SOURCES = tests/fuzz/fuzz_fcgi.c $(fuzz_script) $(fuzz_shared)
tests_fuzz_fuzz_fcgi_LDADD = $(castgate_libs)
tests_fuzz_fuzz_fcgi_LDFLAGS = $(fuzz_ldflags)

replay_programs += tests/fuzz/replay_form
tests_fuzz_replay_form_SOURCES = tests/fuzz/fuzz_form.c $(fuzz_fields) $(fuzz_replay)
tests_fuzz_replay_form_LDADD = $(castgate_libs)
fuzz_programs += tests/fuzz/fuzz_form
tests_fuzz_fuzz_form_SOURCES = tests/fuzz/fuzz_form.c $(fuzz_fields) $(fuzz_shared)
tests_fuzz_fuzz_form_LDADD = $(castgate_libs)
tests_fuzz_fuzz_form_LDFLAGS = $(fuzz_ldflags)

replay_programs += tests/fuzz/replay_https_reply
tests_fuzz_replay_https_reply_SOURCES = tests/fuzz/fuzz_https_reply.c $(fuzz_replay)
tests_fuzz_replay_https_reply_LDADD = $(castgate_libs)
fuzz_programs += tests/fuzz/fuzz_https_reply
tests_fuzz_fuzz_https_reply_SOURCES = tests/fuzz/fuzz_https_reply.c $(fuzz_shared)
tests_fuzz_fuzz_https_reply_LDADD = $(castgate_libs)
tests_fuzz_fuzz_https_reply_LDFLAGS = $(fuzz_ldflags)

replay_programs += tests/fuzz/replay_json_document
tests_fuzz_replay_json_document_SOURCES = tests/fuzz/fuzz_json_document.c $(fuzz_replay)
tests_fuzz_replay_json_document_LDADD = $(castgate_libs)
fuzz_programs += tests/fuzz/fuzz_json_document
tests_fuzz_fuzz_json_document_SOURCES = tests/fuzz/fuzz_json_document.c $(fuzz_shared)
tests_fuzz_fuzz_json_document_LDADD = $(castgate_libs)
tests_fuzz_fuzz_json_document_LDFLAGS = $(fuzz_ldflags)

replay_programs += tests/fuzz/replay_json_fields
tests_fuzz_replay_json_fields_SOURCES = tests/fuzz/fuzz_json_fields.c $(fuzz_fields) $(fuzz_replay)
tests_fuzz_replay_json_fields_LDADD = $(castgate_libs)
fuzz_programs += tests/fuzz/fuzz_json_fields
tests_fuzz_fuzz_json_fields_SOURCES = tests/fuzz/fuzz_json_fields.c $(fuzz_fields) $(fuzz_shared)
tests_fuzz_fuzz_json_fields_LDADD = $(castgate_libs)
tests_fuzz_fuzz_json_fields_LDFLAGS = $(fuzz_ldflags)

replay_programs += tests/fuzz/replay_jwk
tests_fuzz_replay_jwk_SOURCES = tests/fuzz/fuzz_jwk.c $(fuzz_replay)
tests_fuzz_replay_jwk_LDADD = $(castgate_libs)
fuzz_programs += tests/fuzz/fuzz_jwk
tests_fuzz_fuzz_jwk_SOURCES = tests/fuzz/fuzz_jwk.c $(fuzz_shared)
tests_fuzz_fuzz_jwk_LDADD = $(castgate_libs)
tests_fuzz_fuzz_jwk_LDFLAGS = $(fuzz_ldflags)

replay_programs += tests/fuzz/replay_jwt
tests_fuzz_replay_jwt_SOURCES = tests/fuzz/fuzz_jwt.c $(fuzz_replay)
tests_fuzz_replay_jwt_LDADD = $(castgate_libs)
fuzz_programs += tests/fuzz/fuzz_jwt
tests_fuzz_fuzz_jwt_SOURCES = tests/fuzz/fuzz_jwt.c $(fuzz_shared)
tests_fuzz_fuzz_jwt_LDADD = $(castgate_libs)
tests_fuzz_fuzz_jwt_LDFLAGS = $(fuzz_ldflags)

replay_programs += tests/fuzz/replay_multipart
tests_fuzz_replay_multipart_SOURCES = tests/fuzz/fuzz_multipart.c $(fuzz_fields) $(fuzz_replay)
tests_fuzz_replay_multipart_LDADD = $(castgate_libs)
fuzz_programs += tests/fuzz/fuzz_multipart
tests_fuzz_fuzz_multipart_SOURCES = tests/fuzz/fuzz_multipart.c $(fuzz_fields) $(fuzz_shared)
tests_fuzz_fuzz_multipart_LDADD = $(castgate_libs)
tests_fuzz_fuzz_multipart_LDFLAGS = $(fuzz_ldflags)

replay_programs += tests/fuzz/replay_pattern
tests_fuzz_replay_pattern_SOURCES = tests/fuzz/fuzz_pattern.c $(fuzz_replay)
tests_fuzz_replay_pattern_LDADD = $(castgate_libs)
fuzz_programs += tests/fuzz/fuzz_pattern
tests_fuzz_fuzz_pattern_SOURCES = tests/fuzz/fuzz_pattern.c $(fuzz_shared)
tests_fuzz_fuzz_pattern_LDADD = $(castgate_libs)
tests_fuzz_fuzz_pattern_LDFLAGS = $(fuzz_ldflags)

replay_programs += tests/fuzz/replay_statement
tests_fuzz_replay_statement_SOURCES = tests/fuzz/fuzz_statement.c $(fuzz_replay)
tests_fuzz_replay_statement_LDADD = $(castgate_libs)
fuzz_programs += tests/fuzz/fuzz_statement
tests_fuzz_fuzz_statement_SOURCES = tests/fuzz/fuzz_statement.c $(fuzz_shared)
tests_fuzz_fuzz_statement_LDADD = $(castgate_libs)
tests_fuzz_fuzz_statement_LDFLAGS = $(fuzz_ldflags)

replay_programs += tests/fuzz/replay_subscription
tests_fuzz_replay_subscription_SOURCES = tests/fuzz/fuzz_subscription.c $(fuzz_replay)
tests_fuzz_replay_subscription_LDADD = $(castgate_libs)
fuzz_programs += tests/fuzz/fuzz_subscription
tests_fuzz_fuzz_subscription_SOURCES = tests/fuzz/fuzz_subscription.c $(fuzz_shared)
tests_fuzz_fuzz_subscription_LDADD = $(castgate_libs)
tests_fuzz_fuzz_subscription_LDFLAGS = $(fuzz_ldflags)

replay_programs += tests/fuzz/replay_websocket_frame
tests_fuzz_replay_websocket_frame_SOURCES = tests/fuzz/fuzz_websocket_frame.c $(fuzz_replay)
tests_fuzz_replay_websocket_frame_LDADD = $(castgate_libs)
fuzz_programs += tests/fuzz/fuzz_websocket_frame
tests_fuzz_fuzz_websocket_frame_SOURCES = tests/fuzz/fuzz_websocket_frame.c $(fuzz_shared)
tests_fuzz_fuzz_websocket_frame_LDADD = $(castgate_libs)
tests_fuzz_fuzz_websocket_frame_LDFLAGS = $(fuzz_ldflags)
replay_programs += tests/fuzz/replay_trace_context
tests_fuzz_replay_trace_context_SOURCES = tests/fuzz/fuzz_trace_context.c $(fuzz_replay)
tests_fuzz_replay_trace_context_LDADD = $(castgate_libs)
fuzz_programs += tests/fuzz/fuzz_trace_context
tests_fuzz_fuzz_trace_context_SOURCES = tests/fuzz/fuzz_trace_context.c $(fuzz_shared)
tests_fuzz_fuzz_trace_context_LDADD = $(castgate_libs)
tests_fuzz_fuzz_trace_context_LDFLAGS = $(fuzz_ldflags)

check_PROGRAMS += $(replay_programs)
TESTS += $(replay_programs)
if FUZZING
check_PROGRAMS += $(fuzz_programs)
endif

# New inputs gather in fuzz-corpus/TARGET of the build, findings in fuzz-findings/.
if FUZZING
fuzz: $(fuzz_programs)
	@$(MKDIR_P) fuzz-findings
	@for target in $(fuzz_targets); do \
		echo "== $$target: $(FUZZ_SECONDS) s"; \
		dictionary=$(srcdir)/tests/fuzz/dictionary/$$target; \
		$(MKDIR_P) fuzz-corpus/$$target || exit 1; \
		tests/fuzz/fuzz_$$target -max_total_time=$(FUZZ_SECONDS) -timeout=10 \
			-rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
			-artifact_prefix=$(abs_builddir)/fuzz-findings/$$target- \
			`test ! -f $$dictionary || echo -dict=$$dictionary` \
			fuzz-corpus/$$target $(srcdir)/tests/fuzz/corpus/$$target || exit 1; \
	done
else
fuzz:
	@echo "fuzzing needs clang: configure with CC=clang --enable-fuzzing" >&2; exit 1
endif
clean-local:
	rm -rf fuzz-corpus fuzz-findings
.PHONY: fuzz
