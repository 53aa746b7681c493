# A filter and a jail for fail2ban, for copying.
fail2banfilterdir = $(datadir)/castgate/fail2ban/filter.d
dist_fail2banfilter_DATA = fail2ban/filter.d/castgate.conf
fail2banjaildir = $(datadir)/castgate/fail2ban/jail.d
dist_fail2banjail_DATA = fail2ban/jail.d/castgate.conf
