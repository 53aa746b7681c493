-- Opaque tokens in every shape that an application may keep them in, and people who hold them.

CREATE TABLE people (
	id VARCHAR(36) NULL,
	name VARCHAR(64) NULL,
	site VARCHAR(64) NOT NULL,
	photo VARBINARY(16) NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
INSERT INTO people VALUES
	('ann', 'Ann', 'north', 0x00FF), ('ben', 'Ben', 'south', NULL), (NULL, 'Nobody', 'north', NULL),
	('', 'Empty', 'north', NULL);

CREATE TABLE tokens (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	person VARCHAR(64) NOT NULL,
	plain VARCHAR(255) NULL,
	hash CHAR(64) NULL,
	raw BINARY(32) NULL,
	expires_at DATETIME NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
INSERT INTO tokens (id, person, plain, expires_at) VALUES
	(7, 'Ann', 'Ann-Token', UTC_TIMESTAMP() + INTERVAL 1 HOUR),
	(8, 'Ben', 'Ben-Token', UTC_TIMESTAMP() + INTERVAL 1 HOUR),
	(9, 'Nobody', 'Nobody-Token', UTC_TIMESTAMP() + INTERVAL 1 HOUR),
	(10, 'Empty', 'Empty-Token', UTC_TIMESTAMP() + INTERVAL 1 HOUR),
	(11, 'Ann', 'Old-Token', UTC_TIMESTAMP() - INTERVAL 1 SECOND),
	-- one token of two people
	(12, 'Ann', 'Shared-Token', UTC_TIMESTAMP() + INTERVAL 1 HOUR),
	(13, 'Ben', 'Shared-Token', UTC_TIMESTAMP() + INTERVAL 1 HOUR);
UPDATE tokens SET hash = SHA2(plain, 256), raw = UNHEX(SHA2(plain, 256));
