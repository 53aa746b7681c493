"""Do the migrations do what their headers say, on a real server?"""

import json
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import database_server, grants, mariadb, node, places, scratch, suite
from harness.sanctum_shapes import SANCTUM_SHAPES
from harness.waiting import PATIENCE_SECONDS, wait_until

SQL = places.SOURCE / "sql"
KIND = database_server.chosen()
FOLDERS = {path.parent.name: path.parent for path in sorted(SQL.glob("*/verify.sql"))}


def ups(folder):
    return sorted(FOLDERS[folder].glob("*.up.sql"))


def downs(folder):
    """In the order of the up files."""
    return [path.parent / "down" / path.name.replace(".up.", ".down.") for path in ups(folder)]


def tables(folder):
    """The tables that the folder's files create."""
    return {name for path in ups(folder)
            for name in re.findall(r"(?m)^CREATE TABLE IF NOT EXISTS `?(\w+)", path.read_text())}


OPTIONAL = SQL / "supabase/optional/20261121094400_create_own_views.up.sql"
OPTIONAL_DOWN = OPTIONAL.parent / "down" / OPTIONAL.name.replace(".up.", ".down.")


# The tables that sql/maintenance/NAME.*.sql deletes from.
PRUNED = {
    "nextjs": ["channel_sessions"],
    "hotel": ["guest_tokens"],
    "supabase": ["refresh_tokens", "user_sessions"],
}

UP = ups("laravel")
DOWN = downs("laravel")

SANCTUM_COLUMNS = [
    ["id", f"{KIND.bigint} unsigned", "NO", None, "auto_increment"],
    ["tokenable_type", "varchar(255)", "NO", None, ""],
    ["tokenable_id", f"{KIND.bigint} unsigned", "NO", None, ""],
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


# What no release of Sanctum must have, or no rule asks for.
OPTIONAL_COLUMNS = {
    "personal_access_tokens.expires_at", "conversations.created_at", "conversations.updated_at",
    "conversation_participants.id", "conversation_participants.created_at",
    "conversation_participants.updated_at",
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
            self.assertNotEqual(tables(folder), set())

    def test_the_readmes_command_finds_every_part_of_the_grants(self):
        text = (SQL / "README.md").read_text()
        command = re.search(r"(?m)^    (part\(\) \{.*\})$", text).group(1)
        names = "".join(f"{line}\n" for line in re.findall(r"(?m)^    (s/@[A-Z]+@/.*/g)$", text))
        with scratch.Scratch("part") as directory:
            (directory.path / "sql").symlink_to(SQL)
            (directory.path / "names.sed").write_text(names)
            for part in ("migration", "own sessions", "own views", *FOLDERS):
                done = subprocess.run(["sh", "-c", f'{command}; part "$1"', "sh", part], text=True, check=True,
                                      capture_output=True, cwd=directory.path)
                self.assertRegex(done.stdout, rf"\A-- == {part}.*\n(--.*\n)?\n(GRANT [^;]*;\s*)+\Z")
                self.assertNotRegex(done.stdout, "@[A-Z]+@")

    def test_the_file_for_all_folders_is_made_from_theirs(self):
        done = subprocess.run([sys.executable, SQL / "assemble.py"], capture_output=True, text=True,
                              check=True)
        self.assertEqual((SQL / "verify.sql").read_text(), done.stdout)
        for folder in FOLDERS:
            self.assertIn(f"-- {folder}\n", done.stdout)

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
            r"(?im)^\s*(USE|DELIMITER|SOURCE)\b|\b(DEFINER\s*=|SET\s+GLOBAL\b)")
        for path in SQL.rglob("*.sql"):
            with self.subTest(path.name):
                statements = re.sub(r"(?m)^--.*$|'REFERENCES'", "", path.read_text())
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
        self.db.execute("DROP USER IF EXISTS 'narrow'@'localhost', 'nobody'@'localhost';"
                        "CREATE USER 'nobody'@'localhost';"
                        f"GRANT CREATE ON {mariadb.DATABASE}.nothing TO 'nobody'@'localhost'", database=None)
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
                self.db.load(*ups(folder))
                made = self.db.schema()
                self.db.load(*ups(folder))
                self.assertEqual(self.db.schema(), made)
                self.db.load(*reversed(downs(folder)))
                self.assertEqual(self.db.execute(
                    "SHOW TABLES; SELECT ROUTINE_NAME FROM information_schema.ROUTINES"
                    " WHERE ROUTINE_SCHEMA = DATABASE()"), [])
                self.db.load(*reversed(downs(folder)))
                self.db.load(*ups(folder))
                self.assertEqual({name for name, _ in self.db.execute(
                    "SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'")}, tables(folder))
                self.assertEqual(self.db.schema(), made)
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
            capture_output=True, text=True, env=node.environment(), timeout=PATIENCE_SECONDS)
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
            " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_COLLATION"), [
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
                self.assertEqual(
                    sorted(problem for problem in self.verify(folder) if "The column" in problem),
                    sorted(f"The column {table}.{column} is missing." for table, column in columns
                           if f"{table}.{column}" not in OPTIONAL_COLUMNS))

    def test_verify_finds_every_key_that_is_missing(self):
        for folder in FOLDERS:
            with self.subTest(folder):
                self.db.load(*ups(folder))
                keys = self.each_of(
                    folder, "GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX SEPARATOR ', '),"
                    " MIN(NON_UNIQUE)", "STATISTICS",
                    " AND INDEX_NAME <> 'PRIMARY' GROUP BY TABLE_NAME, INDEX_NAME")
                references = self.each_of(
                    folder, "CONSTRAINT_NAME", "TABLE_CONSTRAINTS", " AND CONSTRAINT_TYPE = 'FOREIGN KEY'")
                for table, name in references:
                    self.db.execute(f"ALTER TABLE `{table}` DROP FOREIGN KEY `{name}`")
                told = [f"The table {table} has no foreign key to user_sessions that deletes with it."
                        for table, _ in references]
                self.assertEqual(self.verify(folder), told)
                told += [f"The table {table} has no "
                         + ("unique key on exactly" if unique == "0" else "index that starts with")
                         + f" ({columns})." for table, columns, unique in keys
                         if (table, columns) != ("personal_access_tokens", "expires_at")]
                self.db.execute("".join(
                    f"ALTER TABLE `{table}` DROP KEY `{name}`;" for table, name in self.each_of(
                        folder, "INDEX_NAME", "STATISTICS",
                        " AND INDEX_NAME <> 'PRIMARY' GROUP BY TABLE_NAME, INDEX_NAME")))
                self.assertEqual(sorted(self.verify(folder)), sorted(told))

    def test_verify_finds_what_an_application_made_its_own_way(self):
        self.db.load(*UP, *ups("nextjs"))
        self.db.execute(
            "ALTER TABLE personal_access_tokens MODIFY tokenable_id CHAR(20) NOT NULL,"
            " MODIFY abilities TEXT CHARACTER SET latin1,"
            " DROP COLUMN last_used_at, DROP KEY personal_access_tokens_token_unique;"
            "ALTER TABLE conversations MODIFY company_id DATE NOT NULL;"
            "ALTER TABLE conversation_participants"
            " DROP KEY conversation_participants_conversation_id_user_id_unique,"
            " ADD KEY conversation_participants_both (conversation_id, user_id),"
            " MODIFY updated_at TIMESTAMP NULL ON UPDATE CURRENT_TIMESTAMP,"
            " MODIFY user_id BIGINT NULL;"
            "ALTER TABLE channel_sessions MODIFY tenant_id VARCHAR(255) NOT NULL")
        self.assertEqual(set(self.verify()), {
            "The column personal_access_tokens.tokenable_id has room for 20 of 26.",
            "The column personal_access_tokens.abilities has the character set latin1, not utf8mb4.",
            "The column personal_access_tokens.last_used_at is missing.",
            "The table personal_access_tokens has no unique key on exactly (token).",
            "The column conversations.company_id is date, not bigint or int or char or varchar.",
            "The column conversation_participants.updated_at is changed by the server on every"
            " write.",
            "The column conversation_participants.user_id may be NULL.",
            "The table conversation_participants has no unique key on exactly"
            " (conversation_id, user_id).",
        })
        self.assertEqual(self.verify("nextjs"), [
            "The column channel_sessions.tenant_id has the collation utf8mb4_unicode_ci, which takes A"
            " for a."])

    def test_verify_tells_every_problem_of_one_column(self):
        self.db.load(*ups("hotel"))
        self.db.execute("ALTER TABLE guest_tokens MODIFY revoked_at DATETIME(3) NOT NULL"
                        " DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3);"
                        "ALTER TABLE room_bookings MODIFY booking_id"
                        " VARCHAR(32) CHARACTER SET latin1 COLLATE latin1_general_ci NULL,"
                        " MODIFY hotel_id VARCHAR(20) NULL")
        self.assertEqual(sorted(self.verify("hotel")), [
            "The column guest_tokens.revoked_at is changed by the server on every write.",
            "The column guest_tokens.revoked_at may not be NULL.",
            "The column room_bookings.booking_id has room for 32 of 64.",
            "The column room_bookings.booking_id has the character set latin1, not utf8mb4.",
            "The column room_bookings.booking_id has the collation latin1_general_ci, which takes A"
            " for a.",
            "The column room_bookings.booking_id may be NULL.",
            "The column room_bookings.hotel_id is varchar(20), not bigint."])

    def test_verify_finds_a_foreign_key_that_deletes_nothing(self):
        self.db.load(*ups("supabase"))
        self.db.execute("ALTER TABLE refresh_tokens DROP FOREIGN KEY fk_refresh_tokens_session_id")
        self.db.execute("ALTER TABLE refresh_tokens ADD CONSTRAINT other FOREIGN KEY (session_id)"
                        " REFERENCES user_sessions (id)")
        self.assertEqual(self.verify("supabase"), [
            "The table refresh_tokens has no foreign key to user_sessions that deletes with it."])

    def test_verify_names_missing_tables(self):
        for folder in FOLDERS:
            self.assertEqual(set(self.verify(folder)),
                             {f"The table {table} is missing." for table in tables(folder)})

    def test_every_shape_of_sanctum_is_accepted_and_told(self):
        for name, change, told in SANCTUM_SHAPES:
            with self.subTest(name):
                self.setUp()
                self.db.load(*UP)
                self.db.execute(change)
                self.assertEqual(self.verify(), [])
                notes = [note for note, in self.db.execute(
                    (FOLDERS["laravel"] / "describe.sql").read_text())]
                for text in told:
                    self.assertTrue([note for note in notes if text in note], (text, notes))

    def test_keys_that_the_server_would_compare_as_numbers_are_told(self):
        self.db.load(*UP)
        self.db.execute("CREATE TABLE users (id CHAR(36) NOT NULL PRIMARY KEY)")
        self.assertEqual(sorted(self.verify()), [
            f"The column {column} is {KIND.bigint} unsigned but users.id is char(36): the server would"
            " compare text as numbers."
            for column in ("conversation_participants.user_id",
                           "personal_access_tokens.tokenable_id")])

    def test_verify_is_silent_about_what_an_account_may_not_see(self):
        self.db.load(*UP)
        self.db.execute(
            "CREATE USER 'narrow'@'localhost';"
            f"GRANT SELECT (id, tokenable_id, token) ON {mariadb.DATABASE}.personal_access_tokens"
            " TO 'narrow'@'localhost';"
            f"GRANT SELECT (id) ON {mariadb.DATABASE}.conversations TO 'narrow'@'localhost';"
            f"GRANT SELECT ON {mariadb.DATABASE}.conversation_participants TO 'narrow'@'localhost'")
        self.assertEqual(self.verify(user="narrow"), [])
        # A grant on a column outlives the column, and says that there was one.
        self.db.execute("ALTER TABLE personal_access_tokens DROP COLUMN tokenable_id,"
                        " DROP COLUMN last_used_at;"
                        "ALTER TABLE conversation_participants DROP KEY"
                        " conversation_participants_conversation_id_user_id_unique,"
                        " DROP COLUMN conversation_id")
        self.assertEqual(set(self.verify(user="narrow")), {
            "The column personal_access_tokens.tokenable_id is missing.",
            "The column conversation_participants.conversation_id is missing.",
            "The table conversation_participants has no unique key on exactly"
            " (conversation_id, user_id)."})

    def test_one_file_verifies_every_system_that_is_there(self):
        self.assertEqual(self.verify("all"), [
            "No table of castgate's is in this database, or this account sees none."])
        for folder in FOLDERS:
            self.db.load(*ups(folder))
            self.assertEqual(self.verify("all"), [])
            self.assertEqual(self.verify("all", user="nobody"), [
                "No table of castgate's is in this database, or this account sees none."])
        wanted = set()
        for folder in FOLDERS:
            table = sorted(tables(folder))[0]
            self.db.execute(f"ALTER TABLE `{table}` ADD COLUMN more INT,"
                            " MODIFY created_at TIMESTAMP(3) NULL ON UPDATE CURRENT_TIMESTAMP(3)"
                            if folder == "hotel" else
                            f"SET foreign_key_checks = 0; DROP TABLE `{table}`;"
                            f"CREATE TABLE `{table}` (more INT)")
            wanted |= set(self.verify(folder))
        self.assertEqual(set(self.verify("all")), wanted)
        self.assertGreater(len(wanted), len(FOLDERS))

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

    def verify(self, folder="laravel", user=None):
        return [problem for problem, in self.db.execute(
            (FOLDERS.get(folder, SQL) / "verify.sql").read_text(), user=user)]


class Accounts(unittest.TestCase):
    """Are the privileges of sql/grants.sql.in enough for each of the accounts, and not too many?"""

    USERS = {"APPLICATION": "asks", "MIGRATION": "migrates", "PRUNING": "prunes", "READING": "reads"}

    @classmethod
    def setUpClass(cls):
        directory = suite.enter_for_class(cls, scratch.Scratch("grants"))
        cls.db = suite.enter_for_class(cls, mariadb.MariaDB(directory))
        for folder in FOLDERS:
            cls.db.load(*ups(folder))
        cls.db.load(OPTIONAL)
        cls.db.execute("CREATE TABLE users (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, name TEXT NOT NULL,"
                       " password TEXT NOT NULL)")

    def setUp(self):
        self.db.execute(grants.accounts(self.USERS.values()) + self.grants())

    def grants(self):
        return grants.statements(mariadb.DATABASE, self.USERS)

    def refused(self, user, sql):
        with self.assertRaisesRegex(AssertionError, r"ERROR (1142|1143|1044|1227) .*denied", msg=sql):
            self.db.execute(sql, user=user)

    def test_the_application_may_do_no_more_than_it_must(self):
        for sql in ("SELECT password FROM users", "SELECT * FROM users", "UPDATE users SET id = 1",
                    "SELECT abilities FROM personal_access_tokens",
                    "UPDATE personal_access_tokens SET token = ''",
                    "INSERT INTO personal_access_tokens (token) VALUES ('')",
                    "DELETE FROM user_sessions", "UPDATE user_sessions SET user_id = ''",
                    "UPDATE refresh_tokens SET token_hash = ''", "DROP TABLE conversations",
                    "CREATE TABLE more (id INT)", "SELECT name FROM hotels",
                    "INSERT INTO channel_sessions (session_id) VALUES ('')"):
            self.refused("asks", sql)
        self.assertEqual(self.db.execute("SELECT id, name FROM users", user="asks"), [])

    def test_nothing_is_wrong_for_the_application(self):
        text = (SQL / "verify.sql").read_text()
        self.assertEqual(self.db.execute(text, user="asks"), [])
        self.db.execute("ALTER TABLE conversations CHANGE company_id company BIGINT UNSIGNED NOT NULL")
        self.addCleanup(self.db.execute, "ALTER TABLE conversations"
                        " CHANGE company company_id BIGINT UNSIGNED NOT NULL")
        self.assertEqual(self.db.execute(text, user="asks"),
                         [["The column conversations.company_id is missing."]])

    def test_by_table_where_the_server_knows_no_columns(self):
        command = re.search(r"(?m)^-- +(sed -z -e .*)$", self.grants()).group(1)
        done = subprocess.run(["sh", "-c", command], input=self.grants(), capture_output=True,
                              text=True, check=True)
        self.assertNotRegex(done.stdout, r"(?m)^GRANT [^;]*\(")
        self.setUp()
        self.db.execute(grants.accounts(self.USERS.values()) + done.stdout)
        self.assertEqual(self.db.execute((SQL / "verify.sql").read_text(), user="asks"), [])
        self.assertEqual(self.db.execute("SELECT * FROM users", user="asks"), [])
        self.refused("asks", "DELETE FROM user_sessions")

    def test_the_migrations_account_can_do_and_undo(self):
        # What an administrator made, MySQL lets only an administrator drop.
        self.db.load(OPTIONAL_DOWN, *(path for folder in FOLDERS for path in reversed(downs(folder))))
        for folder in FOLDERS:
            for path in [*ups(folder), *reversed(downs(folder)), *ups(folder)]:
                self.db.execute(path.read_text(), user="migrates")
        self.db.execute(OPTIONAL_DOWN.read_text() + OPTIONAL.read_text(), user="migrates")
        self.refused("migrates", "CREATE USER 'more'@'localhost'")
        self.refused("migrates", "CREATE DATABASE more")

    def test_pruning_takes_what_is_over_and_no_more_than_a_batch(self):
        self.fill()
        self.refused("prunes", "SELECT cookie_hash FROM user_sessions")
        self.refused("prunes", "DELETE FROM personal_access_tokens")
        before = self.left()
        self.assertEqual(before["channel_sessions"], 5002)
        for name, _ in PRUNED.items():
            self.db.execute((SQL / "maintenance" / f"{name}.prune.sql").read_text(), user="prunes")
        self.assertEqual(self.left(), {
            "channel_sessions": 2, "guest_tokens": 1, "user_sessions": 2, "refresh_tokens": 1})
        self.assertEqual(self.db.execute("SELECT id FROM user_sessions ORDER BY id"),
                         [["revoked"], ["young"]])
        self.db.execute((SQL / "maintenance/nextjs.prune.sql").read_text(), user="prunes")
        self.assertEqual(self.left()["channel_sessions"], 1)

    def test_revoked_sessions_are_forgotten_only_when_that_is_asked_for(self):
        self.fill()
        forget = (SQL / "maintenance/supabase.forget.sql").read_text()
        for revoked, over, left in ((399, 31, 1), (401, 29, 1), (401, 31, 0)):
            self.db.execute(f"UPDATE user_sessions SET revoked_at = UTC_TIMESTAMP(3) - INTERVAL {revoked} DAY,"
                            f" expires_at = UTC_TIMESTAMP(3) - INTERVAL {over} DAY WHERE id = 'revoked'")
            self.db.execute(forget, user="prunes")
            self.assertEqual(self.db.value("SELECT COUNT(*) FROM user_sessions WHERE revoked_at IS NOT NULL"),
                             str(left))

    def test_pruning_passes_revoked_sessions_by(self):
        """However many are kept: what a DELETE reads, it locks."""
        self.fill()
        self.db.execute("INSERT INTO user_sessions (id, user_id, provider, provider_session_id, cookie_hash,"
                        " refresh_salt, expires_at, revoked_at) SELECT seq, '', 'p', seq, UNHEX(SHA2(seq, 256)),"
                        " REPEAT('s', 16), UTC_TIMESTAMP(3) - INTERVAL 50 DAY, UTC_TIMESTAMP(3)"
                        f" FROM {database_server.numbers(2000)}; ANALYZE TABLE user_sessions")
        for name in ("prune", "forget"):
            text = (SQL / f"maintenance/supabase.{name}.sql").read_text()
            counted = self.db.execute(f"{text} SHOW SESSION STATUS LIKE 'Handler_read%'")
            self.assertLess(sum(int(value) for _, value in counted), 20, name)
        self.assertEqual(self.left()["user_sessions"], 2002)

    def test_events_do_the_same(self):
        for name, events in PRUNED.items():
            event = (SQL / f"maintenance/{name}.event.sql").read_text()
            prune = (SQL / f"maintenance/{name}.prune.sql").read_text()
            statements = re.findall(r"(?ms)^DELETE .*?;$", prune)
            self.assertEqual(re.findall(r"(?ms)^DELETE .*?;$", event), statements)
            self.assertEqual(len(statements), len(events))
        self.db.execute(f"GRANT EVENT ON {mariadb.DATABASE}.* TO 'prunes'@'localhost'")
        self.fill()
        # Events run when they are made; those made before the scheduler, only at their next minute.
        self.db.execute("SET GLOBAL event_scheduler = ON")
        for name in PRUNED:
            text = (SQL / f"maintenance/{name}.event.sql").read_text()
            self.db.execute(text, user="prunes")
            self.db.execute(text, user="prunes")
        self.addCleanup(self.db.execute, "SET GLOBAL event_scheduler = OFF;" + "".join(
            f"DROP EVENT castgate_prune_{table};" for names in PRUNED.values() for table in names))
        self.assertEqual(dict(self.db.execute(
            "SELECT EVENT_NAME, DEFINER FROM information_schema.EVENTS")), {
            f"castgate_prune_{table}": "prunes@localhost"
            for names in PRUNED.values() for table in names})
        wait_until(lambda: self.left()["channel_sessions"] <= 2 and self.left()["user_sessions"] <= 2,
                   "no event ran")

    def left(self):
        return {table: int(self.db.value(f"SELECT COUNT(*) FROM {table}"))
                for names in PRUNED.values() for table in names}

    def fill(self):
        """One row to keep in each table, one more session that was revoked, and what is over."""
        session = ("INSERT INTO user_sessions (id, user_id, provider, provider_session_id, cookie_hash,"
                   " refresh_salt, expires_at, revoked_at) VALUES ('{0}', 'u', 'p', '{0}', SHA2('{0}', 0),"
                   " '', UTC_TIMESTAMP(3) - INTERVAL {1} DAY, {2});")
        self.db.execute(
            "SET sql_mode = ''; SET foreign_key_checks = 0;"
            + "".join(f"DELETE FROM {table};" for names in PRUNED.values() for table in names)
            + "INSERT INTO channel_sessions SELECT seq, '', '', UTC_TIMESTAMP(3) - INTERVAL 91 DAY"
            f" FROM {database_server.numbers(5001)};"
            "INSERT INTO channel_sessions (session_id, tenant_id, user_id) VALUES ('young', '', '');"
            "INSERT INTO guest_tokens (booking_id, token_hash, expires_at)"
            " VALUES (1, 'old', UTC_TIMESTAMP(3) - INTERVAL 31 DAY),"
            " (1, 'young', UTC_TIMESTAMP(3) - INTERVAL 29 DAY);"
            + session.format("old", 31, "NULL") + session.format("young", 29, "NULL")
            + session.format("revoked", 31, "UTC_TIMESTAMP(3)")
            + "INSERT INTO refresh_tokens (session_id, generation, token_hash, expires_at) VALUES"
            " ('young', 1, 'a', UTC_TIMESTAMP(3) - INTERVAL 31 DAY),"
            " ('young', 2, 'b', UTC_TIMESTAMP(3)), ('old', 1, 'c', UTC_TIMESTAMP(3))")


if __name__ == "__main__":
    suite.main()
