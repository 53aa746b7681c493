-- The demo's people and what they talk about. Loaded after the migrations of sql/laravel.
CREATE TABLE users (
	id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	name VARCHAR(255) NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
INSERT INTO users (id, name) VALUES (1, 'Alice'), (2, 'Bob'), (3, 'Carol');

-- Alice and Bob talk in conversation 123 of company 6, Bob and Carol in 124.
INSERT INTO conversations (id, company_id) VALUES (123, 6), (124, 6);
INSERT INTO conversation_participants (conversation_id, user_id) VALUES
	(123, 1), (123, 2), (124, 2), (124, 3);
