-- Rows for laravel-reverb.expect: tables that exist for this one connection, and hide the
-- application's own. The account needs the privilege CREATE TEMPORARY TABLES on the database, so this
-- is one for your tests, and not the one of castgate.fcgi. Columns that no rule reads are left out.
CREATE TEMPORARY TABLE conversations (
	id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
	company_id BIGINT UNSIGNED NOT NULL
);
INSERT INTO conversations (id, company_id) VALUES (123, 6), (124, 6);

CREATE TEMPORARY TABLE conversation_participants (
	conversation_id BIGINT UNSIGNED NOT NULL,
	user_id BIGINT UNSIGNED NOT NULL,
	PRIMARY KEY (conversation_id, user_id)
);
INSERT INTO conversation_participants VALUES (123, 1), (123, 2), (124, 3);

CREATE TEMPORARY TABLE company_user (
	company_id BIGINT UNSIGNED NOT NULL,
	user_id BIGINT UNSIGNED NOT NULL,
	role VARCHAR(64) NOT NULL,
	PRIMARY KEY (company_id, user_id)
);
INSERT INTO company_user VALUES (6, 1, 'owner'), (6, 2, 'guest');
