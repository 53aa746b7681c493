# Migrations and checks of tables, one folder for each documented system.
sqllaraveldir = $(datadir)/castgate/sql/laravel
sqllaraveldowndir = $(sqllaraveldir)/down
dist_sqllaravel_DATA = \
	sql/laravel/20261121080100_create_personal_access_tokens.up.sql \
	sql/laravel/20261121080200_create_conversations.up.sql \
	sql/laravel/20261121080300_create_conversation_participants.up.sql \
	sql/laravel/describe.sql \
	sql/laravel/verify.sql
dist_sqllaraveldown_DATA = \
	sql/laravel/down/20261121080100_create_personal_access_tokens.down.sql \
	sql/laravel/down/20261121080200_create_conversations.down.sql \
	sql/laravel/down/20261121080300_create_conversation_participants.down.sql
sqlnextjsdir = $(datadir)/castgate/sql/nextjs
sqlnextjsdowndir = $(sqlnextjsdir)/down
dist_sqlnextjs_DATA = \
	sql/nextjs/20261121090100_create_channel_sessions.up.sql \
	sql/nextjs/verify.sql
dist_sqlnextjsdown_DATA = \
	sql/nextjs/down/20261121090100_create_channel_sessions.down.sql
sqlbetterauthdir = $(datadir)/castgate/sql/better-auth
sqlbetterauthdowndir = $(sqlbetterauthdir)/down
dist_sqlbetterauth_DATA = \
	sql/better-auth/20261121091100_create_user.up.sql \
	sql/better-auth/20261121091200_create_session.up.sql \
	sql/better-auth/verify.sql
dist_sqlbetterauthdown_DATA = \
	sql/better-auth/down/20261121091100_create_user.down.sql \
	sql/better-auth/down/20261121091200_create_session.down.sql
sqlhoteldir = $(datadir)/castgate/sql/hotel
sqlhoteldowndir = $(sqlhoteldir)/down
dist_sqlhotel_DATA = \
	sql/hotel/20261121092100_create_hotels.up.sql \
	sql/hotel/20261121092200_create_room_bookings.up.sql \
	sql/hotel/20261121092300_create_guest_tokens.up.sql \
	sql/hotel/verify.sql
dist_sqlhoteldown_DATA = \
	sql/hotel/down/20261121092100_create_hotels.down.sql \
	sql/hotel/down/20261121092200_create_room_bookings.down.sql \
	sql/hotel/down/20261121092300_create_guest_tokens.down.sql
sqlsupabasedir = $(datadir)/castgate/sql/supabase
sqlsupabasedowndir = $(sqlsupabasedir)/down
dist_sqlsupabase_DATA = \
	sql/supabase/20261121094100_create_user_sessions.up.sql \
	sql/supabase/20261121094200_create_refresh_tokens.up.sql \
	sql/supabase/20261121094300_create_own_sessions.up.sql \
	sql/supabase/verify.sql
dist_sqlsupabasedown_DATA = \
	sql/supabase/down/20261121094100_create_user_sessions.down.sql \
	sql/supabase/down/20261121094200_create_refresh_tokens.down.sql \
	sql/supabase/down/20261121094300_create_own_sessions.down.sql
sqlsupabaseoptionaldir = $(sqlsupabasedir)/optional
sqlsupabaseoptionaldowndir = $(sqlsupabaseoptionaldir)/down
dist_sqlsupabaseoptional_DATA = \
	sql/supabase/optional/20261121094400_create_own_views.up.sql
dist_sqlsupabaseoptionaldown_DATA = \
	sql/supabase/optional/down/20261121094400_create_own_views.down.sql
sqlordersdir = $(datadir)/castgate/sql/orders
sqlordersdowndir = $(sqlordersdir)/down
dist_sqlorders_DATA = \
	sql/orders/20261121093100_create_customers.up.sql \
	sql/orders/20261121093200_create_employees.up.sql \
	sql/orders/20261121093300_create_api_tokens.up.sql \
	sql/orders/20261121093400_create_branches.up.sql \
	sql/orders/20261121093500_create_orders.up.sql \
	sql/orders/verify.sql
dist_sqlordersdown_DATA = \
	sql/orders/down/20261121093100_create_customers.down.sql \
	sql/orders/down/20261121093200_create_employees.down.sql \
	sql/orders/down/20261121093300_create_api_tokens.down.sql \
	sql/orders/down/20261121093400_create_branches.down.sql \
	sql/orders/down/20261121093500_create_orders.down.sql
sqldir = $(datadir)/castgate/sql
dist_sql_DATA = sql/README.md sql/verify.sql sql/grants.sql.in
EXTRA_DIST += sql/assemble.py
sqlmaintenancedir = $(sqldir)/maintenance
dist_sqlmaintenance_DATA = \
	sql/maintenance/hotel.event.sql \
	sql/maintenance/hotel.prune.sql \
	sql/maintenance/nextjs.event.sql \
	sql/maintenance/nextjs.prune.sql \
	sql/maintenance/supabase.event.sql \
	sql/maintenance/supabase.forget.sql \
	sql/maintenance/supabase.prune.sql
