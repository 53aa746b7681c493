-- What:    compare the tables of this folder, as they stand in the current database, with what the
--          migrations create: one plain sentence per problem, and no row when there is none.
-- Why:     CREATE TABLE IF NOT EXISTS says nothing over a table that an application made its own
--          way. A problem is not always a fault: other versions and adapters of better-auth write
--          other types, which castgate reads as well. A missing index costs speed on every request.
-- Account: any, also one that may read some columns only: then it is silent about columns and keys
--          that it cannot see. Privileges that come through a role are not taken into account.
-- Locks:   none. Reads information_schema only and changes nothing.
-- Minimum: MariaDB 10.2.2 or MySQL 5.7.9.

SELECT DISTINCT CASE
	WHEN actual_table.TABLE_NAME IS NULL
		THEN CONCAT('The table ', expected.table_name, ' is missing.')
	WHEN actual.COLUMN_NAME IS NULL
		THEN CONCAT('The column ', expected.table_name, '.', expected.column_name, ' is missing.')
	WHEN NOT FIND_IN_SET(actual.DATA_TYPE, expected.data_types)
		THEN CONCAT('The column ', expected.table_name, '.', expected.column_name, ' is ',
			actual.COLUMN_TYPE, ', not ', REPLACE(expected.data_types, ',', ' or '), '.')
	WHEN asked.about = 'sign'
		THEN CONCAT('The column ', expected.table_name, '.', expected.column_name, ' is ',
			IF(expected.is_unsigned, 'signed', 'unsigned'), '.')
	WHEN asked.about = 'NULL'
		THEN CONCAT('The column ', expected.table_name, '.', expected.column_name, ' may ',
			IF(expected.is_nullable = 'YES', 'not ', ''), 'be NULL.')
	WHEN asked.about = 'room'
		THEN CONCAT('The column ', expected.table_name, '.', expected.column_name,
			' has room for ', actual.CHARACTER_MAXIMUM_LENGTH, ' of ', expected.characters, '.')
	WHEN asked.about = 'character set'
		THEN CONCAT('The column ', expected.table_name, '.', expected.column_name,
			' has the character set ', actual.CHARACTER_SET_NAME, ', not utf8mb4.')
	WHEN asked.about = 'collation'
		THEN CONCAT('The column ', expected.table_name, '.', expected.column_name,
			' has the collation ', actual.COLLATION_NAME, ', which takes A for a.')
	ELSE CONCAT('The column ', expected.table_name, '.', expected.column_name,
		' is changed by the server on every write.')
END AS problem
FROM (
	SELECT 'user' AS table_name, 'id' AS column_name,
		'varchar' AS data_types, 0 AS is_unsigned, 'NO' AS is_nullable,
		36 AS characters, 0 AS is_optional, 0 AS is_exact
	UNION ALL SELECT 'user', 'name', 'varchar', 0, 'NO', 255, 0, 0
	UNION ALL SELECT 'user', 'email', 'varchar', 0, 'NO', 255, 0, 0
	UNION ALL SELECT 'user', 'emailVerified', 'tinyint', 0, 'NO', 0, 0, 0
	UNION ALL SELECT 'user', 'image', 'text', 0, 'YES', 255, 0, 0
	UNION ALL SELECT 'user', 'createdAt', 'timestamp', 0, 'NO', 0, 0, 0
	UNION ALL SELECT 'user', 'updatedAt', 'timestamp', 0, 'NO', 0, 0, 0
	UNION ALL SELECT 'session', 'id', 'varchar', 0, 'NO', 36, 0, 0
	UNION ALL SELECT 'session', 'expiresAt', 'timestamp', 0, 'NO', 0, 0, 0
	UNION ALL SELECT 'session', 'token', 'varchar', 0, 'NO', 255, 0, 0
	UNION ALL SELECT 'session', 'createdAt', 'timestamp', 0, 'NO', 0, 0, 0
	UNION ALL SELECT 'session', 'updatedAt', 'timestamp', 0, 'NO', 0, 0, 0
	UNION ALL SELECT 'session', 'ipAddress', 'text', 0, 'YES', 255, 0, 0
	UNION ALL SELECT 'session', 'userAgent', 'text', 0, 'YES', 255, 0, 0
	UNION ALL SELECT 'session', 'userId', 'varchar', 0, 'NO', 36, 0, 0
	UNION ALL SELECT 'session', 'activeOrganizationId', 'text', 0, 'YES', 255, 0, 0
) AS expected
CROSS JOIN (
	-- one row each, since a column may have several problems
	SELECT 'sign' AS about UNION ALL SELECT 'NULL' UNION ALL SELECT 'room'
	UNION ALL SELECT 'character set' UNION ALL SELECT 'collation' UNION ALL SELECT 'writes'
) AS asked
LEFT JOIN information_schema.TABLES AS actual_table
	ON actual_table.TABLE_SCHEMA = DATABASE() AND actual_table.TABLE_NAME = expected.table_name
LEFT JOIN information_schema.COLUMNS AS actual
	ON actual.TABLE_SCHEMA = DATABASE() AND actual.TABLE_NAME = expected.table_name
	AND actual.COLUMN_NAME = expected.column_name
LEFT JOIN (
	-- tables of which this account may see some columns only, and those columns
	SELECT own.TABLE_NAME AS table_name,
		GROUP_CONCAT(DISTINCT own.COLUMN_NAME SEPARATOR ',') AS column_names
	FROM information_schema.COLUMN_PRIVILEGES AS own
	JOIN (
		SELECT CONCAT('''', LEFT(CURRENT_USER(), CHAR_LENGTH(CURRENT_USER()) - 1
			- CHAR_LENGTH(SUBSTRING_INDEX(CURRENT_USER(), '@', -1))), '''@''',
			SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''') AS grantee
	) AS me ON me.grantee = own.GRANTEE
	WHERE own.TABLE_SCHEMA = DATABASE()
		AND NOT EXISTS (SELECT 1 FROM information_schema.TABLE_PRIVILEGES AS wide
			WHERE wide.GRANTEE = own.GRANTEE AND wide.TABLE_SCHEMA = own.TABLE_SCHEMA
				AND wide.TABLE_NAME = own.TABLE_NAME
				AND wide.PRIVILEGE_TYPE IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES'))
		AND NOT EXISTS (SELECT 1 FROM information_schema.SCHEMA_PRIVILEGES AS wide
			WHERE wide.GRANTEE = own.GRANTEE AND DATABASE() LIKE wide.TABLE_SCHEMA
				AND wide.PRIVILEGE_TYPE IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES'))
		AND NOT EXISTS (SELECT 1 FROM information_schema.USER_PRIVILEGES AS wide
			WHERE wide.GRANTEE = own.GRANTEE
				AND wide.PRIVILEGE_TYPE IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES'))
	GROUP BY own.TABLE_NAME
) AS narrow ON narrow.table_name = expected.table_name
WHERE actual_table.TABLE_NAME IS NULL
	OR (actual.COLUMN_NAME IS NULL AND NOT expected.is_optional
		AND (narrow.table_name IS NULL
			OR FIND_IN_SET(expected.column_name, narrow.column_names)))
	OR NOT FIND_IN_SET(actual.DATA_TYPE, expected.data_types)
	OR (asked.about = 'sign' AND (LOCATE('unsigned', actual.COLUMN_TYPE) > 0) <> expected.is_unsigned)
	OR (asked.about = 'NULL' AND actual.IS_NULLABLE <> expected.is_nullable)
	OR (asked.about = 'room' AND expected.characters > actual.CHARACTER_MAXIMUM_LENGTH)
	OR (asked.about = 'character set' AND actual.CHARACTER_SET_NAME <> 'utf8mb4')
	OR (asked.about = 'collation' AND expected.is_exact AND RIGHT(actual.COLLATION_NAME, 4) <> '_bin')
	OR (asked.about = 'writes' AND LOCATE('on update', LOWER(actual.EXTRA)) > 0)

UNION ALL

SELECT CONCAT('The table ', wanted.table_name,
	IF(wanted.non_unique, ' has no index that starts with (', ' has no unique key on exactly ('),
	REPLACE(wanted.column_names, ',', ', '), ').')
FROM (
	SELECT 'user' AS table_name, 'id' AS column_names, 0 AS non_unique
	UNION ALL SELECT 'user', 'email', 0
	UNION ALL SELECT 'session', 'id', 0
	UNION ALL SELECT 'session', 'token', 0
	UNION ALL SELECT 'session', 'userId', 1
) AS wanted
JOIN information_schema.TABLES AS actual_table
	ON actual_table.TABLE_SCHEMA = DATABASE() AND actual_table.TABLE_NAME = wanted.table_name
LEFT JOIN (
	SELECT TABLE_NAME AS table_name, MAX(NON_UNIQUE) AS non_unique,
		GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX SEPARATOR ',') AS column_names
	FROM information_schema.STATISTICS
	WHERE TABLE_SCHEMA = DATABASE()
	GROUP BY TABLE_NAME, INDEX_NAME
) AS found
	ON found.table_name = wanted.table_name
	AND (found.column_names = wanted.column_names
		OR (wanted.non_unique = 1
			AND found.column_names LIKE CONCAT(wanted.column_names, ',%')))
	AND found.non_unique <= wanted.non_unique
LEFT JOIN (
	-- tables of which this account may see some columns only, and those columns
	SELECT own.TABLE_NAME AS table_name,
		GROUP_CONCAT(DISTINCT own.COLUMN_NAME SEPARATOR ',') AS column_names
	FROM information_schema.COLUMN_PRIVILEGES AS own
	JOIN (
		SELECT CONCAT('''', LEFT(CURRENT_USER(), CHAR_LENGTH(CURRENT_USER()) - 1
			- CHAR_LENGTH(SUBSTRING_INDEX(CURRENT_USER(), '@', -1))), '''@''',
			SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''') AS grantee
	) AS me ON me.grantee = own.GRANTEE
	WHERE own.TABLE_SCHEMA = DATABASE()
		AND NOT EXISTS (SELECT 1 FROM information_schema.TABLE_PRIVILEGES AS wide
			WHERE wide.GRANTEE = own.GRANTEE AND wide.TABLE_SCHEMA = own.TABLE_SCHEMA
				AND wide.TABLE_NAME = own.TABLE_NAME
				AND wide.PRIVILEGE_TYPE IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES'))
		AND NOT EXISTS (SELECT 1 FROM information_schema.SCHEMA_PRIVILEGES AS wide
			WHERE wide.GRANTEE = own.GRANTEE AND DATABASE() LIKE wide.TABLE_SCHEMA
				AND wide.PRIVILEGE_TYPE IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES'))
		AND NOT EXISTS (SELECT 1 FROM information_schema.USER_PRIVILEGES AS wide
			WHERE wide.GRANTEE = own.GRANTEE
				AND wide.PRIVILEGE_TYPE IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES'))
	GROUP BY own.TABLE_NAME
) AS narrow ON narrow.table_name = wanted.table_name
WHERE found.table_name IS NULL AND narrow.table_name IS NULL;
