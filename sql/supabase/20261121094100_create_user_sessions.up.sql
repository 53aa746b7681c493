-- migrate:up
--
-- What:    user_sessions, one row for each time somebody signed in and was bridged.
-- Why:     the session bridge writes it, and every later request asks it whether the session was
--          revoked. Without the table each of them is a 503 that names this file.
-- Locks:   a metadata lock on the new name only. An existing table of this name is left as it is;
--          sql/supabase/verify.sql then tells where it differs.
-- Time:    none per million rows: no row is read or written.
-- Undo:    down/20261121094100_create_user_sessions.down.sql (signs everybody out).
-- Minimum: MariaDB 10.2.2 or MySQL 8.0.13 (a default that is an expression).
--
-- All times are UTC. provider and provider_session_id together name the sign-in that was bridged:
-- bridging it again finds this row, and a row that was revoked keeps it from ever coming back, so do
-- not delete revoked rows; idx_user_sessions_ended lets the pruning pass them by. cookie_hash is the
-- SHA-256 of the browser's cookie; refresh_generation and refresh_salt say which refresh token is the
-- newest, without storing it. revoke_reason is one
-- of logout, logout_everywhere, ended_by_user, refresh_reused, operator.
-- user_id has no foreign key: who the users are is the sign-in provider's business.

SET SESSION lock_wait_timeout = 5;

CREATE TABLE IF NOT EXISTS user_sessions (
	id VARCHAR(64) NOT NULL,
	user_id VARCHAR(64) NOT NULL,
	user_agent VARCHAR(255) NULL DEFAULT NULL,
	ip_address VARCHAR(45) NULL DEFAULT NULL,
	created_at DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
	last_seen_at DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
	revoked_at DATETIME(3) NULL DEFAULT NULL,
	revoke_reason VARCHAR(32) NULL DEFAULT NULL,
	provider VARCHAR(64) NOT NULL,
	provider_session_id VARCHAR(128) NOT NULL,
	cookie_hash BINARY(32) NOT NULL,
	refresh_generation INT UNSIGNED NOT NULL DEFAULT 1,
	refresh_salt BINARY(16) NOT NULL,
	refreshed_at DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
	expires_at DATETIME(3) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY idx_user_sessions_provider (provider, provider_session_id),
	UNIQUE KEY idx_user_sessions_cookie_hash (cookie_hash),
	KEY idx_user_sessions_user_id (user_id),
	KEY idx_user_sessions_created_at (created_at),
	KEY idx_user_sessions_ended (revoked_at, expires_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ROW_FORMAT=DYNAMIC;

-- migrate:down
