-- migrate:up
--
-- What:    api_tokens of the worked example recipes/custom-orders.conf: a table of tokens as Laravel
--          Sanctum has it, under another name.
-- Why:     both credentials look up the hash of a Bearer token here.
-- Locks:   a metadata lock on the new name only. An existing table of this name is left as it is;
--          sql/orders/verify.sql then tells where it differs.
-- Time:    none per million rows: no row is read or written.
-- Undo:    down/20261121093300_create_api_tokens.down.sql (deletes every token: everybody has to sign
--          in again).
-- Minimum: MariaDB 10.2.2 or MySQL 5.7.9.
--
-- tokenable_type is the word customer or employee. The application writes local time (the recipe's
-- time_zone says which).

SET SESSION lock_wait_timeout = 5;

CREATE TABLE IF NOT EXISTS api_tokens (
	id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
	tokenable_type VARCHAR(255) NOT NULL,
	tokenable_id BIGINT UNSIGNED NOT NULL,
	name VARCHAR(255) NOT NULL,
	token VARCHAR(64) NOT NULL,
	abilities TEXT NULL,
	last_used_at TIMESTAMP NULL DEFAULT NULL,
	expires_at TIMESTAMP NULL DEFAULT NULL,
	created_at TIMESTAMP NULL DEFAULT NULL,
	updated_at TIMESTAMP NULL DEFAULT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY api_tokens_token_unique (token),
	KEY api_tokens_tokenable_type_tokenable_id_index (tokenable_type, tokenable_id),
	KEY api_tokens_expires_at_index (expires_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- migrate:down
