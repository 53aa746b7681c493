"""Do the migrations do what their headers say, on a real server?"""

import json
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import mariadb, node, places, scratch, suite

SQL = places.SOURCE / "sql"
FOLDERS = {path.parent.name: path.parent for path in sorted(SQL.glob("*/verify.sql"))}


def ups(folder):
    return sorted(FOLDERS[folder].glob("*.up.sql"))


def downs(folder):
    """In the order of the up files."""
    return [path.parent / "down" / path.name.replace(".up.", ".down.") for path in ups(folder)]


def tables(folder):
    """The tables that the folder's files create, by the names of the files."""
    return {re.fullmatch(r"[0-9]{14}_create_([a-z_]+)\.up\.sql", path.name).group(1)
            for path in ups(folder)}


UP = ups("laravel")
DOWN = downs("laravel")

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


# What better-auth 1.7.7 with its organization plugin creates on MariaDB; the times' defaults are ours.
BETTER_AUTH_COLUMNS = {
    "user": ["id varchar(36) NO", "name varchar(255) NO", "email varchar(255) NO",
             "emailVerified tinyint(1) NO", "image text YES", "createdAt timestamp(3) NO",
             "updatedAt timestamp(3) NO"],
    "session": ["id varchar(36) NO", "expiresAt timestamp(3) NO", "token varchar(255) NO",
                "createdAt timestamp(3) NO", "updatedAt timestamp(3) NO", "ipAddress text YES",
                "userAgent text YES", "userId varchar(36) NO", "activeOrganizationId text YES"],
}


BETTER_AUTH_MIGRATIONS = """
const {betterAuth} = require('better-auth');
const {organization} = require('better-auth/plugins');
const {getMigrations} = require('better-auth/db/migration');
const {createPool} = require('mysql2/promise');
const [socketPath, user, database] = process.argv.slice(1);
const options = {database: createPool({socketPath, user, database, timezone: 'Z'}),
                 secret: 'only-for-tests-0123456789abcdefgh', baseURL: 'http://127.0.0.1',
                 plugins: [organization()]};
getMigrations(options).then(({toBeCreated, toBeAdded}) => {
    console.log(JSON.stringify({created: toBeCreated.map((row) => row.table),
                                added: toBeAdded.map((row) => row.table)}));
    process.exit(0);
}, (error) => {
    console.error(error);
    process.exit(1);
});
"""


class Files(unittest.TestCase):
    """What can be seen without a server."""

    def test_every_folder_is_known_to_the_readme(self):
        self.assertTrue({"laravel", "nextjs", "better-auth", "hotel", "orders"} <= set(FOLDERS))
        rows = dict(re.findall(r"(?m)^\| `([a-z-]+)/` \|[^|]*\| (.*?) \|$",
                               (SQL / "README.md").read_text()))
        self.assertEqual(set(rows), set(FOLDERS))
        for folder, names in rows.items():
            self.assertEqual(set(re.findall("`([a-z_]+)`", names)), tables(folder))

    def test_every_up_file_has_a_down_file(self):
        for folder, path in FOLDERS.items():
            with self.subTest(folder):
                self.assertTrue(ups(folder))
                self.assertEqual([file for file in downs(folder) if not file.exists()], [])
                self.assertEqual(len(list((path / "down").iterdir())), len(ups(folder)))

    def test_every_up_file_is_framed_for_dbmate(self):
        for path in self.files(ups):
            with self.subTest(path.name):
                lines = path.read_text().splitlines()
                self.assertRegex(path.name, r"^[0-9]{14}_[a-z_]+\.up\.sql$")
                self.assertEqual(lines[0], "-- migrate:up")
                self.assertEqual(lines[-1], "-- migrate:down")

    def test_no_two_files_have_one_number(self):
        numbers = [path.name[:14] for path in self.files(ups)]
        self.assertEqual(len(set(numbers)), len(numbers))

    def test_every_file_says_what_a_dba_asks(self):
        for path in self.files(ups) + self.files(downs):
            with self.subTest(path.name):
                text = path.read_text()
                for word in ("What", "Why", "Locks", "Time", "Minimum"):
                    self.assertRegex(text, rf"(?m)^-- {word}: ")
                self.assertIn("SET SESSION lock_wait_timeout = 5;", text)

    def test_nothing_needs_a_client_or_a_privilege(self):
        forbidden = re.compile(
            r"(?im)^\s*(USE|DELIMITER|SOURCE)\b|\b(DEFINER|SET\s+GLOBAL)\b")
        for path in SQL.rglob("*.sql"):
            with self.subTest(path.name):
                statements = re.sub(r"(?m)^--.*$", "", path.read_text())
                # A foreign key has a name of its own; MySQL before 9 ignores one at its column.
                statements = re.sub(
                    r"CONSTRAINT \w+ FOREIGN KEY \(\w+\)\s+REFERENCES \w+", "", statements)
                self.assertIsNone(forbidden.search(statements))
                # older servers ignore one that is written beside its column
                self.assertEqual(len(re.findall(r"\bREFERENCES\b", statements)), len(re.findall(
                    r"\bCONSTRAINT \w+ FOREIGN KEY \(\w+\)\s+REFERENCES\b", statements)))

    @staticmethod
    def files(of_folder):
        return [path for folder in FOLDERS for path in of_folder(folder)]


class Server(unittest.TestCase):
    """What a real server makes of them."""

    @classmethod
    def setUpClass(cls):
        directory = suite.enter_for_class(cls, scratch.Scratch("sql"))
        # The older servers' way with the first TIMESTAMP of a table, which newer ones still have.
        cls.db = suite.enter_for_class(cls, mariadb.MariaDB(
            directory, {"explicit-defaults-for-timestamp": "OFF"}))

    def setUp(self):
        self.db.execute(
            f"DROP DATABASE {mariadb.DATABASE};"
            f"CREATE DATABASE {mariadb.DATABASE} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
            database=None)

    def test_up_runs_twice_and_keeps_the_rows(self):
        self.db.load(*UP)
        self.db.execute("INSERT INTO conversations (id, company_id) VALUES (123, 6)")
        self.db.load(*UP)
        self.assertEqual(self.db.value("SELECT company_id FROM conversations"), "6")

    def test_down_runs_twice_and_up_again_after_it(self):
        for folder in FOLDERS:
            with self.subTest(folder):
                self.db.load(*ups(folder), *ups(folder))
                self.db.load(*reversed(downs(folder)))
                self.assertEqual(self.db.execute("SHOW TABLES"), [])
                self.db.load(*reversed(downs(folder)))
                self.db.load(*ups(folder))
                self.assertEqual({name for name, in self.db.execute("SHOW TABLES")},
                                 tables(folder))
                self.db.load(*reversed(downs(folder)))

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

    def test_sessions_are_what_better_auth_creates(self):
        self.db.load(*ups("better-auth"))
        for table, columns in BETTER_AUTH_COLUMNS.items():
            self.assertEqual([" ".join(row) for row in self.db.execute(
                "SELECT COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE FROM information_schema.COLUMNS"
                f" WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{table}'"
                " ORDER BY ORDINAL_POSITION")], columns)

    def test_better_auth_itself_would_change_nothing(self):
        """Asked through its own means: what would it still create or add? It complains of types, too."""
        self.db.load(*ups("better-auth"))
        done = subprocess.run(
            [node.program(), "-e", BETTER_AUTH_MIGRATIONS, self.db.socket, self.db.administrator,
             mariadb.DATABASE],
            capture_output=True, text=True, env=node.environment(), timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        wanted = json.loads(done.stdout)
        self.assertEqual([wanted["added"], done.stderr], [[], ""])
        self.assertIn("account", wanted["created"])  # it did look
        self.assertEqual({"user", "session"} & set(wanted["created"]), set())

    def test_times_are_never_written_by_the_server(self):
        for folder in FOLDERS:
            self.db.load(*ups(folder))
        self.assertEqual(self.db.execute(
            "SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS"
            " WHERE TABLE_SCHEMA = DATABASE() AND EXTRA LIKE '%on update%'"), [])

    def test_defaults_of_the_server_do_not_matter(self):
        self.db.execute("ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_bin")
        self.addCleanup(self.db.execute,
                        "ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
        for folder in FOLDERS:
            self.db.load(*ups(folder))
        self.assertEqual(self.db.execute(
            "SELECT DISTINCT ENGINE, TABLE_COLLATION, ROW_FORMAT FROM information_schema.TABLES"
            " WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_COLLATION"), [
            # castgate's own, and those that look like the applications'
            ["InnoDB", "utf8mb4_bin", "Dynamic"], ["InnoDB", "utf8mb4_unicode_ci", "Dynamic"]])

    def test_verify_finds_nothing_after_the_migrations(self):
        for folder in FOLDERS:
            with self.subTest(folder):
                self.db.load(*ups(folder))
                self.assertEqual(self.verify(folder), [])

    def test_verify_finds_every_column_that_is_missing(self):
        for folder in FOLDERS:
            with self.subTest(folder):
                self.db.load(*ups(folder))
                columns = self.each_of(folder, "COLUMN_NAME", "COLUMNS")
                self.db.execute("SET foreign_key_checks = 0;" + "".join(
                    f"DROP TABLE `{table}`;" for table in tables(folder)) + "".join(
                    f"CREATE TABLE `{table}` (other INT);" for table in tables(folder)))
                self.assertEqual(sorted(row[:2] for row in self.verify(folder)
                                        if row[2] == "column is missing"), columns)

    def test_verify_finds_every_key_that_is_missing(self):
        for folder in FOLDERS:
            with self.subTest(folder):
                self.db.load(*ups(folder))
                keys = self.each_of(
                    folder, "GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX)", "STATISTICS",
                    " AND INDEX_NAME <> 'PRIMARY' GROUP BY TABLE_NAME, INDEX_NAME")
                references = self.each_of(
                    folder, "CONSTRAINT_NAME", "TABLE_CONSTRAINTS", " AND CONSTRAINT_TYPE = 'FOREIGN KEY'")
                for table, name in references:
                    self.db.execute(f"ALTER TABLE `{table}` DROP FOREIGN KEY `{name}`")
                self.assertEqual([row[0] for row in self.verify(folder)],
                                 [table for table, _ in references])
                keys += self.verify_pairs(folder)
                self.db.execute("".join(
                    f"ALTER TABLE `{table}` DROP KEY `{name}`;" for table, name in self.each_of(
                        folder, "INDEX_NAME", "STATISTICS",
                        " AND INDEX_NAME <> 'PRIMARY' GROUP BY TABLE_NAME, INDEX_NAME")))
                self.assertEqual(self.verify_pairs(folder), sorted(keys))

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
        for folder in FOLDERS:
            self.assertEqual({row[0] for row in self.verify(folder) if row[2] == "table is missing"},
                             tables(folder))

    def test_verify_takes_a_wider_index(self):
        self.db.load(*UP)
        self.db.execute("ALTER TABLE conversation_participants"
                        " DROP KEY conversation_participants_user_id_index,"
                        " ADD KEY conversation_participants_wide (user_id, created_at)")
        self.assertEqual(self.verify(), [])

    def each_of(self, folder, what, where, more=""):
        names = ", ".join(f"'{table}'" for table in tables(folder))
        return sorted(self.db.execute(
            f"SELECT TABLE_NAME, {what} FROM information_schema.{where}"
            f" WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN ({names}){more}"))

    def verify_pairs(self, folder):
        return sorted(row[:2] for row in self.verify(folder))

    def verify(self, folder="laravel"):
        return self.db.execute((FOLDERS[folder] / "verify.sql").read_text())


if __name__ == "__main__":
    suite.main()
