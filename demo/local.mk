# The way from a bare machine: ./bootstrap demo and ./bootstrap check.
EXTRA_DIST += \
	.ci/run \
	bootstrap \
	demo/castgate.conf \
	demo/chat.sql \
	demo/page.py \
	demo/page/demo.css \
	demo/page/demo.js \
	demo/page/index.html \
	demo/run.py \
	tests/summary.py
