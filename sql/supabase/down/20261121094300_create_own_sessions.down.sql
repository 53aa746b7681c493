-- What:    undo 20261121094300_create_own_sessions.up.sql by dropping the procedures and views. Undo
--          optional/20261121094400_create_own_views first, where it was run: it reads these views.
-- Why:     nobody is to read their own sessions in the database any more. castgate does not miss them.
-- Loses:   no row; the privileges on the procedures.
-- Locks:   exclusive metadata locks on these names; gives up after 5 s behind a transaction.
-- Time:    none per million rows.
-- Minimum: MariaDB 10.2.2 or MySQL 8.0.13.

SET SESSION lock_wait_timeout = 5;

DROP PROCEDURE IF EXISTS castgate_own_refresh_tokens;

DROP PROCEDURE IF EXISTS castgate_own_sessions;

DROP VIEW IF EXISTS castgate_refresh_tokens_of_cookie, castgate_sessions_of_cookie;
