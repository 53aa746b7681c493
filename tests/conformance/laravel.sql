-- What a Laravel application with a chat has in its database: the fixture of all tests about system 1.
-- Loaded after the migrations of sql/laravel. Times are UTC; "plain" is what the client keeps of a
-- token, and ids 1 to 17 are those of the recording in tests/vectors/laravel_recorded.json.

CREATE TABLE users (
	id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	name VARCHAR(255) NOT NULL,
	email VARCHAR(255) NOT NULL,
	deleted_at TIMESTAMP NULL DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
INSERT INTO users (id, name, email, deleted_at) VALUES
	(1, 'Alice', 'alice@chat.example', NULL),
	(2, 'Zoë/é', 'zoe@chat.example', NULL),
	(3, 'Bob', 'bob@chat.example', NULL),
	(4, 'Carol', 'carol@chat.example', '2026-01-01 00:00:00'),
	(18446744073709551615, 'Last', 'last@chat.example', NULL);

CREATE TABLE admins (
	id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	name VARCHAR(255) NOT NULL,
	broadcast_id VARCHAR(64) NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
INSERT INTO admins (id, name, broadcast_id) VALUES (1, 'Root', 'admin-1');

INSERT INTO conversations (id, company_id) VALUES
	(123, 6), (124, 7), (125, 6), (18446744073709551615, 6);
INSERT INTO conversation_participants (conversation_id, user_id) VALUES
	(123, 1), (124, 1), (123, 4), (125, 3), (18446744073709551615, 1),
	-- takes part in a conversation that is gone
	(126, 1);

INSERT INTO personal_access_tokens
	(id, tokenable_type, tokenable_id, name, token, abilities, expires_at, created_at) VALUES
	(1, 'App\\Models\\User', 1, 't', SHA2('alice-plain', 256), '["*"]', NULL, UTC_TIMESTAMP()),
	(2, 'App\\Models\\User', 1, 't', SHA2('expired-plain', 256), '["*"]', UTC_TIMESTAMP() - INTERVAL 1 HOUR, UTC_TIMESTAMP()),
	(3, 'App\\Models\\User', 1, 't', SHA2('future-plain', 256), '["*"]', UTC_TIMESTAMP() + INTERVAL 1 HOUR, UTC_TIMESTAMP()),
	(4, 'App\\Models\\User', 1, 't', SHA2('old-plain', 256), '["*"]', NULL, UTC_TIMESTAMP() - INTERVAL 60 MINUTE),
	(5, 'App\\Models\\User', 999, 't', SHA2('orphan-plain', 256), '["*"]', NULL, UTC_TIMESTAMP()),
	(6, 'App\\Models\\Admin', 1, 't', SHA2('admin-plain', 256), '["*"]', NULL, UTC_TIMESTAMP()),
	(7, 'App\\Models\\Plain', 1, 't', SHA2('plain-plain', 256), '["*"]', NULL, UTC_TIMESTAMP()),
	(8, 'No\\Such\\Model', 1, 't', SHA2('nosuch-plain', 256), '["*"]', NULL, UTC_TIMESTAMP()),
	(9, 'user', 1, 't', SHA2('morph-plain', 256), '["*"]', NULL, UTC_TIMESTAMP()),
	(10, 'App\\Models\\User', 1, 't', SHA2('nullcreated-plain', 256), '["*"]', NULL, NULL),
	(11, 'App\\Models\\User', 2, 't', SHA2('zoe-plain', 256), '["*"]', NULL, UTC_TIMESTAMP()),
	(12, 'App\\Models\\User', 1, 't', SHA2('noabil-plain', 256), '[]', NULL, UTC_TIMESTAMP()),
	(13, 'App\\Models\\User', 1, 't', SHA2('nullabil-plain', 256), NULL, NULL, UTC_TIMESTAMP()),
	(14, 'App\\Models\\User', 1, 't', SHA2('0', 256), '["*"]', NULL, UTC_TIMESTAMP()),
	(15, 'App\\Models\\User', 1, 't', SHA2('a|b', 256), '["*"]', NULL, UTC_TIMESTAMP()),
	(16, 'app\\models\\user', 1, 't', SHA2('lowercls-plain', 256), '["*"]', NULL, UTC_TIMESTAMP()),
	(17, 'App\\Models\\User', 1, 't', SHA2('emptyexp-plain', 256), '["*"]', UTC_TIMESTAMP(), UTC_TIMESTAMP()),
	(18, 'App\\Models\\User', 3, 't', SHA2('bob-plain', 256), '["*"]', NULL, UTC_TIMESTAMP()),
	-- Carol's account is deleted softly
	(19, 'App\\Models\\User', 4, 't', SHA2('carol-plain', 256), '["*"]', NULL, UTC_TIMESTAMP()),
	-- a type that equals the configured one for the database, which ignores trailing spaces
	(20, 'App\\Models\\User ', 1, 't', SHA2('padded-plain', 256), '["*"]', NULL, UTC_TIMESTAMP()),
	-- a hash that equals the right one for the database, which ignores case
	(21, 'App\\Models\\User', 1, 't', UPPER(SHA2('upper-plain', 256)), '["*"]', NULL, UTC_TIMESTAMP()),
	(22, 'App\\Models\\User', 1, 't', SHA2('prefix_abcdef0123456789deadbeef', 256), '["*"]', NULL, UTC_TIMESTAMP()),
	(23, 'App\\Models\\User', 18446744073709551615, 't', SHA2('last-plain', 256), '["*"]', NULL, UTC_TIMESTAMP());

-- Tokens as Sanctum 2 kept them: no expires_at.
CREATE TABLE old_tokens (
	id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	tokenable_type VARCHAR(255) NOT NULL,
	tokenable_id BIGINT UNSIGNED NOT NULL,
	name VARCHAR(255) NOT NULL,
	token VARCHAR(64) NOT NULL UNIQUE,
	abilities TEXT NULL,
	last_used_at TIMESTAMP NULL DEFAULT NULL,
	created_at TIMESTAMP NULL DEFAULT NULL,
	updated_at TIMESTAMP NULL DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
INSERT INTO old_tokens (id, tokenable_type, tokenable_id, name, token, created_at) VALUES
	(1, 'user', 1, 't', SHA2('young', 256), UTC_TIMESTAMP() - INTERVAL 10 MINUTE),
	(2, 'user', 1, 't', SHA2('aged', 256), UTC_TIMESTAMP() - INTERVAL 60 MINUTE),
	(3, 'user', 1, 't', SHA2('undated', 256), NULL);

-- An application with UUID keys and ULID tokens.
CREATE TABLE members (
	id CHAR(36) NOT NULL PRIMARY KEY,
	name VARCHAR(255) NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
INSERT INTO members (id, name) VALUES ('0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b', 'Mia');
CREATE TABLE member_tokens (
	id CHAR(26) NOT NULL PRIMARY KEY,
	tokenable_type VARCHAR(255) NOT NULL,
	tokenable_id CHAR(36) NOT NULL,
	name TEXT NOT NULL,
	token VARCHAR(64) NOT NULL UNIQUE,
	abilities TEXT NULL,
	last_used_at TIMESTAMP NULL DEFAULT NULL,
	expires_at TIMESTAMP NULL DEFAULT NULL,
	created_at TIMESTAMP NULL DEFAULT NULL,
	updated_at TIMESTAMP NULL DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
INSERT INTO member_tokens (id, tokenable_type, tokenable_id, name, token) VALUES
	('01JD2K3M4N5P6Q7R8S9T0V1W2X', 'member', '0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b', 't', SHA2('mia-plain', 256)),
	-- the owner's id in capitals: equal for the database, another text
	('01JD2K3M4N5P6Q7R8S9T0V1W2Y', 'member', '0198A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B', 't', SHA2('capital-plain', 256));

CREATE TABLE company_user (
	company_id BIGINT UNSIGNED NOT NULL,
	user_id BIGINT UNSIGNED NOT NULL,
	role VARCHAR(64) NOT NULL,
	PRIMARY KEY (company_id, user_id)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
INSERT INTO company_user VALUES (6, 1, 'owner/"chief"'), (6, 2, 'Gäst 😀'), (7, 1, 'guest');

-- Values that a database finds with more than one spelling.
CREATE TABLE tags (
	name VARCHAR(64) NOT NULL PRIMARY KEY
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
INSERT INTO tags VALUES ('AbC-1'), ('plain'), ('7');
CREATE TABLE numbers (
	id INT NOT NULL PRIMARY KEY
) ENGINE=InnoDB;
INSERT INTO numbers VALUES (0), (7);

-- One column of each kind that may come back.
CREATE TABLE cards (
	id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
	user_id BIGINT UNSIGNED NOT NULL,
	points INT NOT NULL,
	price DECIMAL(10,2) NULL,
	ratio DOUBLE NULL,
	note VARCHAR(2000) CHARACTER SET utf8mb4 NULL,
	tags TEXT NULL,
	blob_value VARBINARY(16) NULL,
	made DATETIME NULL,
	seen TIMESTAMP(6) NULL,
	tick DATETIME(3) NULL,
	zero DATETIME(1) NULL,
	day DATE NULL,
	hour TIME(2) NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
INSERT INTO cards VALUES
	(1, 1, -5, 12.50, 1.5, 'a "b" \\ / <c> & ''d''', '{"k":[1,null,"é"]}', NULL, '2026-01-02 03:04:05',
		'2026-01-02 03:04:05.000678', '0999-12-31 23:59:59.120', '2026-01-02 00:00:00', '2026-01-02',
		'-101:02:03.4');
INSERT INTO cards (id, user_id, points, note, tags, blob_value) VALUES
	(2, 1, 0, NULL, NULL, NULL),
	(3, 1, 1, NULL, '{"k":', NULL),
	(4, 1, 1, NULL, NULL, 0x00FF),
	(5, 1, 1, REPEAT('x', 1100), NULL, NULL);
