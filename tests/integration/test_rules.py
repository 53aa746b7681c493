"""Does castgate rules test decide as the responder does, compare rightly, and leave the database alone?"""

import json
import pathlib
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import case_file, expectations, laravel, mariadb, mounts, suite, systems
from harness.audit import AuditLog
from harness.exchange import subscription
from harness.explain import as_http, explain
from harness.site import BRIEF_HOLD
from harness.system import System
from harness.waiting import wait_until

ALLOWED = "allow user=1 private-chat.6.conversation.123\n"
REFUSED = "deny user=1 private-chat.6.conversation.999\n"
# Decided before or after the rules, by what an expectation does not have: a throttle, a page, a body.
NOT_OF_RULES = {"cross_site_request", "too_many_failures", "too_many_requests", "channel_empty"}


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def written(told, path):
    """The expectation that a decision, as castgate explain --json tells it, must meet."""
    words = ["allow" if told["status"] == 200 else "deny", f"user={quoted(told['user'])}"]
    words += [f"user.{name}={quoted(value or '')}" for name, value in told.get("values", {}).items()]
    words += [f"endpoint={quoted(path)}", quoted(told["channel"])]
    if told["status"] != 200:
        words.append(f"[{told['reason']}]")
    return " ".join(words) + "\n"


def contrary(line):
    verb, rest = line.split(" ", 1)
    return f"allow {rest.rpartition(' [')[0]}\n" if verb == "deny" else f"deny {rest}"


class Differential(unittest.TestCase):
    """Each decision of the conformance files about a proven user, as an expectation and as its contrary."""

    def replay(self, description):
        with System(description) as system, \
                mounts.mount("memory", system.site, system.scratch) as responder:
            lines = self.gather(system.site, responder, description)
            done = expectations.run(system.site, "".join(lines))
            self.assertEqual((done.returncode, expectations.summary(done)),
                             (0, (len(lines), 0, 0)), done.stdout + done.stderr)
            done = expectations.run(system.site, "".join(map(contrary, lines)))
            self.assertEqual((done.returncode, expectations.summary(done)),
                             (2, (0, len(lines), 0)), done.stdout + done.stderr)

    def gather(self, site, responder, description):
        lines = []
        log = AuditLog(site)
        for case in case_file.read(description.cases, description.keys):
            path = case.request.target.partition("?")[0]
            if case.request.method != "POST" or case.lines != 1 or case.status not in (200, 403) \
                    or (case.mounts and "memory" not in case.mounts):
                continue
            site.forget_throttle()
            reply = responder.send(case.request)
            line, = log.decisions()
            if "user.id" not in line or "castgate.channel" not in line \
                    or line["event.reason"] in NOT_OF_RULES or "hex:" in line["castgate.channel"]:
                continue
            told = json.loads(explain(site, "--json", "--request-stdin",
                                      stdin=as_http(case.request)).stdout)
            self.assertEqual(told["status"], reply.status, case.name)
            lines.append(written(told, path))
        self.assertGreater(len(lines), 3)
        return lines


def differential(description):
    return lambda self: self.replay(description)


for one in systems.ALL:
    if one.name not in ("better-auth", "supabase-bridge"): # which have no channels
        setattr(Differential, f"test_{one.name.replace('-', '_')}", differential(one))


class Rules(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("rules"))
        cls.site = cls.system.site
        suite.enter_for_class(cls, expectations.fixtures_allowed(cls.system))

    def setUp(self):
        self.system.configure()

    def told(self, text, status, fixtures=None, *words):
        done = expectations.run(self.site, text, fixtures, *words)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_what_is_otherwise_is_told_with_its_line_and_its_reason(self):
        text = self.told("# a comment\n\n" + ALLOWED + "allow user=1 private-chat.6.conversation.999\n"
                         "deny user=1 private-chat.6.conversation.123 # as I think\n"
                         "deny user=1 private-chat.6.conversation.999 [no_rule]\n" + REFUSED, 2)
        expect = self.site.path / "site.expect"
        lines = text.splitlines()
        self.assertRegex(lines[0], f"^{expect}:4: allow user=1 private-chat.6.conversation.999: "
                                   r"got 403 no_row, rule \S+castgate\.conf:\d+$")
        self.assertRegex(lines[1], f"^{expect}:5: deny user=1 private-chat.6.conversation.123: "
                                   "got 200 allowed, rule ")
        self.assertRegex(lines[2], rf"^{expect}:6: .*\[no_rule\]: got 403 no_row, rule ")
        self.assertEqual(lines[3:], ["2 as expected, 3 otherwise, 0 could not be found out"])

    def test_what_refuses_before_the_rules_is_no_refusal_unless_it_is_named(self):
        """A line with a slip in its path, its channel or its user must not pass for good."""
        rows = ((404, "endpoint_unknown", "user=1 endpoint=/broadcasting/aut private-a"),
                (400, "channel_invalid", 'user=1 "private-chat 6"'),
                (403, "value_missing", "user=1 presence-company.6"),
                (403, "no_rule", "user=1 private-typo-8"),
                (403, "channel_not_guarded", "user=1 publc-7"))
        told = self.told("".join(f"deny {words}\n" for _, _, words in rows), 2)
        for line, (status, reason, _) in zip(told.splitlines(), rows):
            self.assertIn(f"got {status} {reason}", line)
            self.assertIn(f"; write [{reason}] if that is meant", line)
        self.assertIn(f"0 as expected, {len(rows)} otherwise", told)
        named = "".join(f"deny {words} [{reason}]\n" for _, reason, words in rows)
        self.assertIn(f"{len(rows)} as expected", self.told(named, 0))

    def test_what_stands_in_the_file_moves_no_cursor(self):
        told = self.told('deny user=1 "private-\x7f\u009b2J\u00e9"\n', 2)
        self.assertIn('"private-??2J\u00e9"', told)

    def test_a_program_gets_one_object_a_line(self):
        text = self.told(ALLOWED + "allow user=3 user.name=Bob private-chat.6.conversation.123\n", 2,
                         None, "--json")
        first, second, end = map(json.loads, text.splitlines())
        self.assertEqual((first["event"], first["result"], first["line"], first["status"]),
                         ("expectation", "as expected", "1", "200"))
        self.assertEqual((second["result"], second["expected"], second["got"], second["reason"]),
                         ("otherwise", "allow", "deny", "no_row"))
        self.assertEqual(end, {"event": "end", "as_expected": "1", "otherwise": "1", "unknown": "0"})

    def test_every_mistake_in_the_file_is_told_before_anything_is_asked(self):
        rows = (("permit user=1 private-a", "begins with allow or deny"),
                ("allow private-a", "user=ID is missing"),
                ("allow user=1", "the channel is missing"),
                ("allow user=1 private-a private-b", "more than one channel"),
                ("allow user=1 private-a [no_row]", "only a refusal"),
                ('deny user="1 private-a', "never closed"))
        text = self.told("".join(f"{line}\n" for line, _ in rows), 1)
        for number, (_, problem) in enumerate(rows, start=1):
            self.assertRegex(text, f"site.expect:{number}: error: .*{problem}")
        self.assertNotIn("as expected", text)
        self.assertIn("no expectation", self.told("# nothing\n", 1))

    def test_fixtures_hide_the_tables_for_this_run_alone(self):
        before = self.system.db.execute("SELECT * FROM conversation_participants")
        fixtures = """
CREATE TEMPORARY TABLE conversation_participants (conversation_id BIGINT UNSIGNED, user_id BIGINT UNSIGNED);
INSERT INTO `conversation_participants` (conversation_id, user_id) VALUES (123, 3);
INSERT INTO conversation_participants SELECT id, 2 FROM conversations WHERE id = 123;
"""
        self.assertIn("3 as expected", self.told(
            "allow user=3 private-chat.6.conversation.123\nallow user=2 private-chat.6.conversation.123\n"
            "deny user=1 private-chat.6.conversation.123 [no_row]\n", 0, fixtures))
        self.assertEqual(self.system.db.execute("SELECT * FROM conversation_participants"), before)
        self.assertIn("1 as expected", self.told(ALLOWED, 0))

    def make_writing_function(self, name):
        self.system.db.execute(
            f"DELIMITER //\nCREATE FUNCTION {name}() RETURNS INT BEGIN INSERT INTO conversations"
            f" (id, company_id) VALUES (9999, 1); RETURN 1; END//\nGRANT EXECUTE ON FUNCTION"
            f" {mariadb.DATABASE}.{name} TO '{mariadb.USER}'@'localhost'//")

    def test_a_file_of_fixtures_can_do_nothing_else(self):
        before = self.system.db.execute("SELECT COUNT(*) FROM conversations")
        account = f"'{mariadb.USER}'@'localhost'"
        self.system.db.execute(f"GRANT ALL ON {mariadb.DATABASE}.* TO {account}")
        self.addCleanup(self.system.db.execute,
                        f"REVOKE ALL ON {mariadb.DATABASE}.* FROM {account};"
                        f"GRANT CREATE TEMPORARY TABLES ON {mariadb.DATABASE}.* TO {account}")
        self.make_writing_function("spoil")
        table = "CREATE TEMPORARY TABLE mine (id INT);\n"
        for sql, problem in (
                ("INSERT INTO conversations (id, company_id) VALUES (9998, 1);", "made before"),
                (table + "INSERT INTO MINE VALUES (1);", "made before"),
                ("INSERT INTO mine VALUES (1);\n" + table, "made before"),
                (table + f"INSERT INTO {mariadb.DATABASE}.mine VALUES (1);", "consists of"),
                (table + "INSERT INTO mine/*! , x */ VALUES (1);", "consists of"),
                (table + "INSERT INTO mine VALUES (spoil());", "READ ONLY"),
                (table + "DELETE FROM conversations;", "consists of"),
                (table + "DROP TABLE conversations;", "consists of"),
                ("CREATE TEMPORARY TABLE IF NOT EXISTS mine (id INT);", "consists of"),
                ("CREATE TABLE mine (id INT);", "consists of"),
                ("CREATE TEMPORARY TABLE mine AS SELECT spoil() AS id;", "consists of"),
                ("CREATE TEMPORARY TABLE mine (id INT)/*! select spoil() AS id */;", "consists of"),
                ("CREATE TEMPORARY TABLE mine (id INT) /*!50000SELECT spoil() AS id */;", "consists of"),
                ("CREATE TEMPORARY TABLE mine (id INT) /*M!100100SELECT spoil() AS id */;", "consists of"),
                ("CREATE TEMPORARY TABLE mine (id INT /*! NOT NULL */);", "consists of"),
                ("CREATE TEMPORARY TABLE mine (id INT) AUTO_INCREMENT=1.5SELECT spoil() AS id;", "consists of"),
                ("CREATE TEMPORARY TABLE mine (id INT) AUTO_INCREMENT=1e0SELECT spoil() AS id;", "consists of"),
                ("SET SESSION TRANSACTION READ WRITE;", "consists of")):
            with self.subTest(sql):
                text = self.told(ALLOWED, 1, sql)
                self.assertRegex(text, rf"fixtures\.sql:[12]: error: .*{problem}")
        self.assertEqual(self.system.db.execute("SELECT COUNT(*) FROM conversations"), before)

    def test_the_live_database_is_only_read(self):
        """Even where a rule would write, through a function."""
        self.make_writing_function("remember")
        text = self.site.config.read_text()
        where = "WHERE c.id = :conversation AND"
        self.assertEqual(text.count(where), 1)
        self.site.write_secret(self.site.config,
                               text.replace(where, "WHERE remember() = 1 AND c.id = :conversation AND"))
        told = self.told(ALLOWED, 1)
        self.assertIn("could not be found out: 503 database_error", told)
        self.assertEqual(self.system.db.execute("SELECT id FROM conversations WHERE id = 9999"), [])

    def test_a_lost_connection_gets_its_fixtures_again(self):
        """While a rule's statement takes its time, the server ends the connection."""
        fixtures = ("CREATE TEMPORARY TABLE conversation_participants"
                    " (conversation_id BIGINT UNSIGNED, user_id BIGINT UNSIGNED);"
                    "INSERT INTO conversation_participants VALUES (123, 2);")
        text = self.site.config.read_text()
        where = "WHERE c.id = :conversation AND"
        self.site.write_secret(self.site.config, text.replace(
            where, f"{where} (SELECT SLEEP(seconds) FROM slow) = 0 AND"))
        self.system.db.execute("CREATE TABLE slow (seconds INT); INSERT INTO slow VALUES (50)")
        self.addCleanup(self.system.db.execute, "DROP TABLE slow")
        self.system.db.grant()
        killed = []
        thread = threading.Thread(target=self.kill_at_work, args=[killed])
        thread.start()
        told = self.told("allow user=2 private-chat.6.conversation.123\n"
                         "allow user=2 private-encrypted-chat.6.conversation.123\n", 0, fixtures)
        thread.join()
        self.assertIn("2 as expected", told)
        self.assertEqual(len(killed), 1)

    def kill_at_work(self, killed):
        """End the connection as soon as it is seen to run the rule's statement."""
        (number,), = wait_until(lambda: self.system.db.execute(
            "SELECT ID FROM information_schema.PROCESSLIST"
            f" WHERE USER = '{mariadb.USER}' AND STATE = 'User sleep'"))
        self.system.db.execute(f"UPDATE slow SET seconds = 0; KILL {number}")
        killed.append(number)

    def test_without_a_database_nothing_is_as_expected(self):
        self.system.configure(hold=BRIEF_HOLD)
        text = self.site.config.read_text()
        self.site.write_secret(self.site.config, text.replace(
            str(self.system.db.socket), "/nonexistent/socket"))
        told = self.told(ALLOWED + REFUSED, 1)
        self.assertIn("0 as expected, 0 otherwise, 2 could not be found out", told)
        self.assertIn("site.expect:2: deny user=1 private-chat.6.conversation.999: could not be found "
                      "out: 503 database_unavailable", told)

    def test_wrong_command_lines_are_no_failed_expectations(self):
        for words in ((), ("test",), ("prove", "x"), ("test", "a", "b"), ("test", "a", "--sign")):
            done = self.site.tool("rules", *words)
            self.assertEqual(done.returncode, 1)
            self.assertIn("usage: castgate rules", done.stderr)
        self.assertEqual(self.site.tool("rules", "test", "/nonexistent").returncode, 1)

    def test_the_responder_agrees(self):
        """The shortest way round: what was expected is what a client gets."""
        self.told(ALLOWED + REFUSED, 0)
        with mounts.mount("memory", self.site, self.system.scratch) as responder:
            for line, status in ((ALLOWED, 200), (REFUSED, 403)):
                reply = responder.send(subscription(line.split()[-1], laravel.ALICE))
                self.assertEqual(reply.status, status)


if __name__ == "__main__":
    suite.main()
