"""Does castgate migrate do to a real database what its manual says, also when it is killed?"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import mariadb, places, scratch, suite

SQL = places.SOURCE / "sql"
SETS = sorted(path.parent.name for path in SQL.glob("*/verify.sql"))
PASSWORD = "only-for-migrations"
PRIVILEGES = ("GRANT CREATE, ALTER, INDEX, DROP, REFERENCES, SELECT, INSERT, UPDATE"
              f" ON {mariadb.DATABASE}.* TO 'migrator'@'localhost'")

# The smallest that the tool takes; the tables are not asked for.
CONFIGURATION = rf"""
log = "@STATE@/log"
state_dir = "@STATE@/state"
app "a" {{
	key = "key"
	secret = "secret"
}}
credential "sanctum" {{
	kind = "sanctum"
	owner 'App\Models\User' {{
		table = "users"
	}}
}}
endpoint "/broadcasting/auth" {{
	credentials = {{"sanctum"}}
	channel "own" {{
		equals = "private-{{user}}"
	}}
}}
database {{
	socket = "@AT@"
	name = "{mariadb.DATABASE}"
	user = "{mariadb.USER}"
	password = "{mariadb.PASSWORD}"
}}
"""

# Command bytes of the client's packets: COM_QUERY, COM_STMT_EXECUTE.
STATEMENTS = {3, 23}


def names(folder):
    return [path.name[:-len(".up.sql")] for path in sorted((SQL / folder).glob("*.up.sql"))]


class Between:
    """A socket between a client and the server; `on_statement(number, text)` is asked before each
    statement is passed on, `on_answer(number)` when the server's answer begins to come."""

    def __init__(self, path, server, on_statement=None, on_answer=None):
        self.path = path
        self.statements = []
        self._server = str(server)
        self._on_statement = on_statement or (lambda number, text: None)
        self._on_answer = on_answer or (lambda number: None)
        self._asked = False
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(1)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(20)
        self.path.unlink()

    def _serve(self):
        with contextlib.suppress(OSError):
            client, _ = self._listener.accept()
            with client, socket.socket(socket.AF_UNIX) as server:
                server.connect(self._server)
                back = threading.Thread(target=self._answers, args=(server, client), daemon=True)
                back.start()
                self._questions(client, server)
                with contextlib.suppress(OSError):
                    server.shutdown(socket.SHUT_RDWR)
                back.join(20)

    def _answers(self, server, client):
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                if self._asked:
                    self._asked = False
                    self._on_answer(len(self.statements))
                client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)

    def _questions(self, client, server):
        with contextlib.suppress(OSError):
            while head := _exactly(client, 4):
                length, number = struct.unpack("<I", head[:3] + b"\0")[0], head[3]
                body = _exactly(client, length)
                if number == 0 and body and body[0] in STATEMENTS:
                    self.statements.append(body[1:].decode(errors="replace"))
                    self._on_statement(len(self.statements), self.statements[-1])
                    self._asked = True
                server.sendall(head + body)


def _exactly(stream, count):
    data = b""
    while len(data) < count:
        more = stream.recv(count - len(data))
        if not more:
            return b""
        data += more
    return data


class Migrate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = suite.enter_for_class(cls, scratch.Scratch("migrate"))
        cls.db = suite.enter_for_class(cls, mariadb.MariaDB(cls.scratch))
        cls.db.execute(
            f"CREATE USER 'migrator'@'localhost' IDENTIFIED BY '{PASSWORD}';"
            + PRIVILEGES)
        cls.password = cls.scratch.path / "password"
        cls.password.write_text(PASSWORD + "\n")
        cls.password.chmod(0o600)

    def setUp(self):
        self.db.execute(f"DROP DATABASE {mariadb.DATABASE};"
                        f"CREATE DATABASE {mariadb.DATABASE} CHARACTER SET utf8mb4", database=None)
        self.config = self.configure(self.db.socket)

    def configure(self, at, name="castgate.conf"):
        path = self.scratch.path / name
        path.touch(0o600)
        path.write_text(CONFIGURATION.replace("@AT@", str(at)).replace(
            "@STATE@", str(self.scratch.path)))
        return path

    def argv(self, verb, *words, folder="laravel", account=True, config=None, directory=SQL):
        account = ["--user", "migrator", "--password-file", self.password] if account else []
        return [str(word) for word in [
            places.built("castgate"), "migrate", verb, "--set", folder, "--dir", directory,
            "--config", config or self.config, *account, *words]]

    def run_tool(self, verb, *words, stdin="", **where):
        return subprocess.run(self.argv(verb, *words, **where), input=stdin, capture_output=True,
                              text=True, timeout=60, check=False)

    def good(self, verb, *words, **where):
        done = self.run_tool(verb, *words, **where)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def bad(self, verb, *words, **where):
        done = self.run_tool(verb, *words, **where)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        return done

    def copy(self, folder="laravel"):
        """A folder of sets with one set that a test may change."""
        top = self.scratch.path / f"sql-{self.id().rsplit('.', 1)[1]}"
        shutil.copytree(SQL / folder, top / folder)
        self.addCleanup(shutil.rmtree, top)
        return top

    def tables(self):
        return {name for name, in self.db.execute("SHOW TABLES")}

    def schema(self):
        """SHOW CREATE TABLE of every table and view, and procedures; but not who made them."""
        made = {table: re.sub("DEFINER=[^ ]+", "", self.db.execute(f"SHOW CREATE TABLE `{table}`")[0][1])
                for table in self.tables()}
        return made | {name: rest for name, *rest in self.db.execute(
            "SELECT ROUTINE_NAME, ROUTINE_DEFINITION, SECURITY_TYPE, SQL_MODE FROM"
            " information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()")}

    def book(self):
        return self.db.execute("SELECT set_name, name, dirty, statement, error, finished_at IS NULL"
                               " FROM castgate_migrations ORDER BY set_name, version")

    # What it is for.

    def test_every_set_is_applied_once(self):
        for folder in SETS:
            with self.subTest(folder):
                pending = self.bad("status", folder=folder)
                self.assertEqual(pending.stdout.splitlines()[1:],
                                 [f"pending  {name}" for name in names(folder)])
                first = self.good("up", folder=folder).splitlines()
                self.assertRegex(first[0], r"^migrator@localhost, database castgate_test on .*"
                                 rf"\({re.escape(self.db.value('SELECT VERSION()'))}\)$")
                self.assertEqual([line.split(" (")[0] for line in first[1:-1]],
                                 [f"applied  {name}" for name in names(folder)])
                before = self.schema(), self.book()
                self.assertEqual(self.good("up", folder=folder).splitlines()[-1],
                                 "ok       nothing to do")
                self.assertEqual((self.schema(), self.book()), before)
                for verb in ("check", "verify"):
                    self.assertEqual(self.good(verb, folder=folder).splitlines()[-1], "ok")
                self.assertEqual(self.good("status", folder=folder).splitlines()[1:],
                                 [f"applied  {name}" for name in names(folder)])
        self.assertEqual({row[0] for row in self.book()}, set(SETS))
        self.assertEqual({tuple(row[2:3] + row[4:]) for row in self.book()}, {("0", None, "0")})

    def test_the_tables_are_those_of_the_plain_client(self):
        self.db.migrate("supabase")
        wanted = self.schema()
        self.assertIn("castgate_own_sessions", wanted)
        self.db.load(*sorted((SQL / "supabase/down").iterdir(), reverse=True))
        self.good("up", folder="supabase")
        found = self.schema()
        del found["castgate_migrations"]
        self.assertEqual(found, wanted)

    def test_plan_is_exact_and_sends_nothing_of_it(self):
        top = self.copy()
        middle = top / "laravel" / "20261121080200_create_conversations.up.sql"
        middle.write_text(middle.read_text().replace(
            "-- migrate:down", "INSERT INTO conversations (company_id) VALUES (6), (7);"
            " SELECT ';' /* ; */ FROM conversations;\n-- migrate:down"))
        seen = []
        path = self.scratch.path / "between"
        with Between(path, self.db.socket, lambda number, text: seen.append(text)):
            plan = self.good("plan", directory=top, config=self.configure(path, "between.conf"))
        self.assertTrue(seen)
        self.assertEqual([text for text in seen if not text.lstrip("/*! ").startswith(
            ("SELECT", "SET NAMES", "SET SESSION autocommit"))], [])
        self.assertEqual(self.tables(), set())
        lines = plan.split("\n", 1)[1]
        self.assertEqual(lines, self.good("plan", "--offline", directory=top))
        # The plain client, given the plan, makes the same.
        self.db.execute(lines)
        planned = self.schema()
        self.db.execute(f"DROP TABLE {', '.join(planned)}")
        self.good("up", directory=top)
        self.assertEqual(self.schema(), planned)
        self.assertEqual(self.good("plan", directory=top).count("\n"), 1)

    def test_json_has_one_object_a_line(self):
        for words, states in ((("status",), ["pending"] * 3), (("up",), []),
                              (("status",), ["applied"] * 3)):
            done = self.run_tool(*words, "--json")
            events = [json.loads(line) for line in done.stdout.splitlines()]
            self.assertEqual(events[0]["event"], "server")
            self.assertEqual(events[0]["account"], "migrator@localhost")
            self.assertEqual(events[0]["database"], mariadb.DATABASE)
            self.assertEqual([event["state"] for event in events if event["event"] == "file"],
                             states)
            self.assertEqual(done.stderr, "")
        self.db.execute("ALTER TABLE conversations DROP COLUMN company_id")
        events = [json.loads(line) for line in self.bad("check", "--json").stdout.splitlines()]
        self.assertIn("company_id", " ".join(
            event["text"] for event in events if event["event"] == "problem"))
        self.assertEqual(events[-1], {"event": "end", "result": "problems"})
        done = self.bad("up", "--json", folder="no-such-set")
        self.assertEqual(json.loads(done.stdout)["event"], "error")

    def test_baseline_adopts_what_is_right_and_nothing_else(self):
        self.db.migrate("laravel")
        self.db.execute("ALTER TABLE conversations DROP KEY conversations_company_id_index")
        done = self.bad("baseline")
        self.assertIn("conversations", done.stdout)
        self.assertIn("nothing was written", done.stderr)
        self.assertNotIn("castgate_migrations", self.tables())
        self.db.execute(
            "ALTER TABLE conversations ADD KEY conversations_company_id_index (company_id)")
        before = self.schema()
        self.assertIn("later Sanctum 4", self.good("check"))
        self.good("baseline")
        self.good("status")
        self.good("verify")
        self.assertEqual(self.good("up").splitlines()[-1], "ok       nothing to do")
        self.assertEqual({name: made for name, made in self.schema().items() if name in before},
                         before)

    def test_down_names_the_files_and_does_nothing(self):
        self.good("up")
        before = self.schema()
        done = self.bad("down")
        paths = done.stdout.splitlines()
        self.assertEqual([pathlib.Path(path).name for path in paths],
                         [f"{name}.down.sql" for name in reversed(names("laravel"))])
        self.assertTrue(all(os.path.exists(path) for path in paths))
        self.assertEqual(self.schema(), before)

    # What may be wrong.

    def test_an_edited_file_is_told_and_nothing_is_applied(self):
        top = self.copy()
        last = top / "laravel" / "20261121080300_create_conversation_participants.up.sql"
        kept = last.read_text()
        last.unlink()
        self.good("up", directory=top)
        last.write_text(kept)
        first = top / "laravel" / "20261121080100_create_personal_access_tokens.up.sql"
        first.write_text(first.read_text() + "\n")
        for verb in ("up", "plan"):
            self.assertIn(f"{first} was changed", self.bad(verb, directory=top).stderr)
        self.assertIn(f"changed  {first.name[:-7]}", self.bad("verify", directory=top).stdout)
        self.assertNotIn("conversation_participants", self.tables())
        first.unlink()
        self.assertIn(f"missing  {first.name[:-7]}", self.bad("verify", directory=top).stdout)

    def test_a_broken_statement_is_told_with_its_number_and_mended(self):
        top = self.copy()
        file = top / "laravel" / "20261121080200_create_conversations.up.sql"
        kept = file.read_text()
        file.write_text(kept.replace("-- migrate:down", "CREATE TABEL x (a INT);\nDROP TABLE y;"))
        done = self.bad("up", directory=top)
        line = file.read_text().split("CREATE TABEL")[0].count("\n") + 1
        self.assertRegex(done.stderr, rf"{re.escape(str(file))}:{line}: statement 3 of 4: .*SQL "
                         rf"syntax.*\(1064\)")
        self.assertNotIn("conversation_participants", self.tables())
        self.assertEqual([row[2:4] for row in self.book()], [["0", "2"], ["1", "3"]])
        self.assertIn("1064", self.book()[1][4])
        status = self.bad("status", directory=top).stdout
        self.assertRegex(status, r"(?m)^dirty    \S*_create_conversations: stopped at statement 3: ")
        self.bad("verify", directory=top)
        file.write_text(kept)
        self.good("up", directory=top)
        self.good("verify", directory=top)
        self.assertEqual({tuple(row[2:3] + row[4:5]) for row in self.book()}, {("0", None)})

    def test_files_that_cannot_be_read_one_way_are_refused_before_anything(self):
        top = self.copy()
        file = top / "laravel" / "20261121080300_create_conversation_participants.up.sql"
        kept = file.read_text()
        for text, told in (("DELIMITER //\n", "commands of the client"), ("SELECT 'x", "not closed"),
                           ("SELECT 'a\\'b';", "backslash"), ("x\0y", "NUL")):
            file.write_text(kept + text)
            done = self.bad("up", directory=top)
            self.assertRegex(done.stderr, rf"{re.escape(file.name)}.*{re.escape(told)}")
        file.write_text(kept)
        twin = file.with_name("20261121080300_other.up.sql")
        twin.write_text(kept)
        self.assertIn("same version", self.bad("up", directory=top).stderr)
        self.assertEqual(self.tables(), set())
        for folder in ("..", "../laravel", "", "no-such-set", "laravel/down"):
            self.bad("up", directory=top, folder=folder)

    def test_a_foreign_table_of_our_name_is_left_alone(self):
        for made in ("CREATE TABLE castgate_migrations (version BIGINT PRIMARY KEY)",
                     "CREATE VIEW castgate_migrations AS SELECT 1 AS version"):
            self.db.execute(made)
            before = self.schema()
            for verb in ("up", "status", "plan", "baseline", "verify"):
                done = self.bad(verb)
                if verb != "baseline":
                    self.assertIn("not castgate's", done.stderr)
            self.assertEqual(self.schema(), before)
            self.db.execute(f"DROP {made.split()[1]} castgate_migrations")

    def test_missing_privileges_are_told(self):
        self.db.execute("CREATE USER IF NOT EXISTS 'reader'@'localhost' IDENTIFIED BY 'x';"
                        f"GRANT SELECT ON {mariadb.DATABASE}.* TO 'reader'@'localhost'")
        secret = self.scratch.path / "reader"
        secret.write_text("x")
        secret.chmod(0o600)
        words = ("--user", "reader", "--password-file", secret)
        done = self.bad("up", *words, account=False)
        self.assertRegex(done.stderr, r"cannot make the table .*CREATE command denied.*\(1142\)")
        self.assertEqual(self.tables(), set())
        self.bad("status", *words, account=False)
        # The table was made by somebody else, and the account may not write to it.
        self.good("up")
        self.db.execute("UPDATE castgate_migrations SET dirty = 1")
        self.assertIn("denied", self.bad("up", *words, account=False).stderr)
        self.db.execute("REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'reader'@'localhost'")
        self.assertIn("cannot connect as reader", self.bad("up", *words, account=False).stderr)

    def test_a_replica_is_not_written_to(self):
        self.db.execute("SET GLOBAL read_only = 1; GRANT ALL ON *.* TO 'migrator'@'localhost'")
        self.addCleanup(self.db.execute, "SET GLOBAL read_only = 0;"
                        "REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'migrator'@'localhost';"
                        + PRIVILEGES)
        for verb in ("up", "baseline"):
            self.assertIn("read-only", self.bad(verb).stderr)
        self.assertEqual(self.tables(), set())

    def test_passwords_come_from_files_or_standard_input(self):
        self.good("up", "--user", "migrator", "--password-file", "-", account=False,
                  stdin=PASSWORD + "\n")
        self.password.chmod(0o644)
        self.addCleanup(self.password.chmod, 0o600)
        self.assertIn("chmod 600", self.bad("status").stderr)
        done = self.bad("status", "--user", "migrator", "--password-file", "-", account=False,
                        stdin="wrong\n")
        self.assertIn("1045", done.stderr)
        self.assertNotIn("wrong", done.stdout + done.stderr)

    def test_wrong_command_lines_are_told(self):
        for words in ((), ("up",), ("sideways", "--set", "laravel"), ("up", "--set"),
                      ("up", "--set", "a", "--set", "b"), ("up", "--set", "laravel", "more"),
                      ("up", "--set", "laravel", "--offline"),
                      ("up", "--set", "laravel", "--password", "x"),
                      ("up", "--set", "laravel", "--password-file", "x")):
            with self.subTest(" ".join(words)):
                done = subprocess.run([places.built("castgate"), "migrate", *words], timeout=20,
                                      capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 2)
                self.assertIn("usage", done.stderr)

    # Two at once, and ends before the end.

    def test_two_at_once_are_one(self):
        with self.db.session() as other:
            other.execute("CREATE TABLE conversations (id INT)")
            other.execute("LOCK TABLES conversations WRITE")
            top = self.copy()
            file = top / "laravel" / "20261121080200_create_conversations.up.sql"
            file.write_text("SET SESSION lock_wait_timeout = 60;"
                            "ALTER TABLE conversations ADD COLUMN b INT;")
            first = subprocess.Popen(self.argv("up", directory=top), stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE, text=True)
            self.wait_until(lambda: self.db.value(
                "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'ALTER%'") == "1")
            self.assertIn("another castgate migrate", self.bad("up", directory=top).stderr)
            # The book can be read meanwhile.
            self.assertIn("dirty", self.bad("status", directory=top).stdout)
            other.execute("UNLOCK TABLES")
            out, err = first.communicate(timeout=30)
            self.assertEqual((first.returncode, err), (0, ""))
            # More than three seconds have passed.
            self.assertRegex(out, r"_create_conversations: statement 2 of 2, 2 s\n")
            # Another database on the same server has a lock of its own.
            other.execute("DO GET_LOCK('castgate_migrate.elsewhere', 0)")
            self.good("up", directory=top)
            other.execute(f"DO GET_LOCK('castgate_migrate.{mariadb.DATABASE}', 0)")
            self.assertIn("nothing was written", self.bad("baseline", directory=top).stderr)

    def test_kill_the_client_at_each_statement(self):
        total, wanted = self.whole_run()
        for number in range(1, total + 1):
            # Killed before the server gets it, or once it has begun to answer.
            moment = "before" if number % 2 else "after"
            with self.subTest(statement=number, moment=moment):
                self.start_over()
                self.interrupted(number, moment, self.kill)
                # The server may take a moment to see that the client is gone.
                self.good("up", folder="supabase")
                self.assertEqual(self.schema(), wanted)
                self.good("verify", folder="supabase")

    def test_kill_the_server_at_each_statement_of_a_file(self):
        total, wanted = self.whole_run()
        for number in [n for n in range(1, total + 1) if self.seen[n - 1].startswith("CREATE")]:
            for moment in ("before", "after"):
                with self.subTest(statement=number, moment=moment):
                    self.start_over()
                    status = self.interrupted(number, moment, self.kill_server)
                    self.assertEqual(status, 1)
                    self.db.start()
                    self.good("up", folder="supabase")
                    self.assertEqual(self.schema(), wanted)

    def whole_run(self):
        path = self.scratch.path / "between"
        with Between(path, self.db.socket) as between:
            self.good("up", folder="supabase", config=self.configure(path, "between.conf"))
        self.seen = between.statements
        self.assertGreater(len(self.seen), 15)
        return len(self.seen), self.schema()

    def start_over(self):
        self.db.execute(f"DROP DATABASE {mariadb.DATABASE};"
                        f"CREATE DATABASE {mariadb.DATABASE} CHARACTER SET utf8mb4", database=None)

    def interrupted(self, number, moment, strike):
        """Run `up` and strike at one statement; the exit status."""
        path = self.scratch.path / "between"
        process = None
        ready = threading.Event()

        def at(count, *_):
            if count == number:
                ready.wait(20)
                strike(process)

        hooks = {"on_statement": at} if moment == "before" else {"on_answer": at}
        with Between(path, self.db.socket, **hooks):
            process = subprocess.Popen(
                self.argv("up", folder="supabase", config=self.configure(path, "between.conf")),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            ready.set()
            process.wait(30)
        return process.returncode

    def kill(self, process):
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)

    def kill_server(self, _):
        os.kill(self.db.pid, signal.SIGKILL)
        self.wait_until(lambda: not self.db.alive)

    def wait_until(self, is_so):
        ends = time.monotonic() + 20
        while not is_so():
            self.assertLess(time.monotonic(), ends, "it never came")
            time.sleep(0.01)


if __name__ == "__main__":
    suite.main()
