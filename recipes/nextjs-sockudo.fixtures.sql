-- Rows for nextjs-sockudo.expect, in a table that exists for one connection.
CREATE TEMPORARY TABLE channel_sessions (
	session_id CHAR(36) COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
	tenant_id VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
	user_id VARCHAR(255) COLLATE utf8mb4_bin NOT NULL
) DEFAULT CHARACTER SET utf8mb4;
INSERT INTO channel_sessions VALUES
	('11111111-2222-4333-8444-000000000001', 'alice', 'alice'),
	('11111111-2222-4333-8444-000000000003', 'org-1', 'oscar'),
	('11111111-2222-4333-8444-000000000005', 'oscar', 'oscar');
