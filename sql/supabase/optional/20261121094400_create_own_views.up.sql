-- migrate:up
--
-- What:    own_sessions and own_refresh_tokens, two views with what the procedures of
--          20261121094300_create_own_sessions give, for SELECT statements of any kind; and
--          castgate_session_token, the function by which they know whose:
--            SET @castgate_session_token = 'the cookie';
--            SELECT id, last_seen_at FROM own_sessions WHERE revoked_at IS NULL;
-- Why:     for reports and frameworks that want a table. Optional, and run by hand: many hosts allow no
--          functions (error 1419), and the procedures are the safer half. A connection keeps its
--          variable until it ends: an application that keeps connections must set it to NULL before
--          somebody else gets one. With the procedures there is nothing to forget.
-- Locks:   metadata locks on the new names.
-- Time:    none per million rows: no row is read or written.
-- Undo:    down/20261121094400_create_own_views.down.sql
-- Minimum: MariaDB 10.2.2 or MySQL 8.0.29.
-- Account: the account of migrations, which becomes the definer, as for the procedures. Where the
--          binary log is on, it also needs SUPER, or log_bin_trust_function_creators to be on.
--
-- The variable holds the token itself and never a user's id: whoever sets it to something they know has
-- won nothing. LIMIT keeps the server from merging a view into the statement of the caller, whose own
-- conditions would then be tried on rows of others and tell of them by their errors. The function says
-- DETERMINISTIC so that it is asked once for each statement and an index leads to the rows.

SET SESSION lock_wait_timeout = 5;

SET @castgate_sql_mode = @@SESSION.sql_mode;

SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO';

CREATE FUNCTION IF NOT EXISTS castgate_session_token () RETURNS VARBINARY(64)
DETERMINISTIC NO SQL SQL SECURITY INVOKER
RETURN @castgate_session_token;

CREATE OR REPLACE SQL SECURITY DEFINER VIEW own_sessions AS
SELECT id, user_agent, ip_address, created_at, last_seen_at, expires_at, revoked_at, revoke_reason,
	is_this_one
FROM castgate_sessions_of_cookie
WHERE presented_hash = UNHEX(SHA2(castgate_session_token(), 256))
LIMIT 9223372036854775807;

CREATE OR REPLACE SQL SECURITY DEFINER VIEW own_refresh_tokens AS
SELECT session_id, generation, created_at, rotated_at, expires_at
FROM castgate_refresh_tokens_of_cookie
WHERE presented_hash = UNHEX(SHA2(castgate_session_token(), 256))
LIMIT 9223372036854775807;

SET SESSION sql_mode = @castgate_sql_mode;

-- migrate:down
