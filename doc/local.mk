# The manual pages.
dist_man_MANS += doc/castgate.conf.5
