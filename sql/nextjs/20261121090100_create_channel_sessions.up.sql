-- migrate:up
--
-- What:    channel_sessions, the table behind the channel private-session-{session}.
-- Why:     the channel rule asks it whether a session exists within the tenant and whose it is. An
--          application that keeps its sessions elsewhere (a document store) writes one row here when
--          it creates one.
-- Locks:   a metadata lock on the new name only. An existing table of this name is left as it is;
--          sql/nextjs/verify.sql then tells where it differs.
-- Time:    none per million rows: no row is read or written.
-- Undo:    down/20261121090100_create_channel_sessions.down.sql (deletes every session).
-- Minimum: MariaDB 10.2.2 or MySQL 8.0.13 (a default that is an expression).
--
-- session_id is a UUID in lower case. tenant_id is the id of the active organization, or the user's
-- own id where there is none: whoever creates the session must write the same that the sign-in will
-- say later. Ids of better-auth differ in the case of letters, so the columns compare byte for
-- byte. There is no foreign key to the user table: its key has a different type in different
-- applications.

SET SESSION lock_wait_timeout = 5;

CREATE TABLE IF NOT EXISTS channel_sessions (
	session_id CHAR(36) COLLATE utf8mb4_bin NOT NULL,
	tenant_id VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
	user_id VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
	created_at DATETIME(3) NOT NULL DEFAULT (UTC_TIMESTAMP(3)),
	PRIMARY KEY (session_id),
	KEY channel_sessions_tenant_id_user_id_index (tenant_id, user_id),
	KEY channel_sessions_created_at_index (created_at)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;

-- migrate:down
