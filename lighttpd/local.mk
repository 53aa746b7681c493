# Files to mount castgate under lighttpd, for copying.
lighttpddir = $(datadir)/castgate/lighttpd
dist_lighttpd_DATA = \
	lighttpd/castgate-cgi.conf \
	lighttpd/castgate-fastcgi.conf \
	lighttpd/castgate-log.conf \
	lighttpd/castgate-socket.conf
