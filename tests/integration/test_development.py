"""Who is told why, are they told the right thing, and does looking for it never change a decision?"""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, suite
from harness.audit import AuditLog
from harness.exchange import Request, subscription
from harness.mount_memory import Memory

# What Alice (1) may not listen to: no such conversation, another company's, one of Bob's alone.
GONE = "private-chat.6.conversation.999"
FOREIGN = "private-chat.6.conversation.124"
BOBS = "private-chat.6.conversation.125"

DENIES = """
		deny "CONVERSATION_NOT_FOUND" {
			when = "SELECT 1 FROM DUAL
				 WHERE NOT EXISTS (SELECT 1 FROM conversations WHERE id = :conversation)"
			message = "There is no such conversation."
		}
		deny "NEEDS_A_NAME" { when = "SELECT 1 FROM DUAL WHERE :user.nickname = 'x'" }
		deny "OTHER_COMPANY" {
			when = "SELECT company_id FROM conversations
				 WHERE id = :conversation AND company_id <> :company"
		}
		deny "LAST" { when = "SELECT 1" }
	}
	channel "company.{company:id}" {"""

NO_DENIES = """
	}
	channel "company.{company:id}" {"""


class Development(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("development"))
        cls.system.db.execute("CREATE TABLE unreadable (id INT)")

    def mount(self, clients="127.0.0.0/8", dialect="laravel", denies=DENIES, more="", last=""):
        """castgate with the laravel fixture, deny sections in its first rule, and these listed."""
        site = self.system.site
        self.system.configure()
        text = site.config.read_text().replace('dialect = "laravel"', f'dialect = "{dialect}"', 1)
        head, middle, tail = text.partition('\t}\n\tchannel "company.{company:id}" {')
        self.assertTrue(middle)
        site.write_secret(site.config, f'development = true\ndevelopment_clients = {{"{clients}"}}\n'
                          + more + head + denies + tail + last)
        mount = Memory(site)
        mount.__enter__()
        self.addCleanup(mount.__exit__, None, None, None)
        self.log = AuditLog(site)
        return mount

    def ask(self, mount, channel, token=laravel.ALICE, headers=()):
        return mount.send(subscription(channel, token, headers=headers))

    def test_labels_come_in_the_order_of_the_file(self):
        mount = self.mount()
        for channel, label in ((GONE, "CONVERSATION_NOT_FOUND"), (FOREIGN, "OTHER_COMPANY"),
                               (BOBS, "LAST")):
            reply = self.ask(mount, channel)
            self.assertEqual((reply.status, json.loads(reply.body)),
                             (403, {"message": "", "code": label}))
            line = self.log.decision_of(reply)
            self.assertEqual((line["castgate.deny"], line["event.reason"]), (label, "no_row"))

    def test_nextjs_says_code_and_message(self):
        mount = self.mount(dialect="nextjs")
        for channel, body in (
                (GONE, b'{"code":"CONVERSATION_NOT_FOUND","message":"There is no such conversation."}'),
                (FOREIGN, b'{"code":"OTHER_COMPANY","message":"The rule\'s statement found no row."}'),
                ("private-other",
                 b'{"code":"CHANNEL_FORBIDDEN","message":"No channel rule matches the channel\'s name."}')):
            reply = self.ask(mount, channel)
            self.assertEqual((reply.status, reply.body, reply.header("Content-Type")),
                             (403, body, "application/json"))
        self.assertEqual(self.ask(mount, GONE, "1|wrong").body, b"Unauthorized")

    def test_every_other_refusal_has_its_reason(self):
        mount = self.mount(dialect="problem")
        for request, status, code in (
                (subscription(laravel.CHANNEL), 401, "credential_missing"),
                (subscription(laravel.CHANNEL, "1|wrong"), 401, "token_mismatch"),
                (subscription(laravel.CHANNEL, "2|expired-plain"), 401, "token_expired"),
                (subscription("a:b", laravel.ALICE), 400, "channel_invalid"),
                (subscription("private-other", laravel.ALICE), 403, "no_rule"),
                (Request("GET", "/broadcasting/auth"), 405, "method_not_allowed")):
            reply = mount.send(request)
            self.assertEqual((reply.status, json.loads(reply.body).get("code")), (status, code))
        reply = mount.send(Request("POST", "/nowhere"))
        self.assertEqual(json.loads(reply.body)["code"], "endpoint_unknown")

    def test_the_session_action_tells_too(self):
        last = 'endpoint "/auth/session" { action = "session"  credentials = {"sanctum"} }\n'
        request = Request("GET", "/auth/session", [("Authorization", "Bearer 2|expired-plain")])
        for clients, body in (
                ("127.0.0.1", b'{"message":"Invalid or expired session","code":"token_expired"}'),
                ("192.0.2.1", b'{"message":"Invalid or expired session"}')):
            reply = self.mount(clients=clients, last=last).send(request)
            self.assertEqual((reply.status, reply.body), (401, body))

    def test_who_is_allowed_is_told_nothing_more(self):
        reply = self.ask(self.mount(), laravel.CHANNEL)
        self.assertEqual((reply.status, list(json.loads(reply.body))), (200, ["auth"]))

    def test_others_are_told_nothing_and_cost_no_statement(self):
        plain = self.statements(self.mount(denies=NO_DENIES))
        self.assertGreater(self.statements(self.mount()), plain)
        for headers in ((), [("X-Forwarded-For", "192.0.2.7")]):
            mount = self.mount(clients="192.0.2.0/24")
            self.assertEqual(self.statements(mount, headers), plain)
            reply = self.ask(mount, GONE, headers=headers)
            self.assertEqual((reply.status, reply.body), (403, b'{\n    "message": ""\n}'))
            self.assertNotIn("castgate.deny", self.log.decision_of(reply))

    def test_a_forwarded_address_counts_behind_trusted_proxies_alone(self):
        forwarded = [("X-Forwarded-For", "192.0.2.7")]
        self.assertNotIn(b"code", self.ask(self.mount(), GONE, headers=forwarded).body)
        proxied = self.mount("192.0.2.0/24", more='trusted_proxies = {"127.0.0.1"}\n')
        self.assertIn(b"CONVERSATION_NOT_FOUND", self.ask(proxied, GONE, headers=forwarded).body)
        for value in ("203.0.113.9", "192.0.2.7, 203.0.113.9", "192.0.2.7, x"):
            reply = self.ask(proxied, GONE, headers=[("X-Forwarded-For", value)])
            self.assertNotIn(b"code", reply.body)

    def test_development_off_means_off(self):
        mount = self.mount()
        mount.__exit__(None, None, None)
        config = self.system.site.config
        self.system.site.write_secret(
            config, config.read_text().replace("development = true", "development = false"))
        with Memory(self.system.site) as production:
            self.assertEqual(self.ask(production, GONE).body, b'{\n    "message": ""\n}')

    def test_an_outage_while_explaining_changes_nothing(self):
        for when in ("SELECT id FROM unreadable", "SELECT id FROM missing", "SELECT SLEEP(20)"):
            denies = (f'\n\t\tdeny "FIRST" {{ when = "{when}" }}'
                      + DENIES.replace('deny "LAST"', 'deny "NEVER"'))
            mount = self.mount(denies=denies)
            reply = self.ask(mount, GONE)
            self.assertEqual((reply.status, reply.body),
                             (403, b'{\n    "message": "","code":"no_row"}'), when)
            self.assertNotIn("castgate.deny", self.log.decision_of(reply))
            # and nobody was alarmed
            self.assertEqual(self.ask(mount, laravel.CHANNEL).status, 200, when)

    def test_entries_of_a_batch_have_their_labels(self):
        for clients, codes in (("127.0.0.1", ["CONVERSATION_NOT_FOUND", None, "OTHER_COMPANY", "no_rule"]),
                               ("192.0.2.1", [None] * 4)):
            mount = self.mount(clients=clients)
            body = "&".join(["socket_id=1.2", *(f"channel_name[]={channel}" for channel in
                                                (GONE, laravel.CHANNEL, FOREIGN, "private-other"))])
            reply = mount.send(Request("POST", "/broadcasting/auth", [
                ("Authorization", f"Bearer {laravel.ALICE}")], body.encode()))
            entries = json.loads(reply.body).values()
            self.assertEqual([entry["status"] for entry in entries], [403, 200, 403, 403])
            self.assertEqual([entry.get("code") for entry in entries], codes)
            self.assertTrue(all(set(entry) <= {"status", "code", "data"} for entry in entries))

    def test_entries_of_a_batch_have_their_labels_in_the_log(self):
        mount = self.mount()
        body = "&".join(["socket_id=1.2", *(f"channel_name[]={channel}" for channel in
                                            (GONE, laravel.CHANNEL, FOREIGN))])
        reply = mount.send(Request("POST", "/broadcasting/auth", [
            ("Authorization", f"Bearer {laravel.ALICE}")], body.encode()))
        self.assertEqual([entry["status"] for entry in json.loads(reply.body).values()],
                         [403, 200, 403])
        self.assertEqual([line.get("castgate.deny") for line in self.log.decisions(3)],
                         ["CONVERSATION_NOT_FOUND", None, "OTHER_COMPANY"])

    def statements(self, mount, headers=()):
        """How many a refusal takes, once everything is prepared, and the token's use written after the reply."""
        self.ask(mount, GONE, headers=headers)
        mount.send(Request("POST", "/nowhere"))
        before = self.executed()
        self.ask(mount, GONE, headers=headers)
        return self.executed() - before

    def executed(self):
        return int(self.system.db.execute("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")[0][1])


if __name__ == "__main__":
    suite.main()
