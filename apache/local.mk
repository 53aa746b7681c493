# Files to mount castgate under Apache, for copying.
apachedir = $(datadir)/castgate/apache
dist_apache_DATA = \
	apache/castgate-cgi.conf \
	apache/castgate-fcgid.conf \
	apache/castgate.htaccess
