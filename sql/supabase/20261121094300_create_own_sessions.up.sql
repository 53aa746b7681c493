-- migrate:up
--
-- What:    castgate_own_sessions and castgate_own_refresh_tokens, two procedures by which somebody who
--          holds a session's cookie reads their own sessions and refresh tokens, and nobody else's; and
--          the two views they read, which are for nobody.
-- Why:     neither MySQL nor MariaDB has policies for rows. An account that may run the procedures and
--          has nothing on the tables comes as close to that as these servers allow; sql/README.md says
--          what it is not. castgate itself does not need them.
-- Locks:   metadata locks on the new names, and shared ones on the two tables.
-- Time:    none per million rows: no row is read or written.
-- Undo:    down/20261121094300_create_own_sessions.down.sql
-- Minimum: MariaDB 10.2.2 or MySQL 8.0.29 (IF NOT EXISTS for procedures; without it a second run would
--          take the privileges on them away).
-- Account: run this as the account of migrations: whoever runs it is the procedures' definer, with
--          whose privileges they read. It must not be dropped afterwards, and no web server knows its
--          password. It needs CREATE ROUTINE, CREATE VIEW, EXECUTE and SELECT (sql/grants.sql.in).
--
-- The token is what the cookie says. Only its hash is compared, and the columns with secrets' hashes are
-- not among those shown. Why views, when the procedures could read the tables: a temporary table hides a
-- table of its name from a procedure, and an account that may make one could put itself between the two
-- tables; it hides nothing from a view. The views have no privileges of their own (INVOKER). Why SYSDATE:
-- SET timestamp moves UTC_TIMESTAMP, and a caller could turn the clock back to when a token was valid; as a
-- number it does not depend on SET time_zone either. The sql_mode is fixed because a procedure keeps the
-- one it was made in.

SET SESSION lock_wait_timeout = 5;

SET @castgate_sql_mode = @@SESSION.sql_mode;

SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO';

CREATE OR REPLACE SQL SECURITY INVOKER VIEW castgate_sessions_of_cookie AS
SELECT mine.cookie_hash AS presented_hash, s.id, s.user_agent, s.ip_address, s.created_at,
	s.last_seen_at, s.expires_at, s.revoked_at, s.revoke_reason, s.id = mine.id AS is_this_one
FROM user_sessions AS mine
JOIN user_sessions AS s ON s.user_id = mine.user_id
WHERE mine.revoked_at IS NULL
	AND TIMESTAMPDIFF(MICROSECOND, TIMESTAMP'1970-01-01 00:00:00', mine.expires_at)
		> UNIX_TIMESTAMP(SYSDATE(3)) * 1000000;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW castgate_refresh_tokens_of_cookie AS
SELECT mine.cookie_hash AS presented_hash, t.session_id, t.generation, t.created_at, t.rotated_at,
	t.expires_at
FROM user_sessions AS mine
JOIN user_sessions AS s ON s.user_id = mine.user_id
JOIN refresh_tokens AS t ON t.session_id = s.id
WHERE mine.revoked_at IS NULL
	AND TIMESTAMPDIFF(MICROSECOND, TIMESTAMP'1970-01-01 00:00:00', mine.expires_at)
		> UNIX_TIMESTAMP(SYSDATE(3)) * 1000000;

CREATE PROCEDURE IF NOT EXISTS castgate_own_sessions (IN session_token VARBINARY(64))
READS SQL DATA SQL SECURITY DEFINER
SELECT id, user_agent, ip_address, created_at, last_seen_at, expires_at, revoked_at, revoke_reason,
	is_this_one
FROM castgate_sessions_of_cookie
WHERE presented_hash = UNHEX(SHA2(session_token, 256))
ORDER BY last_seen_at DESC, id;

CREATE PROCEDURE IF NOT EXISTS castgate_own_refresh_tokens (IN session_token VARBINARY(64))
READS SQL DATA SQL SECURITY DEFINER
SELECT session_id, generation, created_at, rotated_at, expires_at
FROM castgate_refresh_tokens_of_cookie
WHERE presented_hash = UNHEX(SHA2(session_token, 256))
ORDER BY session_id, generation;

SET SESSION sql_mode = @castgate_sql_mode;

-- migrate:down
