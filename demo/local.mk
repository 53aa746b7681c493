# The way from a bare machine: ./bootstrap demo and ./bootstrap check.
EXTRA_DIST += \
	.ci/run \
	bootstrap \
	demo/castgate.conf \
	demo/chat.sql \
	demo/run.py \
	tests/summary.py
