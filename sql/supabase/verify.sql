-- What:    compare the tables of this folder, as they stand in the current database, with what the
--          migrations create. One row per difference; no row means that nothing differs.
-- Why:     CREATE TABLE IF NOT EXISTS says nothing over a table that an application made its own way.
--          A difference is not always a fault; a missing index costs speed on every request.
-- Locks:   none. Reads information_schema only and changes nothing.
-- Minimum: MariaDB 10.2.2 or MySQL 8.0.13.

SELECT
	expected.table_name AS `table`,
	expected.column_name AS `column`,
	CASE
		WHEN actual_table.TABLE_NAME IS NULL THEN 'table is missing'
		WHEN actual.COLUMN_NAME IS NULL THEN 'column is missing'
		WHEN actual.DATA_TYPE <> expected.data_type THEN 'other type'
		WHEN (LOCATE('unsigned', actual.COLUMN_TYPE) > 0) <> expected.is_unsigned
			THEN 'other signedness'
		WHEN actual.IS_NULLABLE <> expected.is_nullable THEN 'other NULL rule'
		WHEN expected.characters > COALESCE(actual.CHARACTER_MAXIMUM_LENGTH, 0) THEN 'too short'
		WHEN expected.characters > 0 AND actual.CHARACTER_SET_NAME <> 'utf8mb4'
			THEN 'other character set'
		ELSE 'updated by the server on every write'
	END AS difference,
	actual.COLUMN_TYPE AS found
FROM (
	SELECT 'user_sessions' AS table_name, 'id' AS column_name, 'varchar' AS data_type,
		0 AS is_unsigned, 'NO' AS is_nullable, 64 AS characters
	UNION ALL SELECT 'user_sessions', 'user_id', 'varchar', 0, 'NO', 64
	UNION ALL SELECT 'user_sessions', 'user_agent', 'varchar', 0, 'YES', 255
	UNION ALL SELECT 'user_sessions', 'ip_address', 'varchar', 0, 'YES', 45
	UNION ALL SELECT 'user_sessions', 'created_at', 'datetime', 0, 'NO', 0
	UNION ALL SELECT 'user_sessions', 'last_seen_at', 'datetime', 0, 'NO', 0
	UNION ALL SELECT 'user_sessions', 'revoked_at', 'datetime', 0, 'YES', 0
	UNION ALL SELECT 'user_sessions', 'revoke_reason', 'varchar', 0, 'YES', 32
	UNION ALL SELECT 'user_sessions', 'provider', 'varchar', 0, 'NO', 64
	UNION ALL SELECT 'user_sessions', 'provider_session_id', 'varchar', 0, 'NO', 128
	UNION ALL SELECT 'user_sessions', 'cookie_hash', 'binary', 0, 'NO', 32
	UNION ALL SELECT 'user_sessions', 'refresh_generation', 'int', 1, 'NO', 0
	UNION ALL SELECT 'user_sessions', 'refresh_salt', 'binary', 0, 'NO', 16
	UNION ALL SELECT 'user_sessions', 'refreshed_at', 'datetime', 0, 'NO', 0
	UNION ALL SELECT 'user_sessions', 'expires_at', 'datetime', 0, 'NO', 0
	UNION ALL SELECT 'refresh_tokens', 'id', 'bigint', 1, 'NO', 0
	UNION ALL SELECT 'refresh_tokens', 'session_id', 'varchar', 0, 'NO', 64
	UNION ALL SELECT 'refresh_tokens', 'generation', 'int', 1, 'NO', 0
	UNION ALL SELECT 'refresh_tokens', 'token_hash', 'binary', 0, 'NO', 32
	UNION ALL SELECT 'refresh_tokens', 'created_at', 'datetime', 0, 'NO', 0
	UNION ALL SELECT 'refresh_tokens', 'rotated_at', 'datetime', 0, 'YES', 0
	UNION ALL SELECT 'refresh_tokens', 'expires_at', 'datetime', 0, 'NO', 0
) AS expected
LEFT JOIN information_schema.TABLES AS actual_table
	ON actual_table.TABLE_SCHEMA = DATABASE() AND actual_table.TABLE_NAME = expected.table_name
LEFT JOIN information_schema.COLUMNS AS actual
	ON actual.TABLE_SCHEMA = DATABASE() AND actual.TABLE_NAME = expected.table_name
	AND actual.COLUMN_NAME = expected.column_name
WHERE actual.COLUMN_NAME IS NULL
	OR actual.DATA_TYPE <> expected.data_type
	OR (LOCATE('unsigned', actual.COLUMN_TYPE) > 0) <> expected.is_unsigned
	OR actual.IS_NULLABLE <> expected.is_nullable
	OR expected.characters > COALESCE(actual.CHARACTER_MAXIMUM_LENGTH, 0)
	OR (expected.characters > 0 AND actual.CHARACTER_SET_NAME <> 'utf8mb4')
	OR LOCATE('on update', LOWER(actual.EXTRA)) > 0

UNION ALL

SELECT
	wanted.table_name,
	wanted.column_names,
	CASE WHEN wanted.non_unique = 0 THEN 'no unique key on exactly these columns'
		ELSE 'no index starts with these columns' END,
	NULL
FROM (
	SELECT 'user_sessions' AS table_name, 'id' AS column_names, 0 AS non_unique
	UNION ALL SELECT 'user_sessions', 'provider,provider_session_id', 0
	UNION ALL SELECT 'user_sessions', 'cookie_hash', 0
	UNION ALL SELECT 'user_sessions', 'user_id', 1
	UNION ALL SELECT 'user_sessions', 'created_at', 1
	UNION ALL SELECT 'user_sessions', 'expires_at', 1
	UNION ALL SELECT 'refresh_tokens', 'id', 0
	UNION ALL SELECT 'refresh_tokens', 'token_hash', 0
	UNION ALL SELECT 'refresh_tokens', 'session_id,generation', 0
	UNION ALL SELECT 'refresh_tokens', 'expires_at', 1
) AS wanted
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
WHERE found.table_name IS NULL

UNION ALL

SELECT 'refresh_tokens', 'session_id', 'no foreign key to user_sessions that deletes with it', NULL
FROM DUAL
WHERE NOT EXISTS (
	SELECT 1
	FROM information_schema.REFERENTIAL_CONSTRAINTS AS rule
	JOIN information_schema.KEY_COLUMN_USAGE AS part
		ON part.CONSTRAINT_SCHEMA = rule.CONSTRAINT_SCHEMA
		AND part.CONSTRAINT_NAME = rule.CONSTRAINT_NAME
		AND part.TABLE_NAME = rule.TABLE_NAME
	WHERE rule.CONSTRAINT_SCHEMA = DATABASE()
		AND rule.TABLE_NAME = 'refresh_tokens' AND rule.DELETE_RULE = 'CASCADE'
		AND part.COLUMN_NAME = 'session_id'
		AND part.REFERENCED_TABLE_NAME = 'user_sessions'
		AND part.REFERENCED_COLUMN_NAME = 'id'
);
