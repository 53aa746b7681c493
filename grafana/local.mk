# A dashboard for Grafana, for importing.
grafanadir = $(datadir)/castgate/grafana
dist_grafana_DATA = grafana/castgate.json
