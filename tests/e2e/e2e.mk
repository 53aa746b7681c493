# The clients people use, in a browser. Node and the packages from npm are tests/e2e/install's. Sanitizers
# learn nothing from them that the conformance files do not show.
e2e_tests = \
	tests/e2e/test_bridge.py \
	tests/e2e/test_clients.py \
	tests/e2e/test_demo.py
if !SANITIZERS
TESTS += $(e2e_tests)
endif

EXTRA_DIST += $(e2e_tests) \
	tests/e2e/.npmrc \
	tests/e2e/batch.html \
	tests/e2e/better_auth_server.js \
	tests/e2e/bridge.conf \
	tests/e2e/castgate.conf \
	tests/e2e/install \
	tests/e2e/package.json \
	tests/e2e/package-lock.json \
	tests/e2e/page.html \
	tests/e2e/page.js \
	tests/e2e/provider.js \
	tests/e2e/pusher_server.js \
	tests/e2e/room.js \
	tests/e2e/signatures.js \
	tests/e2e/socket_client.js \
	tests/e2e/socket_server.js \
	tests/e2e/trigger.js \
	tests/e2e/worker.js
