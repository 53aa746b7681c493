-- migrate:up
--
-- What:    personal_access_tokens, column for column what Laravel Sanctum 4 creates.
-- Why:     castgate reads a bearer token's hash, owner and expiry here. A site that already runs
--          Sanctum has the table and needs nothing from this file; it is for sites that issue
--          tokens with `castgate token create`, and for tests.
-- Locks:   a metadata lock on the new name only. An existing table of this name is left as it is;
--          sql/laravel/verify.sql then tells where it differs.
-- Time:    none per million rows: no row is read or written.
-- Undo:    down/20261121080100_create_personal_access_tokens.down.sql (deletes every token).
-- Minimum: MariaDB 10.2.2 or MySQL 5.7.9 (index keys longer than 767 bytes).
--
-- tokenable_id is BIGINT UNSIGNED as in Sanctum's own migration. Where users.id is a UUID or ULID,
-- write CHAR(36) or CHAR(26) instead, before the first use. There is no foreign key to users: its
-- key has a different type in different applications.

SET SESSION lock_wait_timeout = 5;

CREATE TABLE IF NOT EXISTS personal_access_tokens (
	id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
	tokenable_type VARCHAR(255) NOT NULL,
	tokenable_id BIGINT UNSIGNED NOT NULL,
	name TEXT NOT NULL,
	token VARCHAR(64) NOT NULL,
	abilities TEXT NULL,
	last_used_at TIMESTAMP NULL DEFAULT NULL,
	expires_at TIMESTAMP NULL DEFAULT NULL,
	created_at TIMESTAMP NULL DEFAULT NULL,
	updated_at TIMESTAMP NULL DEFAULT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY personal_access_tokens_token_unique (token),
	KEY personal_access_tokens_tokenable_type_tokenable_id_index (tokenable_type, tokenable_id),
	KEY personal_access_tokens_expires_at_index (expires_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- migrate:down
