-- migrate:up
--
-- What:    session, column for column what better-auth 1.7 creates, activeOrganizationId of its
--          organization plugin included.
-- Why:     castgate reads here whether the token of a cookie or Bearer header is a live session. A
--          site that runs better-auth has the table and needs nothing from this file; it is for
--          tests, and for looking at what castgate expects.
-- Locks:   a metadata lock on the new name only. An existing table of this name is left as it is;
--          sql/better-auth/verify.sql then tells where it differs.
-- Time:    none per million rows: no row is read or written.
-- Undo:    down/20261121091200_create_session.down.sql (deletes every session: everybody has to sign
--          in again).
-- Minimum: MariaDB 10.2.2 or MySQL 5.7.9.
--
-- The times have defaults, which better-auth leaves out: without explicit_defaults_for_timestamp a
-- server would otherwise make the first of them change with every write. There is no foreign key to
-- user: better-auth asks for one in a form that MySQL before 9 ignores, and castgate joins user, so
-- that a session of a deleted user proves nothing.

SET SESSION lock_wait_timeout = 5;

CREATE TABLE IF NOT EXISTS session (
	id VARCHAR(36) NOT NULL,
	expiresAt TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	token VARCHAR(255) NOT NULL,
	createdAt TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	updatedAt TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	ipAddress TEXT NULL,
	userAgent TEXT NULL,
	userId VARCHAR(36) NOT NULL,
	activeOrganizationId TEXT NULL,
	PRIMARY KEY (id),
	UNIQUE KEY token (token),
	KEY session_userId_idx (userId)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- migrate:down
