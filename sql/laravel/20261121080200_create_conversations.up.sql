-- migrate:up
--
-- What:    conversations, the first of the two tables behind the channel
--          chat.{company}.conversation.{conversation}.
-- Why:     the channel rule asks it whether a conversation exists and which company it belongs to.
--          An application has this table already; the file is for a new one, and for tests.
-- Locks:   a metadata lock on the new name only. An existing table of this name is left as it is;
--          sql/laravel/verify.sql then tells where it differs.
-- Time:    none per million rows: no row is read or written.
-- Undo:    down/20261121080200_create_conversations.down.sql (deletes every conversation).
-- Minimum: MariaDB 10.2.2 or MySQL 5.7.9.

SET SESSION lock_wait_timeout = 5;

CREATE TABLE IF NOT EXISTS conversations (
	id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
	company_id BIGINT UNSIGNED NOT NULL,
	created_at TIMESTAMP NULL DEFAULT NULL,
	updated_at TIMESTAMP NULL DEFAULT NULL,
	PRIMARY KEY (id),
	KEY conversations_company_id_index (company_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- migrate:down
