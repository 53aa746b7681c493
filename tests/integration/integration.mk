# Tests with the real servers. Each is a program of its own over the fixtures of tests/harness.
integration_tests = \
	tests/conformance/run.py \
	tests/conformance/recorded.py \
	tests/integration/test_connections.py \
	tests/integration/test_database_trouble.py \
	tests/integration/test_development.py \
	tests/integration/test_fixtures.py \
	tests/integration/test_laravel_env.py \
	tests/integration/test_hardening.py \
	tests/integration/test_last_used.py \
	tests/integration/test_mounts.py \
	tests/integration/test_own_socket.py \
	tests/integration/test_replicas.py \
	tests/integration/test_sql.py \
	tests/integration/test_time_zones.py \
	tests/integration/test_throttle.py \
	tests/integration/test_tls.py \
	tests/integration/test_tool.py \
	tests/integration/test_units.py \
	tests/integration/test_web_servers.py
TESTS += $(integration_tests)

EXTRA_DIST += $(integration_tests) \
	tests/conformance/custom-orders.cases \
	tests/conformance/custom-orders.conf \
	tests/conformance/custom-orders.sql \
	tests/conformance/laravel-sanctum.cases \
	tests/conformance/laravel.conf \
	tests/conformance/laravel.sql \
	tests/conformance/recorded.conf \
	tests/conformance/recorded.sql \
	tests/harness/__init__.py \
	tests/harness/account.py \
	tests/harness/audit.py \
	tests/harness/browser.py \
	tests/harness/case_file.py \
	tests/harness/copied_file.py \
	tests/harness/ending.py \
	tests/harness/evidence.py \
	tests/harness/exchange.py \
	tests/harness/fastcgi.py \
	tests/harness/laravel.py \
	tests/harness/load.py \
	tests/harness/mariadb.py \
	tests/harness/mount_apache.py \
	tests/harness/mount_cgi.py \
	tests/harness/mount_lighttpd.py \
	tests/harness/mount_memory.py \
	tests/harness/mount_nginx.py \
	tests/harness/mount_socket.py \
	tests/harness/mounts.py \
	tests/harness/node.py \
	tests/harness/orders.py \
	tests/harness/places.py \
	tests/harness/ports.py \
	tests/harness/pusher_server.py \
	tests/harness/replica.py \
	tests/harness/scratch.py \
	tests/harness/server_process.py \
	tests/harness/site.py \
	tests/harness/suite.py \
	tests/harness/system.py \
	tests/harness/systems.py \
	tests/harness/ticket.py \
	tests/harness/wire_rules.py \
	tests/integration/tls.conf
