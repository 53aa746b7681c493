-- migrate:up
--
-- What:    conversation_participants, the second of the two tables behind the channel
--          chat.{company}.conversation.{conversation}.
-- Why:     the channel rule asks it whether the user takes part. The unique key makes that one
--          exact lookup, and keeps a user from taking part twice.
-- Locks:   a metadata lock on the new name only. An existing table of this name is left as it is;
--          sql/laravel/verify.sql then tells where it differs.
-- Time:    none per million rows: no row is read or written.
-- Undo:    down/20261121080300_create_conversation_participants.down.sql (deletes every
--          participation).
-- Minimum: MariaDB 10.2.2 or MySQL 5.7.9.
--
-- Neither column has a foreign key: users.id has a different type in different applications, and a
-- foreign key to conversations would cost the site its online schema changes (gh-ost). Rows of a
-- deleted conversation grant nothing, since the rule joins conversations.

SET SESSION lock_wait_timeout = 5;

CREATE TABLE IF NOT EXISTS conversation_participants (
	id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
	conversation_id BIGINT UNSIGNED NOT NULL,
	user_id BIGINT UNSIGNED NOT NULL,
	created_at TIMESTAMP NULL DEFAULT NULL,
	updated_at TIMESTAMP NULL DEFAULT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY conversation_participants_conversation_id_user_id_unique (conversation_id, user_id),
	KEY conversation_participants_user_id_index (user_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- migrate:down
