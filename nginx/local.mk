# Files to mount castgate behind nginx, for copying.
nginxdir = $(datadir)/castgate/nginx
dist_nginx_DATA = \
	nginx/castgate-http.conf \
	nginx/castgate-location.conf
