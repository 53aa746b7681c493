-- migrate:up
--
-- What:    hotels, the first of the three tables behind the guests' chat.
-- Why:     the credential's statement asks it which hotel the slug of the path names. An application
--          has this table already; the file is for a new one, and for tests.
-- Locks:   a metadata lock on the new name only. An existing table of this name is left as it is;
--          sql/hotel/verify.sql then tells where it differs.
-- Time:    none per million rows: no row is read or written.
-- Undo:    down/20261121092100_create_hotels.down.sql (deletes every hotel).
-- Minimum: MariaDB 10.2.2 or MySQL 8.0.13 (a default that is an expression).
--
-- A slug is lower-case letters and digits in groups joined by single hyphens; it stands in paths
-- and in channel names.

SET SESSION lock_wait_timeout = 5;

CREATE TABLE IF NOT EXISTS hotels (
	id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
	slug VARCHAR(64) NOT NULL,
	name VARCHAR(255) NOT NULL,
	created_at DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
	PRIMARY KEY (id),
	UNIQUE KEY hotels_slug_unique (slug)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- migrate:down
