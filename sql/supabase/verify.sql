-- What:    compare the tables of this folder, as they stand in the current database, with what the
--          migrations create: one plain sentence per problem, and no row when there is none.
-- Why:     CREATE TABLE IF NOT EXISTS says nothing over a table that an application made its own
--          way. A problem is not always a fault; a missing index costs speed on every request.
-- Account: any, also one that may read some columns only: then it is silent about columns and keys
--          that it cannot see. Privileges that come through a role are not taken into account.
-- Locks:   none. Reads information_schema only and changes nothing.
-- Minimum: MariaDB 10.2.2 or MySQL 8.0.13.

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
	SELECT 'user_sessions' AS table_name, 'id' AS column_name,
		'varchar' AS data_types, 0 AS is_unsigned, 'NO' AS is_nullable,
		64 AS characters, 0 AS is_optional, 1 AS is_exact
	UNION ALL SELECT 'user_sessions', 'user_id', 'varchar', 0, 'NO', 64, 0, 1
	UNION ALL SELECT 'user_sessions', 'user_agent', 'varchar', 0, 'YES', 255, 0, 1
	UNION ALL SELECT 'user_sessions', 'ip_address', 'varchar', 0, 'YES', 45, 0, 1
	UNION ALL SELECT 'user_sessions', 'created_at', 'datetime', 0, 'NO', 0, 0, 0
	UNION ALL SELECT 'user_sessions', 'last_seen_at', 'datetime', 0, 'NO', 0, 0, 0
	UNION ALL SELECT 'user_sessions', 'revoked_at', 'datetime', 0, 'YES', 0, 0, 0
	UNION ALL SELECT 'user_sessions', 'revoke_reason', 'varchar', 0, 'YES', 32, 0, 1
	UNION ALL SELECT 'user_sessions', 'provider', 'varchar', 0, 'NO', 64, 0, 1
	UNION ALL SELECT 'user_sessions', 'provider_session_id', 'varchar', 0, 'NO', 128, 0, 1
	UNION ALL SELECT 'user_sessions', 'cookie_hash', 'binary', 0, 'NO', 32, 0, 0
	UNION ALL SELECT 'user_sessions', 'refresh_generation', 'int', 1, 'NO', 0, 0, 0
	UNION ALL SELECT 'user_sessions', 'refresh_salt', 'binary', 0, 'NO', 16, 0, 0
	UNION ALL SELECT 'user_sessions', 'refreshed_at', 'datetime', 0, 'NO', 0, 0, 0
	UNION ALL SELECT 'user_sessions', 'expires_at', 'datetime', 0, 'NO', 0, 0, 0
	UNION ALL SELECT 'refresh_tokens', 'id', 'bigint', 1, 'NO', 0, 0, 0
	UNION ALL SELECT 'refresh_tokens', 'session_id', 'varchar', 0, 'NO', 64, 0, 1
	UNION ALL SELECT 'refresh_tokens', 'generation', 'int', 1, 'NO', 0, 0, 0
	UNION ALL SELECT 'refresh_tokens', 'token_hash', 'binary', 0, 'NO', 32, 0, 0
	UNION ALL SELECT 'refresh_tokens', 'created_at', 'datetime', 0, 'NO', 0, 0, 0
	UNION ALL SELECT 'refresh_tokens', 'rotated_at', 'datetime', 0, 'YES', 0, 0, 0
	UNION ALL SELECT 'refresh_tokens', 'expires_at', 'datetime', 0, 'NO', 0, 0, 0
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
	SELECT 'user_sessions' AS table_name, 'id' AS column_names, 0 AS non_unique
	UNION ALL SELECT 'user_sessions', 'provider,provider_session_id', 0
	UNION ALL SELECT 'user_sessions', 'cookie_hash', 0
	UNION ALL SELECT 'user_sessions', 'user_id', 1
	UNION ALL SELECT 'user_sessions', 'created_at', 1
	UNION ALL SELECT 'user_sessions', 'revoked_at,expires_at', 1
	UNION ALL SELECT 'refresh_tokens', 'id', 0
	UNION ALL SELECT 'refresh_tokens', 'token_hash', 0
	UNION ALL SELECT 'refresh_tokens', 'session_id,generation', 0
	UNION ALL SELECT 'refresh_tokens', 'expires_at', 1
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

SELECT 'The table refresh_tokens has no foreign key to user_sessions that deletes with it.'
FROM information_schema.TABLES AS actual_table
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
) AS narrow ON narrow.table_name = actual_table.TABLE_NAME
LEFT JOIN information_schema.KEY_COLUMN_USAGE AS part
	ON part.TABLE_SCHEMA = DATABASE() AND part.TABLE_NAME = actual_table.TABLE_NAME
	AND part.COLUMN_NAME = 'session_id' AND part.REFERENCED_TABLE_NAME = 'user_sessions'
	AND part.REFERENCED_COLUMN_NAME = 'id'
-- what it does on delete is shown to few accounts
LEFT JOIN information_schema.REFERENTIAL_CONSTRAINTS AS rule
	ON rule.CONSTRAINT_SCHEMA = DATABASE() AND rule.TABLE_NAME = actual_table.TABLE_NAME
	AND rule.CONSTRAINT_NAME = part.CONSTRAINT_NAME
WHERE actual_table.TABLE_SCHEMA = DATABASE() AND actual_table.TABLE_NAME = 'refresh_tokens'
	AND narrow.table_name IS NULL
	AND (part.COLUMN_NAME IS NULL OR rule.DELETE_RULE <> 'CASCADE')

UNION ALL

SELECT CASE
	WHEN actual.ROUTINE_NAME IS NULL
		THEN CONCAT('The procedure ', wanted.routine_name, ' is missing.')
	WHEN actual.SECURITY_TYPE <> 'DEFINER'
		THEN CONCAT('The procedure ', wanted.routine_name,
			' has SQL SECURITY INVOKER: callers would need the tables.')
	WHEN LOCATE('STRICT_', actual.SQL_MODE) = 0
		THEN CONCAT('The procedure ', wanted.routine_name,
			' was made without a strict sql_mode: it cuts a token that is too long.')
	WHEN SHA2(TRIM(TRAILING ';' FROM REPLACE(REPLACE(REPLACE(REPLACE(actual.ROUTINE_DEFINITION,
			' ', ''), CHAR(9), ''), CHAR(10), ''), CHAR(13), '')), 256) <> wanted.body
		THEN CONCAT('The procedure ', wanted.routine_name,
			' does something else than its file says.')
	ELSE CONCAT('The procedure ', wanted.routine_name, ' has the definer ', actual.DEFINER,
		', an account that is not there: nobody can call it.')
END
FROM (
	-- body: SHA-256 of the statement after SQL SECURITY DEFINER, without blanks, and without the semicolon
	-- that MySQL keeps where a tool sent the whole file in one packet
	SELECT 'castgate_own_sessions' AS routine_name,
		'5fe4da3743cd44a2cb9621daaa2fabbc115e586c5aeaa6d4b727ffc22ef12ace' AS body
	UNION ALL SELECT 'castgate_own_refresh_tokens',
		'49e9507862f0b719bd8f849a4be1dd3f31c87d42922d184a05b65afdedceab35'
) AS wanted
JOIN information_schema.TABLES AS actual_table
	ON actual_table.TABLE_SCHEMA = DATABASE() AND actual_table.TABLE_NAME = 'user_sessions'
LEFT JOIN information_schema.ROUTINES AS actual
	ON actual.ROUTINE_SCHEMA = DATABASE() AND actual.ROUTINE_TYPE = 'PROCEDURE'
	AND actual.ROUTINE_NAME = wanted.routine_name
LEFT JOIN (
	SELECT DISTINCT GRANTEE AS grantee FROM information_schema.USER_PRIVILEGES
) AS definer ON definer.grantee = CONCAT('''', LEFT(actual.DEFINER, CHAR_LENGTH(actual.DEFINER) - 1
	- CHAR_LENGTH(SUBSTRING_INDEX(actual.DEFINER, '@', -1))), '''@''',
	SUBSTRING_INDEX(actual.DEFINER, '@', -1), '''')
CROSS JOIN (
	-- an account that sees others sees all of them
	SELECT COUNT(DISTINCT GRANTEE) > 1 AS is_wide FROM information_schema.USER_PRIVILEGES
) AS accounts
CROSS JOIN (
	-- whoever may run every procedure sees every procedure
	SELECT COUNT(*) > 0 AS is_wide
	FROM (
		SELECT GRANTEE AS grantee, PRIVILEGE_TYPE AS privilege_type
		FROM information_schema.USER_PRIVILEGES
		UNION ALL
		SELECT GRANTEE, PRIVILEGE_TYPE
		FROM information_schema.SCHEMA_PRIVILEGES
		WHERE DATABASE() LIKE TABLE_SCHEMA
	) AS own
	JOIN (
		SELECT CONCAT('''', LEFT(CURRENT_USER(), CHAR_LENGTH(CURRENT_USER()) - 1
			- CHAR_LENGTH(SUBSTRING_INDEX(CURRENT_USER(), '@', -1))), '''@''',
			SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''') AS grantee
	) AS me ON me.grantee = own.grantee
	WHERE own.privilege_type = 'EXECUTE'
) AS routines
WHERE (actual.ROUTINE_NAME IS NULL AND routines.is_wide)
	OR actual.SECURITY_TYPE <> 'DEFINER'
	OR LOCATE('STRICT_', actual.SQL_MODE) = 0
	OR SHA2(TRIM(TRAILING ';' FROM REPLACE(REPLACE(REPLACE(REPLACE(actual.ROUTINE_DEFINITION,
		' ', ''), CHAR(9), ''), CHAR(10), ''), CHAR(13), '')), 256) <> wanted.body
	OR (actual.DEFINER IS NOT NULL AND definer.grantee IS NULL AND accounts.is_wide)

UNION ALL

SELECT CASE
	WHEN actual.TABLE_NAME IS NULL
		THEN CONCAT('The view ', wanted.view_name, ' is missing.')
	WHEN actual.SECURITY_TYPE <> wanted.security_type
		THEN CONCAT('The view ', wanted.view_name, ' has SQL SECURITY ', actual.SECURITY_TYPE,
			', not ', wanted.security_type, '.')
	ELSE CONCAT('The view ', wanted.view_name, ' does not say ', wanted.word,
		', without which callers get round it.')
END
FROM (
	SELECT 'castgate_sessions_of_cookie' AS view_name, 'INVOKER' AS security_type,
		'sysdate' AS word, 0 AS is_optional
	UNION ALL SELECT 'castgate_refresh_tokens_of_cookie', 'INVOKER', 'sysdate', 0
	UNION ALL SELECT 'own_sessions', 'DEFINER', 'limit', 1
	UNION ALL SELECT 'own_refresh_tokens', 'DEFINER', 'limit', 1
) AS wanted
JOIN information_schema.TABLES AS actual_table
	ON actual_table.TABLE_SCHEMA = DATABASE() AND actual_table.TABLE_NAME = 'user_sessions'
LEFT JOIN information_schema.VIEWS AS actual
	ON actual.TABLE_SCHEMA = DATABASE() AND actual.TABLE_NAME = wanted.view_name
CROSS JOIN (
	-- whoever may read every table sees every view
	SELECT COUNT(*) > 0 AS is_wide
	FROM (
		SELECT GRANTEE AS grantee, PRIVILEGE_TYPE AS privilege_type
		FROM information_schema.USER_PRIVILEGES
		UNION ALL
		SELECT GRANTEE, PRIVILEGE_TYPE
		FROM information_schema.SCHEMA_PRIVILEGES
		WHERE DATABASE() LIKE TABLE_SCHEMA
	) AS own
	JOIN (
		SELECT CONCAT('''', LEFT(CURRENT_USER(), CHAR_LENGTH(CURRENT_USER()) - 1
			- CHAR_LENGTH(SUBSTRING_INDEX(CURRENT_USER(), '@', -1))), '''@''',
			SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''') AS grantee
	) AS me ON me.grantee = own.grantee
	WHERE own.privilege_type = 'SELECT'
) AS tables
WHERE (actual.TABLE_NAME IS NULL AND NOT wanted.is_optional AND tables.is_wide)
	OR actual.SECURITY_TYPE <> wanted.security_type
	-- the text is shown to few accounts
	OR (actual.VIEW_DEFINITION <> '' AND LOCATE(wanted.word, LOWER(actual.VIEW_DEFINITION)) = 0);
