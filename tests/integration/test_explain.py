"""Does castgate explain decide what the responder decides, change nothing, and give nothing away?"""

import base64
import hmac
import json
import pathlib
import re
import sys
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import case_file, hotel, laravel, mariadb, mounts, nextjs, suite, systems
from harness.audit import AuditLog
from harness.exchange import subscription
from harness.explain import as_http, explain
from harness.site import BRIEF_HOLD
from harness.system import System

# What castgate explain tells of a decision, and the log's name for it.
SAME = {"reason": "event.reason", "detail": "castgate.detail", "rule": "castgate.rule",
        "channel": "castgate.channel", "credential": "castgate.credential",
        "token_id": "castgate.token_id", "user": "user.id"}

# Actions that change sessions; an explanation must not.
CHANGING = re.compile("/api/auth/sessions?(/|$)")


# One of the owner types of system 1.
USERS = ("--owner-type", "App\\Models\\User")


class Differential(unittest.TestCase):
    """Each case of the conformance files is asked of both."""

    def replay(self, description):
        with System(description) as system, \
                mounts.mount("memory", system.site, system.scratch) as responder:
            log = AuditLog(system.site)
            for case in case_file.read(description.cases, description.keys):
                if case.mounts and "memory" not in case.mounts:
                    continue
                system.site.forget_throttle()
                with self.subTest(case.name):
                    self.compare(system.site, responder, log, case)

    def compare(self, site, responder, log, case):
        reply = responder.send(case.request)
        lines = log.decisions(case.lines)
        done = explain(site, "--json", "--ip", "127.0.0.1", "--sign", "--request-stdin",
                       stdin=as_http(case.request))
        if CHANGING.match(case.request.target) and not done.stdout:
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"cannot be tried out", done.stderr)
            return
        told = json.loads(done.stdout)
        self.assertEqual(told["status"], reply.status, told)
        refused = any(step["step"] == "entry" and step["reason"] != "allowed"
                      for step in told["steps"])
        self.assertEqual(done.returncode,
                         2 if refused else {200: 0, 204: 0, 503: 1}.get(reply.status, 2),
                         (told["status"], told["reason"]))
        if case.lines == 1:
            for ours, theirs in SAME.items():
                if ours != "channel" or ours in told:
                    self.assertEqual(told.get(ours), lines[0].get(theirs), ours)
        else:
            entries = [step for step in told["steps"] if step["step"] == "entry"]
            self.assertEqual([entry["reason"] for entry in entries],
                             [line["event.reason"] for line in lines])
        if reply.status == 200 and case.request.method == "POST":
            self.assertEqual(told["ticket"], json.loads(reply.body))
        self.assertEqual(log.decisions(0, 0), [], "explaining wrote into the log")


def differential(description):
    return lambda self: self.replay(description)


for one in systems.ALL:
    setattr(Differential, f"test_{one.name.replace('-', '_')}", differential(one))


class Explain(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("explain"))
        cls.site = cls.system.site

    def setUp(self):
        self.system.configure()
        self.site.forget_throttle()

    def told(self, *words, stdin=b"", status=2):
        done = explain(self.site, *words, stdin=stdin)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout.decode()

    def ask(self, channel, token=laravel.ALICE, *words, status=2):
        return self.told("--channel", channel, "--bearer-stdin", *words,
                         stdin=token.encode() + b"\n", status=status)

    def test_who_may_listen_is_allowed_without_showing_the_ticket(self):
        text = self.ask(laravel.CHANNEL, status=0)
        self.assertRegex(text, r"^ALLOW 200  allowed   rule \S+castgate\.conf:\d+   2 queries, \d")
        self.assertRegex(text, r"(?m)^ credential   ok   sanctum \(sanctum\): token 1, "
                               r"owner App\\Models\\User 1, never expires, (never|last) used")
        self.assertRegex(text, r"(?m)^ rule         ok .*company=6 conversation=123$")
        self.assertIn("ticket       ok   not shown without --sign", text)
        self.assertNotIn("thisisaauthkey:", text)
        self.assertIn('{"auth":"thisisaauthkey:', self.ask(laravel.CHANNEL, laravel.ALICE, "--sign",
                                                           status=0))

    def test_what_was_signed_of_a_member_is_part_of_the_ticket(self):
        for words in ((), ("--json",)):
            hidden = self.ask("presence-company.6", laravel.ALICE, *words, status=0)
            self.assertNotIn("user_info", hidden)
            shown = self.ask("presence-company.6", laravel.ALICE, "--sign", *words, status=0)
            self.assertIn("user_info", shown.partition("ticket")[2].partition("thisisaauthkey:")[0])

    def test_the_values_and_the_statement_can_be_tried_by_hand(self):
        text = self.ask("private-chat.6.conversation.999")
        self.assertRegex(text, r"(?m)^ statement    NO   no_row  with conversation=999 company=6 user=1$")
        statement = text.partition("SQL:\n")[2]
        self.assertIn("p.user_id = 1", statement)
        self.assertEqual(self.system.db.execute(statement), [])
        allowed = json.loads(self.ask(laravel.CHANNEL, laravel.ALICE, "--json", status=0))
        sql = [step["sql"] for step in allowed["steps"] if step["step"] == "statement"]
        self.assertEqual(len(self.system.db.execute(sql[0])), 1)

    def test_what_is_known_of_a_token_is_told_but_of_somebody_elses_nothing(self):
        expiry = "UPDATE personal_access_tokens SET last_used_at = {}, expires_at = {} WHERE id = 3"
        self.system.db.execute(expiry.format("UTC_TIMESTAMP() - INTERVAL 5 MINUTE",
                                             "UTC_TIMESTAMP() + INTERVAL 26 HOUR"))
        self.assertRegex(self.ask(laravel.CHANNEL, "3|future-plain", status=0),
                         r"token 3, owner App\\Models\\User 1, expires in 25 h, last used 5 min ago")
        self.system.db.execute(expiry.format("NULL", "UTC_TIMESTAMP() - INTERVAL 3 DAY"))
        self.assertRegex(self.ask(laravel.CHANNEL, "3|future-plain"),
                         r"token_expired \(token 3\), owner \S+ 1, expired 3 days ago, never used")
        self.assertNotIn("owner", self.ask(laravel.CHANNEL, "3|another"))
        # its name, where the account may read that
        table = f"{mariadb.DATABASE}.personal_access_tokens"
        account = f"'{mariadb.USER}'@'localhost'"
        self.system.db.execute("UPDATE personal_access_tokens SET name = 'phone\x1b[2J' WHERE id = 3")
        self.system.db.execute(f"GRANT SELECT (name) ON {table} TO {account}")
        self.assertIn('token 3) ("phone?[2J"), owner', self.ask(laravel.CHANNEL, "3|future-plain"))
        self.system.db.execute(f"REVOKE SELECT (name) ON {table} FROM {account}")

    def test_the_deny_section_that_holds_tells_its_values_and_its_cure(self):
        text = self.site.config.read_text()
        rule = '\t}\n\tchannel "company.{company:id}" {'
        self.assertIn(rule, text)
        self.site.write_secret(self.site.config, text.replace(rule, """
		deny "OTHER_COMPANY" {
			when = "SELECT company_id FROM conversations
				 WHERE id = :conversation AND company_id <> :company"
			message = "Not of this company."
		}
		deny "NOT_A_PARTICIPANT" {
			when = "SELECT 1 FROM DUAL WHERE NOT EXISTS (SELECT 1
				  FROM conversation_participants
				 WHERE conversation_id = :conversation AND user_id = :user)"
			cure = "add user {user} to conversation {conversation}"
		}
""" + rule))
        text = self.ask("private-chat.6.conversation.125")
        self.assertRegex(text, r"^DENY 403  no_row NOT_A_PARTICIPANT   rule \S+   "
                               r"2 queries and 2 to explain, ")
        self.assertIn("\n condition    no   OTHER_COMPANY\n condition    YES  NOT_A_PARTICIPANT"
                      "  for conversation=125 user=1\n cure              add user 1 to conversation"
                      " 125\n", text)
        text = self.ask("private-chat.7.conversation.123")
        self.assertIn("\n condition    YES  OTHER_COMPANY  company_id=6  for conversation=123"
                      " company=7\n", text)
        self.assertIn("\n reason            OTHER_COMPANY: Not of this company.\n", text)

    def test_a_rule_that_nearly_matches_is_shown_with_its_byte(self):
        text = self.ask("private-chat.6.lobby")
        self.assertRegex(text, r"^DENY 403  no_rule")
        self.assertRegex(text, r"near miss: chat\.\S+  \S+:\d+  differs at byte 15, after private-chat\.6\.\n")

    def test_rules_after_the_one_that_decided_are_told_as_well(self):
        text = self.site.config.read_text()
        last = '\tchannel "company.{company:id}" {'
        self.site.write_secret(self.site.config, text.replace(last, """
	channel "chat.{any}.conversation.{other}" {
		allow = "SELECT 1"
	}
	channel "chat.{company:id}.conversation.{conversation:id}.more" {
		allow = "SELECT 1"
		unproven = {"company", "conversation"}
	}
""" + last, 1))
        text = self.ask(laravel.CHANNEL, status=0)
        self.assertRegex(text, r"not asked: chat\.\{any\}\.conversation\.\{other\}  \S+  matches too")
        self.assertRegex(text, r"near miss: \S+\.more  \S+  differs at byte 31, after ")

    def test_each_candidate_says_why_it_was_not_used(self):
        text = self.told("--channel", laravel.CHANNEL)
        self.assertRegex(text, r"^DENY 401  credential_missing")
        self.assertIn("sanctum: nothing came, looks at bearer", text)
        self.assertIn("SetEnvIf Authorization", text)
        self.assertRegex(self.ask(laravel.CHANNEL, "1|wrong-plain"),
                         r"(?m)^ credential   NO   sanctum \(sanctum\): token_mismatch")

    def test_a_user_may_be_assumed_and_that_is_said(self):
        text = self.told("--channel", laravel.CHANNEL, "--user", "1", status=0)
        self.assertIn("user 1, of which type is not known, see --owner-type, taken for proven: "
                      "no credential was looked at", text)
        text = self.told("--channel", laravel.CHANNEL, "--user", "1", *USERS, status=0)
        self.assertIn("user 1, App\\Models\\User of credential \"sanctum\", taken for proven: "
                      "no credential was looked at", text)
        self.assertRegex(self.told("--channel", laravel.CHANNEL, "--user", "3"), r"^DENY 403  no_row")

    def test_a_user_who_is_assumed_has_what_credentials_would_prove(self):
        member = "0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
        anyone = ("--endpoint", "/any/broadcasting/auth", "--channel")
        rows = [
            (("--channel", "presence-company.6", "--user", "1", *USERS), "Alice", "1"),
            (("--channel", "presence-company.6", "--user", "1", *USERS, "--value", "name=Al"), "Al", "1"),
            (("--channel", "presence-company.6", "--user", "1", "--value", "name=Al"), "Al", "1"),
            ((*anyone, "presence-mine-1", "--user", "1", *USERS), "Alice", "1"),
            ((*anyone, f"presence-mine-{member}", "--user", member), "Mia", member),
            ((*anyone, "presence-mine-1", "--user", "1", "--owner-type", "App\\Models\\Admin"),
             "Root", "admin-1"),
        ]
        for words, name, broadcast_id in rows:
            with self.subTest(words):
                told = json.loads(self.told(*words, "--sign", "--json", status=0))
                data = json.loads(told["ticket"]["channel_data"])
                self.assertEqual(data["user_info"]["name"], name)
                self.assertEqual(data["user_id"], broadcast_id)

    def test_a_user_who_is_nobody_is_refused_as_their_credentials_would_be(self):
        for words, reason in (
                (("--user", "999", *USERS), "owner_missing"), (("--user", "4", *USERS), "owner_missing"),
                (("--user", "1abc", *USERS), "owner_missing"),
                (("--user", "1abc", "--endpoint", "/old/broadcasting/auth"), "owner_missing"),
                (("--user", "3", "--owner-type", "user"), "no_row"),
                (("--user", "2", "--owner-type", "App\\Models\\Admin"), "owner_missing"),
                (("--user", "1", "--owner-type", "App\\Models\\Robot"), "owner_type_unknown")):
            with self.subTest(words):
                text = self.told("--channel", laravel.CHANNEL, *words)
                self.assertRegex(text, rf"^DENY 40[13]  {reason}")
                self.assertNotIn("taken for proven" if reason != "no_row" else "owner_missing", text)

    def ask_batch(self, channels, *words, status):
        request = subscription("", laravel.ALICE)
        request.body = urllib.parse.urlencode(
            [("socket_id", "1.1")] + [("channel_name[]", channel) for channel in channels]).encode()
        return self.told("--request-stdin", *words, stdin=as_http(request), status=status)

    def test_a_batch_is_allowed_where_all_of_its_channels_are(self):
        channels = [laravel.CHANNEL, "presence-company.6"]
        self.assertRegex(self.ask_batch(channels, status=0), r"^ALLOW 200  allowed   rule ")
        self.assertIs(json.loads(self.ask_batch(channels, "--json", status=0))["allows"], True)
        for others in (["private-chat.6.conversation.999", *channels],
                       [*channels, "private-chat.6.conversation.999"]):
            text = self.ask_batch(others, status=2)
            self.assertRegex(text, r"^DENY 200  a channel of the batch was refused   rule ")
            self.assertRegex(text, r"(?m)^ entry        NO   403  no_row$")
            self.assertNotIn("Nothing to do", text)
            told = json.loads(self.ask_batch(others, "--json", status=2))
            self.assertIs(told["allows"], False)
            self.assertNotIn("cure", told)

    def test_steps_that_are_lost_may_have_been_refusals(self):
        """So many rules are tried for so many channels that the steps do not fit into memory."""
        text = self.site.config.read_text()
        last = '\tchannel "company.{company:id}" {'
        more = "".join(f'\tchannel "none{n}" {{ allow = "SELECT 1" }}\n' for n in range(700))
        self.site.write_secret(self.site.config, text.replace(
            last, more + '\tchannel "free.{n:id}" { allow = "SELECT 1" unproven = {"n"} }\n' + last, 1))
        channels = [f"private-free.{n}" for n in range(1, 100)]
        for others in (channels, [*channels, "private-none"]):
            self.assertRegex(self.ask_batch(others, status=1), r"^UNKNOWN 200  allowed as far as ")
            self.ask_batch(others, "--json", status=1)
        self.assertRegex(self.ask_batch(["private-none", *channels], status=2),
                         r"^DENY 200  a channel of the batch was refused ")

    def test_an_outage_is_neither_allowed_nor_refused(self):
        self.system.configure(hold=BRIEF_HOLD)
        text = self.site.config.read_text()
        self.site.write_secret(self.site.config, text.replace(
            str(self.system.db.socket), "/nonexistent/socket"))
        self.assertRegex(self.ask(laravel.CHANNEL, status=1), r"^OUTAGE 503  database_unavailable")
        self.assertIsNone(json.loads(self.ask(laravel.CHANNEL, laravel.ALICE, "--json", status=1))["allows"])
        self.assertRegex(self.told("--channel", "private-App.Models.User.1", "--user", "1", *USERS,
                                   status=1),
                         r"^OUTAGE 503  database_unavailable")

    def test_it_charges_nothing_and_touches_nothing(self):
        throttle = self.site.state / "throttle"
        self.ask(laravel.CHANNEL, status=0)
        before = throttle.read_bytes()
        used = "SELECT id, last_used_at FROM personal_access_tokens ORDER BY id"
        rows = self.system.db.execute(used)
        log = self.site.log_text()
        self.ask(laravel.CHANNEL, "1|wrong-plain")
        self.ask(laravel.CHANNEL, status=0)
        self.assertEqual(throttle.read_bytes(), before)
        self.assertEqual(self.system.db.execute(used), rows)
        self.assertEqual(self.site.log_text(), log)

    def test_a_client_in_penalty_is_told_so(self):
        text = self.site.config.read_text()
        head = 'endpoint "/broadcasting/auth" {\n'
        self.site.write_secret(self.site.config, text.replace(
            head, head + "\tthrottle { failures = 4 }\n"))
        with mounts.mount("memory", self.site, self.system.scratch) as responder:
            # so far beyond the limit that the next one comes back after many minutes
            request = subscription("", "18|bob-plain")
            request.body = urllib.parse.urlencode([("socket_id", "1.1")] + [
                ("channel_name[]", f"private-none.{number}") for number in range(50)]).encode()
            self.assertEqual(responder.send(request).status, 200)
        self.assertRegex(self.ask(laravel.CHANNEL, laravel.ALICE, "--ip", "127.0.0.1"),
                         r"^DENY 429  too_many_failures")
        self.ask(laravel.CHANNEL, laravel.ALICE, "--ip", "127.0.0.2", status=0)

    def test_nothing_secret_is_in_any_output(self):
        canary = "canary-8d1f"
        digest = base64.b64encode(canary.encode()).decode()
        for stdin, words in ((f"1|{canary}", ["--bearer-stdin"]),
                             (f"laravel_session={canary}", ["--cookie-stdin"]),
                             (f"token={canary}", ["--query-stdin"])):
            for json_too in ([], ["--json"]):
                done = explain(self.site, "--channel", laravel.CHANNEL, *words, *json_too,
                               stdin=stdin.encode())
                for output in (done.stdout.decode(), done.stderr.decode()):
                    self.assertNotIn(canary, output)
                    self.assertNotIn(digest, output)
                    self.assertNotIn(laravel.KEYS.secret, output)
        for output in (self.ask(laravel.CHANNEL, status=0),
                       self.ask(laravel.CHANNEL, laravel.ALICE, "--json", status=0)):
            self.assertNotIn("alice-plain", output)
            self.assertNotRegex(output, "[0-9a-f]{64}")

    def test_wrong_command_lines_are_no_refusals(self):
        for words in ([], ["--channel"], ["--channel", "a", "--user", "1", "--bearer-stdin"],
                      ["--channel", "a", "--bearer-stdin", "--cookie-stdin"],
                      ["--channel", "a", "--request-stdin"], ["--channel", "a", "--value", "a=b"],
                      ["--channel", "a", "--bearer-stdin", "--owner-type", "b"],
                      ["--channel", "a", "more"]):
            with self.subTest(words):
                done = explain(self.site, *words)
                self.assertEqual(done.returncode, 1)
                self.assertIn(b"usage: castgate explain", done.stderr)
        self.assertEqual(explain(self.site, "--request-stdin", stdin=b"nonsense").returncode, 1)


def hmac_of(key, message):
    return base64.b64encode(hmac.digest(key.encode(), message.encode(), "sha256")).decode()


class DocumentedFailures(unittest.TestCase):
    """What the documents lost a day over; the README names the command for each."""

    def explain(self, description, channel, *words, stdin):
        with System(description) as system:
            return explain(system.site, "--channel", channel, *words, stdin=stdin).stdout.decode()

    def test_laravel(self):
        with System(laravel.DESCRIPTION) as system:
            def ask(channel):
                return explain(system.site, "--channel", channel, "--bearer-stdin",
                               stdin=laravel.ALICE.encode()).stdout.decode()
            wrong_company = ask("private-chat.7.conversation.123")
            self.assertRegex(wrong_company, "^DENY 403  no_row")
            self.assertIn("with conversation=123 company=7 user=1", wrong_company)
            system.db.execute("DELETE FROM conversation_participants WHERE user_id = 1")
            self.assertRegex(ask(laravel.CHANNEL), "^DENY 403  no_row")
            system.db.execute("DROP TABLE conversation_participants")
            missing = ask(laravel.CHANNEL)
            self.assertRegex(missing, "^OUTAGE 503  table_missing")
            self.assertIn("conversation_participants", missing)

    def test_a_guest_of_another_booking(self):
        text = self.explain(
            hotel.DESCRIPTION, "private-hotel-grand-hotel-guest-chat-booking-OTHER",
            "--endpoint", "/api/guest/hotel/grand-hotel/chat/pusher/auth", "--query-stdin",
            stdin=b"token=valid_guest_token\n")
        self.assertRegex(text, "^DENY 403  template_mismatch")
        self.assertIn(f"\n template     NO   this user's is {hotel.CHANNEL}  differs at byte 45\n", text)
        self.assertNotIn("valid_guest_token", text)

    def test_a_user_of_whom_only_the_session_knows_the_tenant(self):
        with System(nextjs.DESCRIPTION) as system:
            def ask(*words):
                return explain(system.site, "--channel", "private-session-11111111-2222-4333-8444-000000000001",
                               "--user", "aliceId", *words).stdout.decode()

            text = ask()
            self.assertRegex(text, r"^DENY 403  value_missing")
            self.assertIn("user.tenant", text)
            self.assertRegex(text, r"(?m)^ cure +Name the value with --value NAME=VALUE;")
            self.assertRegex(ask("--value", "tenant=aliceId"), r"^ALLOW 200  allowed")

    def test_a_stale_cookie(self):
        cookie = "better-auth.session_token=" + urllib.parse.quote(
            "expired-token." + hmac_of("only-for-tests-0123456789abcdefgh", "expired-token"),
            safe="")
        text = self.explain(nextjs.DESCRIPTION, "private-session-1", "--cookie-stdin",
                            stdin=cookie.encode())
        self.assertRegex(text, "^DENY 401  token_expired")
        self.assertRegex(text, r"token_expired session s5\), expired \d+ s ago\n")
        self.assertNotIn("expired-token", text)


if __name__ == "__main__":
    suite.main()
