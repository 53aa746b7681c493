# Manual pages. The reason codes of castgate.fcgi(8) are printed by the program's own table.
dist_man_MANS += doc/castgate.conf.5 doc/castgate.8
man_MANS = doc/castgate.fcgi.8
EXTRA_DIST += doc/castgate.fcgi.8.in doc/demo.png README.md CHANGELOG.md CONTRIBUTING.md
CLEANFILES += doc/castgate.fcgi.8

noinst_PROGRAMS = doc/list_reasons
doc_list_reasons_SOURCES = doc/list_reasons.c
doc_list_reasons_LDADD = libcastgate.a

doc/castgate.fcgi.8: doc/castgate.fcgi.8.in doc/list_reasons$(EXEEXT)
	$(AM_V_GEN)doc/list_reasons$(EXEEXT) > $@.reasons && \
	$(SED) -e '/^@REASONS@$$/{r $@.reasons' -e 'd;}' $(srcdir)/doc/castgate.fcgi.8.in > $@.tmp && \
	rm -f $@.reasons && mv $@.tmp $@

# Samples: what the recipes leave out. tests/guard/manual.py wants every directive in one of them.
samplesdir = $(docdir)/samples
dist_samples_DATA = doc/samples/castgate.conf
samplesshopdir = $(samplesdir)/shop
dist_samplesshop_DATA = doc/samples/shop/support.conf
