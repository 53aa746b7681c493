# Files to mount castgate under Apache, for copying.
apachedir = $(datadir)/castgate/apache
dist_apache_DATA = \
	apache/castgate-cgi-bin.htaccess \
	apache/castgate-cgi.conf \
	apache/castgate-exact.htaccess \
	apache/castgate-fcgid.conf \
	apache/castgate-log.conf \
	apache/castgate-proxy.conf \
	apache/castgate-proxy.htaccess \
	apache/castgate-storm.conf \
	apache/castgate.htaccess
