-- What:    undo 20261121094400_create_own_views.up.sql by dropping the views and the function.
-- Why:     nobody is to read their own sessions by these views any more.
-- Loses:   no row; the privileges on the views and the function.
-- Locks:   exclusive metadata locks on these names; gives up after 5 s behind a transaction.
-- Time:    none per million rows.
-- Minimum: MariaDB 10.2.2 or MySQL 8.0.13.

SET SESSION lock_wait_timeout = 5;

DROP VIEW IF EXISTS own_refresh_tokens, own_sessions;

DROP FUNCTION IF EXISTS castgate_session_token;
