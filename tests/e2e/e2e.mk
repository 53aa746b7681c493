# The clients people use, in a browser. Node and the packages from npm are tests/e2e/install's.
e2e_tests =
TESTS += $(e2e_tests)

EXTRA_DIST += $(e2e_tests) \
	tests/e2e/.npmrc \
	tests/e2e/install \
	tests/e2e/package.json \
	tests/e2e/package-lock.json
