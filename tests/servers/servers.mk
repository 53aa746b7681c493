# What `./bootstrap check-servers` runs with each database server: all that asks one. CASTGATE_SERVER names
# the folder of the server (tests/harness/database_server.py).
server_tests = $(filter-out \
	tests/integration/test_fail2ban.py \
	tests/integration/test_fixtures.py \
	tests/integration/test_front_trouble.py \
	tests/integration/test_galera.py \
	tests/integration/test_hardening.py \
	tests/integration/test_jose.py \
	tests/integration/test_mounts.py \
	tests/integration/test_own_socket.py \
	tests/integration/test_suexec.py \
	tests/integration/test_units.py \
	tests/integration/test_web_servers.py, $(integration_tests) $(database_tests))

EXTRA_DIST += tests/servers/enter tests/servers/unpack

check-server:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(server_tests)'

# The same where another Debian's compiler made the programs, in whose folder the tests cannot run. Nothing
# is made anew, although its headers and this machine's have other dates.
check-server-as-built:
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS check_PROGRAMS= check_SCRIPTS= TESTS='$(server_tests)'

check-units:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(unit_programs)'
.PHONY: check-server check-server-as-built check-units
