-- migrate:up
--
-- What:    refresh_tokens, one row for each refresh token that was ever issued, by its hash.
-- Why:     each refresh replaces the token by its successor; a token that comes back later was
--          stolen or copied, and ends its session. The rows are the record of that.
-- Locks:   a metadata lock on the new name; MySQL also takes one on user_sessions for its foreign
--          key, MariaDB waits for nobody who uses it. An existing table of this name is left as it is;
--          sql/supabase/verify.sql then tells where it differs.
-- Time:    none per million rows: no row is read or written.
-- Undo:    down/20261121094200_create_refresh_tokens.down.sql (nobody can refresh any more).
-- Minimum: MariaDB 10.2.2 or MySQL 8.0.13 (a default that is an expression).
--
-- All times are UTC. token_hash is the SHA-256 of the token. rotated_at is when the successor was
-- handed out; NULL for the newest.

SET SESSION lock_wait_timeout = 5;

CREATE TABLE IF NOT EXISTS refresh_tokens (
	id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
	session_id VARCHAR(64) NOT NULL,
	generation INT UNSIGNED NOT NULL,
	token_hash BINARY(32) NOT NULL,
	created_at DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
	rotated_at DATETIME(3) NULL DEFAULT NULL,
	expires_at DATETIME(3) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY idx_refresh_tokens_token_hash (token_hash),
	UNIQUE KEY idx_refresh_tokens_session_generation (session_id, generation),
	KEY idx_refresh_tokens_expires_at (expires_at),
	CONSTRAINT fk_refresh_tokens_session_id FOREIGN KEY (session_id)
		REFERENCES user_sessions (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ROW_FORMAT=DYNAMIC;

-- migrate:down
