-- migrate:up
--
-- What:    guest_tokens, the third of the three tables behind the guests' chat.
-- Why:     a guest's link carries a token; its hash is looked up here. The unique key makes that one
--          exact lookup.
-- Locks:   a metadata lock on the new name only. An existing table of this name is left as it is;
--          sql/hotel/verify.sql then tells where it differs.
-- Time:    none per million rows: no row is read or written.
-- Undo:    down/20261121092300_create_guest_tokens.down.sql (deletes every link).
-- Minimum: MariaDB 10.2.2 or MySQL 8.0.13 (a default that is an expression).
--
-- token_hash is the SHA-256 of the token in lower-case hexadecimal, as text, so that the row can
-- prove which token it is about. The token itself is stored nowhere. booking_id is
-- room_bookings.id. Times are UTC.

SET SESSION lock_wait_timeout = 5;

CREATE TABLE IF NOT EXISTS guest_tokens (
	id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
	booking_id BIGINT UNSIGNED NOT NULL,
	token_hash CHAR(64) COLLATE utf8mb4_bin NOT NULL,
	expires_at DATETIME(3) NOT NULL,
	revoked_at DATETIME(3) NULL DEFAULT NULL,
	created_at DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
	PRIMARY KEY (id),
	UNIQUE KEY guest_tokens_token_hash_unique (token_hash),
	KEY guest_tokens_booking_id_index (booking_id),
	KEY guest_tokens_expires_at_index (expires_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- migrate:down
