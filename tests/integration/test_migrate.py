"""Does castgate migrate do to a real database what its manual says, also when it is killed?"""

import contextlib
import json
import os
import pathlib
import pty
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import mariadb, places, suite
from harness.between import Between
from harness.migration import PASSWORD, SETS, SQL, MigrationCase, names
from harness.sanctum_shapes import SANCTUM_SHAPES
from harness.waiting import PATIENCE_SECONDS, wait_until


class Migrate(MigrationCase):
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
                before = self.db.schema(), self.book()
                self.assertEqual(self.good("up", folder=folder).splitlines()[-1],
                                 "ok       nothing to do")
                self.assertEqual((self.db.schema(), self.book()), before)
                for verb in ("check", "verify"):
                    self.assertEqual(self.good(verb, folder=folder).splitlines()[-1], "ok")
                self.assertEqual(self.good("status", folder=folder).splitlines()[1:],
                                 [f"applied  {name}" for name in names(folder)])
        self.assertEqual({row[0] for row in self.book()}, set(SETS))
        self.assertEqual({tuple(row[2:3] + row[4:]) for row in self.book()}, {("0", None, "0")})

    def test_the_tables_are_those_of_the_plain_client(self):
        self.db.migrate("supabase")
        wanted = self.db.schema()
        self.assertIn("castgate_own_sessions", wanted)
        self.db.load(*sorted((SQL / "supabase/down").iterdir(), reverse=True))
        self.good("up", folder="supabase")
        found = self.db.schema()
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
        planned = self.db.schema()
        self.db.execute(f"DROP TABLE {', '.join(planned)}")
        self.good("up", directory=top)
        self.assertEqual(self.db.schema(), planned)
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

    def test_json_is_all_that_any_verb_says(self):
        verbs = ("check", "status", "plan", "up", "baseline", "verify")
        broken = self.scratch.path / "broken.conf"
        self.config.replace(broken)
        broken.write_text(broken.read_text().replace(str(self.db.socket), "/nowhere"))
        self.config = self.configure(self.db.socket)
        for where in ({}, {}, {"folder": "no-such-set"}, {"config": broken},
                      {"directory": self.scratch.path}):
            for verb in verbs:
                with self.subTest(verb, **where):
                    done = self.run_tool(verb, "--json", **where)
                    events = [json.loads(line) for line in done.stdout.splitlines()]
                    self.assertEqual(done.stderr, "")
                    self.assertTrue(events)
                    if where:
                        self.assertEqual((done.returncode, events[-1]["event"]), (1, "error"))
                    elif done.returncode == 0:
                        self.assertEqual((events[-1]["event"], events[-1]["result"]), ("end", "ok"))
                        self.assertEqual(events[0]["read_only"], "no")
                    else:
                        self.assertIn(events[-1]["event"], ("end", "error"))
                        self.assertNotEqual(events[-1].get("result"), "ok")
        # what the configuration's own reader complains of has its lines on standard error
        broken.write_text("nonsense = 1\n")
        done = self.bad("up", "--json", config=broken)
        self.assertEqual(json.loads(done.stdout)["event"], "error")

    def test_exit_statuses_are_those_of_the_manual(self):
        """Rows of the table in castgate(8): verb, then what 0 and 1 mean; here each is made to happen."""
        manual = (places.SOURCE / "doc" / "castgate.8").read_text()
        table = manual.partition(".It Em verb Ta Em 0 Ta Em 1")[2].partition(".El")[0]
        rows = {row.split(" Ta ")[0]: row.count(" Ta ") for row in re.findall(r"(?m)^\.It Cm (.*)$", table)}
        self.assertEqual(rows, dict.fromkeys(
            ("check", "status", "plan", "up", "baseline", "verify", "down"), 2))
        told = [(verb, self.run_tool(verb).returncode) for verb in
                # nothing is there, then everything, by somebody else's hand, then adopted
                ("check", "status", "verify", "baseline", "plan", "up", "check", "status", "verify",
                 "baseline", "up", "plan", "down")]
        self.assertEqual(told, [
            ("check", 1), ("status", 1), ("verify", 1), ("baseline", 1), ("plan", 0), ("up", 0),
            ("check", 0), ("status", 0), ("verify", 0), ("baseline", 0), ("up", 0), ("plan", 0),
            ("down", 1)])

    def test_a_terminal_shows_the_seconds(self):
        top = self.copy()
        file = top / "laravel" / "20261121080200_create_conversations.up.sql"
        file.write_text("SELECT GET_LOCK('seen', 300);")
        ours, theirs = pty.openpty()
        with self.db.session() as other, subprocess.Popen(
                self.argv("up", directory=top), stdout=theirs, stderr=theirs) as tool:
            other.execute("DO GET_LOCK('seen', 0)")
            os.close(theirs)
            shown = b""
            with contextlib.suppress(OSError):
                while more := os.read(ours, 4096):
                    shown += more
                    # it counts looks a second apart; late ones are fewer
                    if b", 2 s\033[K" in shown:
                        other.execute("DO RELEASE_LOCK('seen')")
        os.close(ours)
        self.assertEqual(tool.returncode, 0, shown)
        for seconds in (1, 2):
            self.assertIn(f"\r         {file.name[:-7]}: statement 1 of 1, {seconds} s\033[K".encode(),
                          shown)
        self.assertIn(b"\r\033[Kapplied  ", shown)

    def test_every_shape_of_sanctum_is_told_and_adopted(self):
        for name, change, told in SANCTUM_SHAPES:
            with self.subTest(name):
                self.start_over()
                self.db.migrate("laravel")
                self.db.execute(change)
                before = self.db.schema()
                noted = self.good("check")
                for text in told:
                    self.assertIn(text, noted)
                self.good("baseline")
                self.assertEqual(self.good("up").splitlines()[-1], "ok       nothing to do")
                self.assertEqual({table: made for table, made in self.db.schema().items()
                                  if table != "castgate_migrations"}, before)

    def test_baseline_adopts_what_is_right_and_nothing_else(self):
        self.db.migrate("laravel")
        self.db.execute("ALTER TABLE conversations DROP KEY conversations_company_id_index")
        done = self.bad("baseline")
        self.assertIn("conversations", done.stdout)
        self.assertIn("nothing was written", done.stderr)
        self.assertNotIn("castgate_migrations", self.tables())
        self.db.execute(
            "ALTER TABLE conversations ADD KEY conversations_company_id_index (company_id)")
        before = self.db.schema()
        self.assertIn("later Sanctum 4", self.good("check"))
        self.good("baseline")
        self.good("status")
        self.good("verify")
        self.assertEqual(self.good("up").splitlines()[-1], "ok       nothing to do")
        self.assertEqual({name: made for name, made in self.db.schema().items() if name in before},
                         before)

    def test_down_names_the_files_and_does_nothing(self):
        self.good("up")
        before = self.db.schema()
        done = self.bad("down")
        paths = done.stdout.splitlines()
        self.assertEqual([pathlib.Path(path).name for path in paths],
                         [f"{name}.down.sql" for name in reversed(names("laravel"))])
        self.assertTrue(all(os.path.exists(path) for path in paths))
        self.assertEqual(self.db.schema(), before)

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
            before = self.db.schema()
            for verb in ("up", "status", "plan", "baseline", "verify"):
                done = self.bad(verb)
                if verb != "baseline":
                    self.assertIn("not castgate's", done.stderr)
            self.assertEqual(self.db.schema(), before)
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
        self.addCleanup(self.make_account)
        self.addCleanup(self.db.execute, "SET GLOBAL read_only = 0")
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
                done = subprocess.run([places.built("castgate"), "migrate", *words],
                                      timeout=self.patience_seconds, capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 2)
                self.assertIn("usage", done.stderr)

    # Two at once, and ends before the end.

    def test_two_at_once_are_one(self):
        with self.db.session() as other:
            other.execute("CREATE TABLE conversations (id INT)")
            other.execute("LOCK TABLES conversations WRITE")
            top = self.copy()
            file = top / "laravel" / "20261121080200_create_conversations.up.sql"
            file.write_text("SET SESSION lock_wait_timeout = 300;"
                            "ALTER TABLE conversations ADD COLUMN b INT;")
            told = top / "told"
            with told.open("w") as stream:
                first = subprocess.Popen(self.argv("up", directory=top), stdout=stream,
                                         stderr=subprocess.PIPE, text=True)
            wait_until(lambda: self.db.value(
                "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'ALTER%'") == "1")
            self.assertIn("another castgate migrate", self.bad("up", directory=top).stderr)
            # The book can be read meanwhile.
            self.assertIn("dirty", self.bad("status", directory=top).stdout)
            # the tool counts looks a second apart, and late ones are fewer
            wait_until(lambda: re.search(r"_create_conversations: statement 2 of 2, 2 s\n", told.read_text()))
            other.execute("UNLOCK TABLES")
            _, err = first.communicate(timeout=PATIENCE_SECONDS)
            self.assertEqual((first.returncode, err), (0, ""))
            # Another database on the same server has a lock of its own.
            other.execute("DO GET_LOCK('castgate_migrate.elsewhere', 0)")
            self.good("up", directory=top)
            other.execute(f"DO GET_LOCK('castgate_migrate.{mariadb.DATABASE}', 0)")
            self.assertIn("nothing was written", self.bad("baseline", directory=top).stderr)

    # Long forms of these, for every set: tests/faults/migrate.py.

    def test_kill_the_client_at_each_statement(self):
        self.check_kills(self.by_tool("better-auth"), self.kill,
                         lambda number: ("before",) if number % 2 else ("after",))
        self.good("verify", folder="better-auth")

    def test_kill_the_server_at_each_statement_of_a_file(self):
        self.check_kills(self.by_tool("supabase"), self.kill_server, lambda number: ("after",),
                         lambda sql: sql.startswith("CREATE"))

    def test_kill_the_plain_client_and_its_server(self):
        self.check_kills(self.by_client("better-auth"), self.kill, lambda number: ("after",))
        self.check_kills(self.by_client("better-auth"), self.kill_server, lambda number: ("after",),
                         lambda sql: sql.startswith("CREATE TABLE"))


if __name__ == "__main__":
    suite.main()
