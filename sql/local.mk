# Migrations and checks of tables, one folder for each documented system.
sqllaraveldir = $(datadir)/castgate/sql/laravel
sqllaraveldowndir = $(sqllaraveldir)/down
dist_sqllaravel_DATA = \
	sql/laravel/20261121080100_create_personal_access_tokens.up.sql \
	sql/laravel/20261121080200_create_conversations.up.sql \
	sql/laravel/20261121080300_create_conversation_participants.up.sql \
	sql/laravel/verify.sql
dist_sqllaraveldown_DATA = \
	sql/laravel/down/20261121080100_create_personal_access_tokens.down.sql \
	sql/laravel/down/20261121080200_create_conversations.down.sql \
	sql/laravel/down/20261121080300_create_conversation_participants.down.sql
EXTRA_DIST += sql/README.md
