"""May somebody who holds a session's token read that user's rows in the database, and no others'?

Each attack is tried twice: on what sql/supabase makes, where it must not get through, and on the same without
the one thing that keeps it out, where it must: else the attack would prove nothing.
"""

import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import database_server, grants, mariadb, places, scratch, suite

SUPABASE = places.SOURCE / "sql" / "supabase"
PROCEDURES = SUPABASE / "20261121094300_create_own_sessions.up.sql"
VIEWS = SUPABASE / "optional/20261121094400_create_own_views.up.sql"
VERIFY = SUPABASE / "verify.sql"

MARIADB = database_server.chosen().name == "MariaDB"
ACCOUNTS = {"MIGRATION": "migrates", "APPLICATION": "asks", "PRUNING": "prunes", "READING": "reads"}

# session, user, cookie, days until it ends, revoked
SESSIONS = [
    ("mallory-laptop", "mallory", "mallory-cookie", 1, "NULL"),
    ("mallory-phone", "mallory", "phone-cookie", 1, "NULL"),
    ("mallory-lost", "mallory", "lost-cookie", 1, "UTC_TIMESTAMP(3)"),
    ("mallory-old", "mallory", "old-cookie", -1, "NULL"),
    ("victim-laptop", "victim", "victim-cookie", 1, "NULL"),
]
MINE = {id for id, user, *_ in SESSIONS if user == "mallory"}
# Stands in the victim's rows only: where it shows, an attack got through.
SECRET_ADDRESS = "203.0.113.77"
SECRET_GENERATION = "77"
LIMIT = "\nLIMIT 9223372036854775807"
CLOCK = ("TIMESTAMPDIFF(MICROSECOND, TIMESTAMP'1970-01-01 00:00:00', mine.expires_at)\n"
         "\t\t> UNIX_TIMESTAMP(SYSDATE(3)) * 1000000")
SIGN_IN = "SET @castgate_session_token = 'mallory-cookie';"


def without(text, part, instead=""):
    """A file without what keeps an attack out."""
    if part not in text:
        raise AssertionError(f"there is no {part!r}")
    return text.replace(part, instead)


class OwnRows(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        directory = suite.enter_for_class(cls, scratch.Scratch("own-rows"))
        cls.db = suite.enter_for_class(cls, mariadb.MariaDB(directory))

    def setUp(self):
        self.db.execute(
            f"DROP DATABASE {mariadb.DATABASE}; CREATE DATABASE {mariadb.DATABASE}"
            " CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;"
            + grants.accounts(ACCOUNTS.values())
            + grants.statements(mariadb.DATABASE, ACCOUNTS, "migration"), database=None)
        self.make("".join(path.read_text() for path in [*sorted(SUPABASE.glob("*.up.sql")), VIEWS]))
        rows = ""
        for number, (id, user, cookie, days, revoked) in enumerate(SESSIONS):
            victim = user == "victim"
            rows += (
                "INSERT INTO user_sessions (id, user_id, ip_address, provider, provider_session_id,"
                " cookie_hash, refresh_salt, expires_at, revoked_at) VALUES"
                f" ('{id}', '{user}', '{SECRET_ADDRESS if victim else '192.0.2.1'}', 'p', '{id}',"
                f" UNHEX(SHA2('{cookie}', 256)), REPEAT('s', 16),"
                f" UTC_TIMESTAMP(3) + INTERVAL {days} DAY, {revoked});"
                "INSERT INTO refresh_tokens (session_id, generation, token_hash, expires_at) VALUES"
                f" ('{id}', {SECRET_GENERATION if victim else number + 1},"
                f" UNHEX(SHA2('token of {id}', 256)), UTC_TIMESTAMP(3));")
        self.db.execute(grants.statements(mariadb.DATABASE, ACCOUNTS, "supabase")
                        + grants.statements(mariadb.DATABASE, ACCOUNTS, "own ") + rows)

    def test_a_token_shows_the_rows_of_its_user(self):
        rows = self.db.execute("CALL castgate_own_sessions('mallory-cookie')", user="reads")
        self.assertEqual({row[0] for row in rows}, MINE)
        self.assertEqual([row[0] for row in rows if row[-1] == "1"], ["mallory-laptop"])
        self.assertEqual({len(row) for row in rows}, {9})
        rows = self.db.execute("CALL castgate_own_refresh_tokens('phone-cookie')", user="reads")
        self.assertEqual({tuple(row[:2]) for row in rows}, {
            (id, str(number + 1)) for number, (id, *_) in enumerate(SESSIONS) if id in MINE})
        self.assertEqual({len(row) for row in rows}, {5})
        self.assertEqual({id for id, in self.db.execute(SIGN_IN + "SELECT id FROM own_sessions", user="reads")},
                         MINE)
        self.assertEqual(self.db.execute(
            SIGN_IN + "SELECT COUNT(*) FROM own_refresh_tokens", user="reads"), [["4"]])

    def test_nothing_else_shows_any_row(self):
        digest = self.db.value("SELECT HEX(cookie_hash) FROM user_sessions WHERE id = 'victim-laptop'")
        for token in ("''", "NULL", "0", "'victim'", "'victim-laptop'", f"'{digest}'", f"0x{digest}",
                      "'victim-cookie '", "'VICTIM-COOKIE'", "CONCAT('victim-cookie', CHAR(0))",
                      "'lost-cookie'", "'old-cookie'", "'%'", "\"' OR 1 -- \"", "REPEAT('x', 64)"):
            for rows in (f"CALL castgate_own_sessions({token})", f"CALL castgate_own_refresh_tokens({token})",
                         f"SET @castgate_session_token = {token}; SELECT * FROM own_sessions",
                         f"SET @castgate_session_token = {token}; SELECT * FROM own_refresh_tokens"):
                with self.subTest(rows):
                    self.assertEqual(self.db.execute(rows, user="reads"), [])
        self.assertIn("Data too long", self.told("CALL castgate_own_sessions(REPEAT('x', 65))"))

    def test_the_tables_are_private(self):
        for sql in ("SELECT id FROM user_sessions", "SELECT id FROM refresh_tokens",
                    "SELECT id FROM castgate_sessions_of_cookie",
                    "SELECT generation FROM castgate_refresh_tokens_of_cookie",
                    "UPDATE own_sessions SET revoked_at = NULL", "DELETE FROM own_refresh_tokens",
                    "CREATE TEMPORARY TABLE user_sessions (id INT)", "CREATE TABLE more (id INT)",
                    "DROP PROCEDURE castgate_own_sessions",
                    "ALTER PROCEDURE castgate_own_sessions SQL SECURITY INVOKER",
                    "CREATE PROCEDURE more () SELECT 1", "CREATE VIEW more AS SELECT 1"):
            self.assertRegex(self.told(sql), "denied|not updatable", sql)
        for user in ("asks", "prunes"):
            with self.assertRaisesRegex(AssertionError, "denied"):
                self.db.execute("CALL castgate_own_sessions('mallory-cookie')", user=user)

    def test_session_variables_prove_nothing(self):
        attack = "SET %s = 'victim'; SELECT * FROM own_sessions; SELECT * FROM own_refresh_tokens"
        for name in ("@castgate_session_token", "@session_token", "@user_id"):
            self.holds(attack % name)
        self.make("CREATE OR REPLACE VIEW own_sessions AS SELECT * FROM user_sessions"
                  f" WHERE user_id = castgate_session_token() {LIMIT}")
        self.gets_through(attack % "@castgate_session_token")

    def test_errors_tell_nothing_about_rows_of_others(self):
        attack = (SIGN_IN + "SELECT 1 FROM own_sessions WHERE id = 'victim-laptop'"
                  f" AND EXP(IF(ip_address = '{SECRET_ADDRESS}', 1000, 1)) > 0")
        self.holds(attack)
        self.make(without(VIEWS.read_text(), LIMIT))
        if MARIADB:  # MySQL happens to ask about the owner first
            self.gets_through(attack)

    def test_temporary_tables_come_between_nothing(self):
        """The account must not make any; were it allowed to, a row of its own making would be believed."""
        forged = ("CREATE TEMPORARY TABLE user_sessions (id VARCHAR(64), user_id VARCHAR(64),"
                  " cookie_hash BINARY(32), revoked_at DATETIME(3), expires_at DATETIME(3));"
                  "INSERT INTO user_sessions VALUES ('victim-laptop', 'x', UNHEX(SHA2('forged', 256)), NULL,"
                  " '2037-01-01');")
        attacks = [forged + "CALL castgate_own_refresh_tokens('forged')",
                   forged + "SET @castgate_session_token = 'forged'; SELECT * FROM own_refresh_tokens"]
        for attack in attacks:
            self.assertIn("Access denied", self.told(attack))
        self.db.execute(f"GRANT CREATE TEMPORARY TABLES ON {mariadb.DATABASE}.* TO 'reads'@'localhost'")
        for attack in attacks:
            self.holds(attack)
        text = PROCEDURES.read_text()
        view = re.search(r"VIEW castgate_refresh_tokens_of_cookie AS\n(.*?);", text, re.DOTALL).group(1)
        self.make("DROP PROCEDURE castgate_own_refresh_tokens;"
                  + without(text, "FROM castgate_refresh_tokens_of_cookie\n", f"FROM ({view}) AS direct\n"))
        self.db.execute(grants.statements(mariadb.DATABASE, ACCOUNTS, "own "))
        if MARIADB:  # MySQL reads no temporary table twice in one statement
            self.gets_through(attacks[0])

    def test_a_connection_id_that_comes_again_is_nobodys(self):
        holds = "SELECT * FROM own_sessions; CALL castgate_own_sessions(NULL);"
        falls = "SELECT * FROM signed_in_sessions"
        self.make("CREATE TABLE signed_in (connection BIGINT PRIMARY KEY, user_id VARCHAR(64));"
                  "CREATE PROCEDURE sign_in (IN session_token VARBINARY(64))"
                  " INSERT INTO signed_in SELECT CONNECTION_ID(), user_id FROM user_sessions"
                  " WHERE cookie_hash = UNHEX(SHA2(session_token, 256));"
                  "CREATE VIEW signed_in_sessions AS SELECT s.* FROM user_sessions s JOIN signed_in i"
                  " ON i.user_id = s.user_id WHERE i.connection = CONNECTION_ID()")
        self.db.execute("GRANT EXECUTE ON PROCEDURE sign_in TO 'reads'@'localhost';"
                        "GRANT SELECT ON signed_in_sessions TO 'reads'@'localhost'")
        told = self.told("SET @castgate_session_token = 'victim-cookie'; CALL sign_in('victim-cookie');"
                         "SELECT CONNECTION_ID();" + holds + falls)
        self.assertIn(SECRET_ADDRESS, told)
        wanted = int(told.partition("\n")[0])
        self.db.stop()
        self.db.start()
        while True:
            told = self.told(f"SELECT CONNECTION_ID(); {holds} SELECT 'then'; {falls}")
            number, _, rest = told.partition("\n")
            self.assertLessEqual(int(number), wanted, "the numbers did not begin anew")
            if int(number) == wanted:
                break
        ours, _, theirs = rest.partition("then")
        self.assertEqual(ours.strip(), "")
        self.assertIn(SECRET_ADDRESS, theirs)

    def test_the_clock_is_not_the_callers(self):
        for setting, clock in (("timestamp = UNIX_TIMESTAMP() - 3 * 86400",
                                without(CLOCK, "SYSDATE(3)", "NOW(3)")),
                               ("time_zone = '-12:00'", "mine.expires_at > SYSDATE(3)")):
            with self.subTest(setting):
                self.setUp()
                self.db.execute("UPDATE user_sessions SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 HOUR"
                                " WHERE id = 'victim-laptop'")
                attack = f"SET {setting}; CALL castgate_own_sessions('victim-cookie')"
                self.holds(attack)
                self.make(without(PROCEDURES.read_text(), CLOCK, clock))
                self.gets_through(attack)

    def test_the_definer_is_who_ran_the_file(self):
        self.assertEqual({definer for definer, in self.db.execute(
            "SELECT DEFINER FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() UNION ALL"
            " SELECT DEFINER FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()")},
            {"migrates@localhost"})
        self.db.execute("DROP USER 'migrates'@'localhost'")
        for sql in ("CALL castgate_own_sessions('mallory-cookie')", SIGN_IN + "SELECT * FROM own_sessions"):
            self.assertRegex(self.told(sql), "^ (1449|1045) ")

    def test_verify_knows_procedures_and_views(self):
        text = VERIFY.read_text()
        self.assertEqual(self.db.execute(text), [])
        strict = "STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO"
        made = PROCEDURES.read_text()
        renew = "DROP PROCEDURE castgate_own_sessions;"
        for change, told in (
                (renew, "The procedure castgate_own_sessions is missing."),
                ("ALTER PROCEDURE castgate_own_refresh_tokens SQL SECURITY INVOKER",
                 "The procedure castgate_own_refresh_tokens has SQL SECURITY INVOKER: callers would need the"
                 " tables."),
                (renew + without(made, strict), "The procedure castgate_own_sessions was made without a strict"
                 " sql_mode: it cuts a token that is too long."),
                (renew + without(made, "is_this_one\nFROM castgate_sessions_of_cookie\nWHERE",
                                 "is_this_one\nFROM castgate_sessions_of_cookie\nWHERE 1 OR"),
                 "The procedure castgate_own_sessions does something else than its file says."),
                ("DROP VIEW castgate_sessions_of_cookie", "The view castgate_sessions_of_cookie is missing."),
                (without(made, "INVOKER VIEW castgate_refresh", "DEFINER VIEW castgate_refresh"),
                 "The view castgate_refresh_tokens_of_cookie has SQL SECURITY DEFINER, not INVOKER."),
                (without(made, "SYSDATE", "NOW"), "The view castgate_sessions_of_cookie does not say sysdate,"
                 " without which callers get round it."),
                (without(VIEWS.read_text(), LIMIT), "The view own_refresh_tokens does not say limit, without"
                 " which callers get round it.")):
            with self.subTest(told):
                self.setUp()
                self.make(change)
                problems = [problem for problem, in self.db.execute(text, user="migrates")]
                self.assertIn(told, problems)
                self.assertEqual([problem for problem in problems if " the definer " in problem], [])
                for user in ("asks", "prunes"):
                    self.assertEqual(self.db.execute(text, user=user), [])
        self.setUp()
        self.db.execute("DROP USER 'migrates'@'localhost'")
        self.assertEqual({problem for problem, in self.db.execute(text)}, {
            f"The procedure castgate_own_{what} has the definer migrates@localhost, an account that is not"
            " there: nobody can call it." for what in ("sessions", "refresh_tokens")})

    def holds(self, attack):
        self.assertNotRegex(self.told(attack), f"{SECRET_ADDRESS}|{SECRET_GENERATION}", attack)

    def gets_through(self, attack):
        self.assertRegex(self.told(attack), f"{SECRET_ADDRESS}|{SECRET_GENERATION}", attack)

    def make(self, sql):
        self.db.execute(sql, user="migrates")

    def told(self, sql):
        """All that the reading account gets to see, errors included."""
        try:
            return "\n".join("\t".join(value or "" for value in row)
                             for row in self.db.execute(sql, user="reads"))
        except AssertionError as error:
            return str(error).partition("ERROR")[2].partition("\nin: ")[0]


if __name__ == "__main__":
    suite.main()
