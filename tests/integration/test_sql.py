"""Do the migrations do what their headers say, on a real server?"""

import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import mariadb, places, scratch, suite

LARAVEL = places.SOURCE / "sql" / "laravel"
UP = sorted(LARAVEL.glob("*.up.sql"))
DOWN = [LARAVEL / "down" / path.name.replace(".up.", ".down.") for path in UP]

SANCTUM_COLUMNS = [
    ["id", "bigint(20) unsigned", "NO", None, "auto_increment"],
    ["tokenable_type", "varchar(255)", "NO", None, ""],
    ["tokenable_id", "bigint(20) unsigned", "NO", None, ""],
    ["name", "text", "NO", None, ""],
    ["token", "varchar(64)", "NO", None, ""],
    ["abilities", "text", "YES", None, ""],
    ["last_used_at", "timestamp", "YES", None, ""],
    ["expires_at", "timestamp", "YES", None, ""],
    ["created_at", "timestamp", "YES", None, ""],
    ["updated_at", "timestamp", "YES", None, ""],
]
SANCTUM_INDEXES = {
    "PRIMARY": "id",
    "personal_access_tokens_token_unique": "token",
    "personal_access_tokens_tokenable_type_tokenable_id_index": "tokenable_type,tokenable_id",
    "personal_access_tokens_expires_at_index": "expires_at",
}


class Files(unittest.TestCase):
    """What can be seen without a server."""

    def test_every_up_file_has_a_down_file(self):
        self.assertTrue(UP)
        self.assertEqual([path for path in DOWN if not path.exists()], [])
        self.assertEqual(len(list((LARAVEL / "down").iterdir())), len(UP))

    def test_every_up_file_is_framed_for_dbmate(self):
        for path in UP:
            with self.subTest(path.name):
                lines = path.read_text().splitlines()
                self.assertRegex(path.name, r"^[0-9]{14}_[a-z_]+\.up\.sql$")
                self.assertEqual(lines[0], "-- migrate:up")
                self.assertEqual(lines[-1], "-- migrate:down")

    def test_every_file_says_what_a_dba_asks(self):
        for path in UP + DOWN:
            with self.subTest(path.name):
                text = path.read_text()
                for word in ("What", "Why", "Locks", "Time", "Minimum"):
                    self.assertRegex(text, rf"(?m)^-- {word}: ")
                self.assertIn("SET SESSION lock_wait_timeout = 5;", text)

    def test_nothing_needs_a_client_or_a_privilege(self):
        forbidden = re.compile(
            r"(?im)^\s*(USE|DELIMITER|SOURCE)\b|\b(DEFINER|SET\s+GLOBAL|REFERENCES)\b")
        for path in LARAVEL.rglob("*.sql"):
            with self.subTest(path.name):
                statements = re.sub(r"(?m)^--.*$", "", path.read_text())
                self.assertIsNone(forbidden.search(statements))


class Server(unittest.TestCase):
    """What a real server makes of them."""

    @classmethod
    def setUpClass(cls):
        directory = suite.enter_for_class(cls, scratch.Scratch("sql"))
        cls.db = suite.enter_for_class(cls, mariadb.MariaDB(directory))

    def setUp(self):
        self.db.load(*DOWN)

    def test_up_runs_twice_and_keeps_the_rows(self):
        self.db.load(*UP)
        self.db.execute("INSERT INTO conversations (id, company_id) VALUES (123, 6)")
        self.db.load(*UP)
        self.assertEqual(self.db.value("SELECT company_id FROM conversations"), "6")

    def test_down_runs_twice_and_up_again_after_it(self):
        self.db.load(*UP)
        self.db.load(*reversed(DOWN))
        self.assertEqual(self.db.execute("SHOW TABLES"), [])
        self.db.load(*reversed(DOWN))
        self.db.load(*UP)
        self.assertEqual(len(self.db.execute("SHOW TABLES")), 3)

    def test_tokens_are_what_sanctum_creates(self):
        self.db.load(*UP)
        self.assertEqual(self.db.execute(
            "SELECT COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, NULLIF(COLUMN_DEFAULT, 'NULL'), EXTRA"
            " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"
            " AND TABLE_NAME = 'personal_access_tokens' ORDER BY ORDINAL_POSITION"),
            SANCTUM_COLUMNS)
        self.assertEqual(dict(self.db.execute(
            "SELECT INDEX_NAME, GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX)"
            " FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()"
            " AND TABLE_NAME = 'personal_access_tokens' GROUP BY INDEX_NAME")), SANCTUM_INDEXES)

    def test_defaults_of_the_server_do_not_matter(self):
        self.db.execute("ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_bin")
        self.addCleanup(self.db.execute,
                        "ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
        self.db.load(*UP)
        self.assertEqual(self.db.execute(
            "SELECT DISTINCT ENGINE, TABLE_COLLATION, ROW_FORMAT FROM information_schema.TABLES"
            " WHERE TABLE_SCHEMA = DATABASE()"), [["InnoDB", "utf8mb4_unicode_ci", "Dynamic"]])

    def test_verify_finds_nothing_after_the_migrations(self):
        self.db.load(*UP)
        self.assertEqual(self.verify(), [])

    def test_verify_finds_what_an_application_made_its_own_way(self):
        self.db.load(*UP)
        self.db.execute(
            "ALTER TABLE personal_access_tokens MODIFY tokenable_id CHAR(36) NOT NULL,"
            " DROP COLUMN expires_at, DROP KEY personal_access_tokens_token_unique;"
            "ALTER TABLE conversations MODIFY company_id BIGINT NOT NULL;"
            "ALTER TABLE conversation_participants"
            " DROP KEY conversation_participants_conversation_id_user_id_unique,"
            " ADD KEY conversation_participants_both (conversation_id, user_id),"
            " MODIFY updated_at TIMESTAMP NULL ON UPDATE CURRENT_TIMESTAMP")
        self.assertEqual({tuple(row[:3]) for row in self.verify()}, {
            ("personal_access_tokens", "tokenable_id", "other type"),
            ("personal_access_tokens", "expires_at", "column is missing"),
            ("personal_access_tokens", "expires_at", "no index starts with these columns"),
            ("personal_access_tokens", "token", "no unique key on exactly these columns"),
            ("conversations", "company_id", "other signedness"),
            ("conversation_participants", "updated_at", "updated by the server on every write"),
            ("conversation_participants", "conversation_id,user_id",
             "no unique key on exactly these columns"),
        })

    def test_verify_names_missing_tables(self):
        self.assertEqual({row[0] for row in self.verify() if row[2] == "table is missing"},
                         {"personal_access_tokens", "conversations", "conversation_participants"})

    def test_verify_takes_a_wider_index(self):
        self.db.load(*UP)
        self.db.execute("ALTER TABLE conversation_participants"
                        " DROP KEY conversation_participants_user_id_index,"
                        " ADD KEY conversation_participants_wide (user_id, created_at)")
        self.assertEqual(self.verify(), [])

    def verify(self):
        return self.db.execute((LARAVEL / "verify.sql").read_text())


if __name__ == "__main__":
    suite.main()
