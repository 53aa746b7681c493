-- migrate:up
--
-- What:    user, column for column what better-auth 1.7 creates.
-- Why:     castgate reads here who a session belongs to. A site that runs better-auth has the table
--          and needs nothing from this file; it is for tests, and for looking at what castgate
--          expects.
-- Locks:   a metadata lock on the new name only. An existing table of this name is left as it is;
--          sql/better-auth/verify.sql then tells where it differs.
-- Time:    none per million rows: no row is read or written.
-- Undo:    down/20261121091100_create_user.down.sql (deletes every account).
-- Minimum: MariaDB 10.2.2 or MySQL 5.7.9.

SET SESSION lock_wait_timeout = 5;

CREATE TABLE IF NOT EXISTS `user` (
	id VARCHAR(36) NOT NULL,
	name VARCHAR(255) NOT NULL,
	email VARCHAR(255) NOT NULL,
	emailVerified BOOLEAN NOT NULL,
	image TEXT NULL,
	createdAt TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	updatedAt TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	PRIMARY KEY (id),
	UNIQUE KEY email (email)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- migrate:down
