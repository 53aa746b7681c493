#!/usr/bin/env python3
"""Print sql/verify.sql: the verify.sql of every folder, for those systems that a database has.

Run `python3 sql/assemble.py > sql/verify.sql` after changing one of them; a test compares.
"""
import pathlib

# A folder counts when the database has this table, which no other folder's system has.
TELLTALES = {
    "laravel": "personal_access_tokens",
    "nextjs": "channel_sessions",
    "better-auth": "session",
    "hotel": "guest_tokens",
    "supabase": "user_sessions",
    "orders": "api_tokens",
}

HEADER = """\
-- What:    compare all tables of castgate's that the current database has with what the migrations
--          create: one plain sentence per problem, and no row when there is none.
-- Why:     one file for all folders. A folder counts when the database has one table of it that no
--          other has; the file of one folder (or `castgate migrate check --set`) also notices when
--          that one is missing.
-- Account: any, also one that may read some columns only: then it is silent about columns and keys
--          that it cannot see. Privileges that come through a role are not taken into account.
-- Locks:   none. Reads information_schema only and changes nothing.
-- Minimum: MariaDB 10.2.2 or MySQL 5.7.9.
--
-- Made from the folders' files by sql/assemble.py: change those.

SELECT 'No table of castgate''s is in this database, or this account sees none.' AS problem
FROM DUAL
WHERE NOT EXISTS (SELECT 1 FROM information_schema.TABLES
	WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN (
		%s))
"""

PART = """
UNION ALL

-- %s
SELECT problem FROM (
%s
) AS `%s`
WHERE EXISTS (SELECT 1 FROM information_schema.TABLES
	WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '%s')
"""


def body(folder):
    """A folder's statement without the comment above it and the semicolon."""
    text = (pathlib.Path(__file__).parent / folder / "verify.sql").read_text()
    return text.partition("\n\n")[2].rstrip().removesuffix(";")


if __name__ == "__main__":
    tables = ",\n\t\t".join(f"'{table}'" for table in TELLTALES.values())
    parts = "".join(PART % (folder, body(folder), folder, table)
                    for folder, table in TELLTALES.items())
    print((HEADER % tables + parts).rstrip() + ";")
