-- What:    compare the tables of this folder, as they stand in the current database, with what the
--          migrations create: one plain sentence per problem, and no row when there is none.
-- Why:     CREATE TABLE IF NOT EXISTS says nothing over a table that an application made its own
--          way. Accepted is what Sanctum 2, 3 and 4 make, with integer, UUID or ULID keys;
--          describe.sql says which it is. A missing index costs speed on every request.
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
	SELECT 'personal_access_tokens' AS table_name, 'id' AS column_name,
		'bigint,int,char,varchar' AS data_types, NULL AS is_unsigned, 'NO' AS is_nullable,
		26 AS characters, 0 AS is_optional, 0 AS is_exact
	UNION ALL SELECT 'personal_access_tokens', 'tokenable_type', 'varchar', 0, 'NO', 191, 0, 0
	UNION ALL SELECT 'personal_access_tokens', 'tokenable_id',
		'bigint,int,char,varchar', NULL, 'NO', 26, 0, 0
	UNION ALL SELECT 'personal_access_tokens', 'name', 'text,varchar', 0, 'NO', 191, 0, 0
	UNION ALL SELECT 'personal_access_tokens', 'token', 'varchar,char', 0, 'NO', 64, 0, 0
	UNION ALL SELECT 'personal_access_tokens', 'abilities', 'text', 0, 'YES', 255, 0, 0
	UNION ALL SELECT 'personal_access_tokens', 'last_used_at', 'timestamp,datetime', 0, 'YES', 0, 0, 0
	UNION ALL SELECT 'personal_access_tokens', 'expires_at', 'timestamp,datetime', 0, 'YES', 0, 1, 0
	UNION ALL SELECT 'personal_access_tokens', 'created_at', 'timestamp,datetime', 0, 'YES', 0, 0, 0
	UNION ALL SELECT 'personal_access_tokens', 'updated_at', 'timestamp,datetime', 0, 'YES', 0, 0, 0
	UNION ALL SELECT 'conversations', 'id', 'bigint,int,char,varchar', NULL, 'NO', 26, 0, 0
	UNION ALL SELECT 'conversations', 'company_id', 'bigint,int,char,varchar', NULL, 'NO', 26, 0, 0
	UNION ALL SELECT 'conversations', 'created_at', 'timestamp,datetime', 0, 'YES', 0, 1, 0
	UNION ALL SELECT 'conversations', 'updated_at', 'timestamp,datetime', 0, 'YES', 0, 1, 0
	UNION ALL SELECT 'conversation_participants', 'id', 'bigint,int,char,varchar', NULL, 'NO', 26, 1, 0
	UNION ALL SELECT 'conversation_participants', 'conversation_id',
		'bigint,int,char,varchar', NULL, 'NO', 26, 0, 0
	UNION ALL SELECT 'conversation_participants', 'user_id', 'bigint,int,char,varchar', NULL, 'NO', 26, 0, 0
	UNION ALL SELECT 'conversation_participants', 'created_at', 'timestamp,datetime', 0, 'YES', 0, 1, 0
	UNION ALL SELECT 'conversation_participants', 'updated_at', 'timestamp,datetime', 0, 'YES', 0, 1, 0
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
	SELECT 'personal_access_tokens' AS table_name, 'id' AS column_names, 0 AS non_unique
	UNION ALL SELECT 'personal_access_tokens', 'token', 0
	UNION ALL SELECT 'personal_access_tokens', 'tokenable_type,tokenable_id', 1
	UNION ALL SELECT 'conversations', 'id', 0
	UNION ALL SELECT 'conversations', 'company_id', 1
	UNION ALL SELECT 'conversation_participants', 'conversation_id,user_id', 0
	UNION ALL SELECT 'conversation_participants', 'user_id', 1
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
WHERE found.table_name IS NULL AND narrow.table_name IS NULL

UNION ALL

SELECT CONCAT('The column ', pair.table_name, '.', pair.column_name, ' is ', one.COLUMN_TYPE,
	' but ', pair.other_table, '.', pair.other_column, ' is ', other.COLUMN_TYPE,
	': the server would compare text as numbers.')
FROM (
	SELECT 'personal_access_tokens' AS table_name, 'tokenable_id' AS column_name,
		'users' AS other_table, 'id' AS other_column
	UNION ALL SELECT 'conversation_participants', 'conversation_id', 'conversations', 'id'
	UNION ALL SELECT 'conversation_participants', 'user_id', 'users', 'id'
) AS pair
JOIN information_schema.COLUMNS AS one
	ON one.TABLE_SCHEMA = DATABASE() AND one.TABLE_NAME = pair.table_name
	AND one.COLUMN_NAME = pair.column_name
JOIN information_schema.COLUMNS AS other
	ON other.TABLE_SCHEMA = DATABASE() AND other.TABLE_NAME = pair.other_table
	AND other.COLUMN_NAME = pair.other_column
WHERE (one.CHARACTER_MAXIMUM_LENGTH IS NULL) <> (other.CHARACTER_MAXIMUM_LENGTH IS NULL);
