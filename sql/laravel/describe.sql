-- What:    say which of the shapes that castgate knows the tables of a Laravel application have. One
--          sentence per finding; nothing is wrong with any of them.
-- Why:     Sanctum 2, 3 and 4 made different tables, and owners have integer, UUID or ULID keys;
--          castgate reads all of them, and some want a line in its configuration.
-- Locks:   none. Reads information_schema only and changes nothing.
-- Minimum: MariaDB 10.2.2 or MySQL 5.7.9.

SELECT CASE
	WHEN expires.COLUMN_NAME IS NULL
		THEN CONCAT('personal_access_tokens is as Sanctum 2 made it: without expires_at, tokens end by',
			' their age only (expiration_minutes).')
	WHEN named.DATA_TYPE = 'varchar'
		THEN 'personal_access_tokens is as Sanctum 3 and 4.0 made it: with expires_at, its name VARCHAR.'
	ELSE 'personal_access_tokens is as later Sanctum 4 makes it: with expires_at, its name TEXT.'
END AS note
FROM information_schema.COLUMNS AS named
LEFT JOIN information_schema.COLUMNS AS expires
	ON expires.TABLE_SCHEMA = named.TABLE_SCHEMA AND expires.TABLE_NAME = named.TABLE_NAME
	AND expires.COLUMN_NAME = 'expires_at'
WHERE named.TABLE_SCHEMA = DATABASE() AND named.TABLE_NAME = 'personal_access_tokens'
	AND named.COLUMN_NAME = 'name'

UNION ALL

SELECT CONCAT(part.TABLE_NAME, '.', part.COLUMN_NAME, ' is ', part.COLUMN_TYPE, ': ', CASE
	WHEN part.CHARACTER_MAXIMUM_LENGTH IS NULL THEN 'whole numbers'
	WHEN part.CHARACTER_MAXIMUM_LENGTH = 26 THEN 'as ULIDs are'
	WHEN part.CHARACTER_MAXIMUM_LENGTH = 36 THEN 'as UUIDs are'
	ELSE 'text' END, IF(part.TABLE_NAME = 'personal_access_tokens' AND part.COLUMN_NAME = 'id'
		AND part.CHARACTER_MAXIMUM_LENGTH IS NOT NULL, ' (token_id = string).', '.'))
FROM information_schema.COLUMNS AS part
WHERE part.TABLE_SCHEMA = DATABASE()
	AND ((part.TABLE_NAME = 'personal_access_tokens' AND part.COLUMN_NAME IN ('id', 'tokenable_id'))
		OR (part.TABLE_NAME = 'users' AND part.COLUMN_NAME = 'id'));
