"""Which tables may an application with Laravel Sanctum have? Changes to those of sql/laravel, and what is told of each."""

from . import database_server

KIND = database_server.chosen()
TOKENS = "ALTER TABLE personal_access_tokens "

# (name, statements, words of the notes)
SANCTUM_SHAPES = [
    ("4", "DO 0", ["later Sanctum 4", f"tokenable_id is {KIND.bigint} unsigned: whole numbers"]),
    ("3", TOKENS + "MODIFY name VARCHAR(255) NOT NULL,"
     " DROP KEY personal_access_tokens_expires_at_index", ["Sanctum 3 and 4.0"]),
    ("2", TOKENS + "MODIFY name VARCHAR(255) NOT NULL, DROP COLUMN expires_at", ["Sanctum 2"]),
    ("2, short keys", TOKENS + "MODIFY name VARCHAR(191) NOT NULL, DROP COLUMN expires_at,"
     " MODIFY tokenable_type VARCHAR(191) NOT NULL", ["Sanctum 2"]),
    ("UUID owners", TOKENS + "MODIFY tokenable_id CHAR(36) NOT NULL;"
     "ALTER TABLE conversation_participants MODIFY user_id CHAR(36) NOT NULL;"
     "CREATE TABLE users (id CHAR(36) NOT NULL PRIMARY KEY)",
     ["tokenable_id is char(36): as UUIDs are", "users.id is char(36)"]),
    ("ULID everything", TOKENS + "MODIFY tokenable_id CHAR(26) NOT NULL, MODIFY id CHAR(26) NOT NULL;"
     "ALTER TABLE conversation_participants MODIFY user_id CHAR(26) NOT NULL,"
     " MODIFY conversation_id CHAR(26) NOT NULL;"
     "ALTER TABLE conversations MODIFY id CHAR(26) NOT NULL, MODIFY company_id CHAR(26) NOT NULL",
     ["tokenable_id is char(26): as ULIDs are", "(token_id = string)"]),
    ("INT owners", TOKENS + "MODIFY tokenable_id INT UNSIGNED NOT NULL;"
     "CREATE TABLE users (id INT UNSIGNED NOT NULL PRIMARY KEY)",
     [f"tokenable_id is {KIND.int} unsigned: whole numbers", f"users.id is {KIND.int} unsigned"]),
]
