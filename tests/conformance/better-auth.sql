-- What better-auth keeps in a MariaDB: the fixture of system 3, loaded after the migrations of
-- sql/better-auth. Times are UTC. Tokens are here as their clients hold them, without the signature.

INSERT INTO `user` (id, name, email, emailVerified) VALUES
	('alice', 'Alice "A" \\ Ünal', 'alice@app.example', TRUE),
	('bob', 'Bob', 'bob@app.example', FALSE);

INSERT INTO `session` (id, token, userId, expiresAt, activeOrganizationId) VALUES
	('s-alice', 'alice-token', 'alice', '2037-01-02 03:04:05.678', NULL),
	('s-bob', 'bob-token', 'bob', '2037-01-02 03:04:05', 'org-1'),
	('s-dots', 'a.dotted.token', 'alice', '2037-01-01 00:00:00', NULL),
	('s-plus', 'plus+and/slash=', 'alice', '2037-01-01 00:00:00', NULL),
	('s-empty', 'no-org-token', 'bob', '2037-01-01 00:00:00', ''),
	('s-old', 'expired-token', 'alice', UTC_TIMESTAMP(3) - INTERVAL 1 SECOND, NULL),
	('s-case', 'CaseToken', 'alice', '2037-01-01 00:00:00', NULL),
	-- users who are not there, or there only for a database that ignores case
	('s-gone', 'gone-token', 'nobody', '2037-01-01 00:00:00', NULL),
	('s-capital', 'capital-token', 'ALICE', '2037-01-01 00:00:00', NULL);

-- Another naming of the same.
CREATE TABLE people (
	id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	full_name VARCHAR(255) NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
INSERT INTO people VALUES (1, 'Ann'), (18446744073709551615, NULL);
CREATE TABLE sessions (
	id INT NOT NULL PRIMARY KEY,
	token VARCHAR(255) NOT NULL UNIQUE,
	expires_at VARCHAR(40) NULL,
	user_id BIGINT UNSIGNED NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
INSERT INTO sessions VALUES
	(11, 'ann-token', '2037-01-02T03:04:05.678Z', 1),
	(12, 'offset-token', '2037-01-02T05:04:05+02:00', 18446744073709551615),
	(13, 'past-token', '2020-01-02T03:04:05.678Z', 1),
	(14, 'unreadable-token', 'tomorrow', 1),
	(15, 'endless-token', NULL, 1);
