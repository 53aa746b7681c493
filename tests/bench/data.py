"""Which rows are there?

User u takes part in the conversations (u - 1 - k * USERS / 40) mod USERS + 1: every user for k from 0 to
4, one in a hundred (1 to USERS / 100) for k up to 19. Conversation c belongs to company c mod 1000 + 1.
load.lua and storm.c know it too. For rows.py: fixtures of any system among filler.
"""

import re

from harness import filler

MEMBERSHIPS = 5
MANY_MEMBERSHIPS = 20


def channel(users, user, k):
    """The name of the conversation in which this user takes part as number k."""
    conversation = (user - 1 - k * (users // 40)) % users + 1
    return f"private-chat.{conversation % 1000 + 1}.conversation.{conversation}"


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


# The refresh tokens of a session, and the most rows of a table: more would want more memory and disk.
TOKENS = 10
MOST_ROWS = 10**7
_FIRST = filler.FIRST + 1
_ORDINAL = f"(n - {_FIRST})"


def _laravel(rows):
    """Conversation n has participant n and, where that is not too many, four others."""
    members = max(1, min(MEMBERSHIPS, MOST_ROWS // rows))
    yield "users", rows, {}
    yield "personal_access_tokens", rows, {"tokenable_type": "'App\\\\Models\\\\User'"}
    yield "conversations", rows, {}
    yield "conversation_participants", members * rows, {
        "conversation_id": f"{_FIRST} + {_ORDINAL} DIV {members}",
        "user_id": f"{_FIRST} + ({_ORDINAL} DIV {members} + {_ORDINAL} % {members} * 7) % {rows}"}


def _supabase(rows):
    yield "user_sessions", rows // TOKENS, {}
    yield "refresh_tokens", rows, {
        "session_id": f"CONCAT('id-', {_FIRST} + {_ORDINAL} DIV {TOKENS})",
        "generation": f"1 + {_ORDINAL} % {TOKENS}"}


def _orders(rows):
    yield "customers", rows, {}
    yield "employees", rows, {}
    yield "branches", rows, {"opened_on": "'2020-01-01'"}
    yield "orders", rows, {}
    yield "api_tokens", rows, {"tokenable_type": "'customer'", "created_at": "UTC_TIMESTAMP()"}


def _one_each(*tables):
    return lambda rows: ((table, rows, {}) for table in tables)


# The tables of each documented system: (table, rows, expressions over n), one person for each n.
_TABLES = {
    "laravel-sanctum": _laravel,
    "nextjs-sockudo": _one_each("user", "session", "channel_sessions"),
    "hotel-guest": _one_each("hotels", "room_bookings", "guest_tokens"),
    "better-auth": _one_each("user", "session"),
    "supabase-bridge": _supabase,
    "custom-orders": _orders,
}


def surround(db, system, rows):
    """Put the fixture of a system among so many rows; n is from filler.FIRST + 1 on."""
    for table, count, expressions in _TABLES[system](rows):
        filler.add_many_rows(db, table, count, **expressions)


def people(system, rows):
    """How many n there are."""
    return next(iter(_TABLES[system](rows)))[1]


def tables_of(sql):
    """The tables that a statement reads, in its order."""
    return re.findall(r"(?:FROM|JOIN)[\s(]+`?(?!SELECT)(\w+)", sql)


def is_about(system, sql):
    """Are the tables that a statement reads those that surround() fills?"""
    tables = set(tables_of(sql)) - {"admins"}
    return bool(tables) and tables <= {table for table, _, _ in _TABLES[system](1)}
