"""Which rows are there?

User u takes part in the conversations (u - 1 - k * USERS / 40) mod USERS + 1: every user for k from 0 to
4, one in a hundred (1 to USERS / 100) for k up to 19. Conversation c belongs to company c mod 1000 + 1.
load.lua and storm.c know it too.
"""

MEMBERSHIPS = 5
MANY_MEMBERSHIPS = 20


def fill(db, users):
    """`users` users, tokens and conversations, a good five times as many participants.

    Every token was used a moment ago, as an active user's was: no last_used_at is due.
    """
    db.migrate("laravel")
    db.execute("""
        CREATE TABLE users (
            id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
            name VARCHAR(255) NOT NULL,
            email VARCHAR(255) NOT NULL,
            deleted_at TIMESTAMP NULL DEFAULT NULL
        ) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci""")
    numbers = f"seq_1_to_{users}"
    db.execute(f"""
        INSERT INTO users (id, name, email)
        SELECT seq, CONCAT('User ', seq), CONCAT('user', seq, '@chat.example') FROM {numbers};
        INSERT INTO personal_access_tokens (id, tokenable_type, tokenable_id, name, token,
                                            abilities, last_used_at, created_at, updated_at)
        SELECT seq, 'App\\\\Models\\\\User', seq, 'phone', SHA2(CONCAT('plain-', seq), 256),
               '["*"]', UTC_TIMESTAMP(), UTC_TIMESTAMP(), UTC_TIMESTAMP() FROM {numbers};
        INSERT INTO conversations (id, company_id) SELECT seq, seq % 1000 + 1 FROM {numbers};""")
    for k in range(MANY_MEMBERSHIPS):
        who = numbers if k < MEMBERSHIPS else f"seq_1_to_{users // 100}"
        db.execute(f"""
            INSERT INTO conversation_participants (conversation_id, user_id)
            SELECT (seq + {users - 1 - k * (users // 40)}) % {users} + 1, seq FROM {who};""")
    db.execute("ANALYZE TABLE users, personal_access_tokens, conversations, conversation_participants;")
    db.grant()
