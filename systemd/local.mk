# Units and snippets for a castgate that runs as a service of its own, for copying.
systemddir = $(datadir)/castgate/systemd
dist_systemd_DATA = \
	systemd/castgate.logrotate \
	systemd/castgate.service \
	systemd/castgate.socket \
	systemd/castgate.sysusers \
	systemd/castgate.tmpfiles
