"""Does every dialect refuse in its own order and words, through the whole way of a request?"""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, places, suite, wire_rules
from harness.exchange import Request, subscription
from harness.mount_memory import Memory
from harness.site import BRIEF_HOLD, PATIENT_HOLD
from harness.waiting import wait_until

ENDPOINT = """
endpoint "/{0}" {{
	credentials = {{"sanctum"}}
	dialect = "{0}"
	cors_origins = {{"https://chat.example", "chrome-extension://abcdefghijklmnop"}}
	channel "chat.{{company:id}}.conversation.{{conversation:id}}" {{
		allow = "SELECT c.id AS conversation, c.company_id AS company, p.user_id AS user
			   FROM conversations c JOIN conversation_participants p ON p.conversation_id = c.id
			  WHERE c.id = :conversation AND c.company_id = :company AND p.user_id = :user"
	}}
}}
"""
DIALECTS = ("laravel", "nextjs", "error-message", "problem")
JSON, TEXT, PROBLEM = "application/json", "text/plain", "application/problem+json"


def problem(status, title):
    return (status, PROBLEM, f'{{"type":"about:blank","title":"{title}","status":{status}}}')


L400 = (400, JSON, '{"message":"Bad Request."}')
L401 = (401, JSON, '{"message":"Unauthenticated."}')
L403 = (403, JSON, '{\n    "message": ""\n}')
N400, N401 = (400, TEXT, "Bad Request"), (401, TEXT, "Unauthorized")
N403 = (403, JSON, '"Forbidden"')
E400 = (400, JSON, '{"error":"Missing required parameters"}')
E403 = (403, JSON, '{"error":"Forbidden","message":"Forbidden"}')
P400, P401, P403 = (problem(400, "Bad Request"), problem(401, "Unauthorized"),
                    problem(403, "Forbidden"))

GOOD, BAD, OTHER = laravel.ALICE, "1|wrong", "private-chat.6.conversation.125"
# What is asked, with which token, and what each dialect answers to it.
ROWS = (
    ("nothing at all", "", None, (L401, N401, E400, P400)),
    ("nothing, bad token", "", BAD, (L400, N401, E400, P400)),
    ("nothing, good token", "", GOOD, (L400, N400, E400, P400)),
    ("all but a token", f"socket_id=1.2&channel_name={laravel.CHANNEL}", None,
     (L401, N401, E400, P401)),
    ("bad token", f"socket_id=1.2&channel_name={laravel.CHANNEL}", BAD, (L401, N401, E403, P401)),
    ("no channel, bad token", "socket_id=1.2", BAD, (L401, N401, E400, P400)),
    ("no channel", "socket_id=1.2", GOOD, (L403, N400, E400, P400)),
    ("bad socket id, bad token", f"socket_id=x&channel_name={laravel.CHANNEL}", BAD,
     (L400, N401, E400, P400)),
    ("bad socket id", f"socket_id=x&channel_name={laravel.CHANNEL}", GOOD,
     (L400, N400, E400, P400)),
    ("bad channel", "socket_id=1.2&channel_name=a:b", GOOD, (L400, N400, E400, P400)),
    ("unknown channel", "socket_id=1.2&channel_name=private-x", GOOD, (L403, N403, E403, P403)),
    ("unknown channel, bad token", "socket_id=1.2&channel_name=private-x", BAD,
     (L401, N401, E403, P401)),
    ("public channel", "socket_id=1.2&channel_name=x", GOOD, (L403, N403, E403, P403)),
    ("other channel", f"socket_id=1.2&channel_name={OTHER}", GOOD, (L403, N403, E403, P403)),
)
BY_STATUS = {
    405: ('{"message":"Method Not Allowed"}', "Method Not Allowed",
          '{"error":"Method Not Allowed"}', problem(405, "Method Not Allowed")[2]),
    413: ('{"message":"Payload Too Large"}', "Payload Too Large",
          '{"error":"Payload Too Large"}', problem(413, "Payload Too Large")[2]),
    503: ('{"message":"Service Unavailable"}', "Service Unavailable",
          '{"error":"Service Unavailable"}', problem(503, "Service Unavailable")[2]),
}
TYPES = (JSON, TEXT, JSON, PROBLEM)


class Dialects(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("dialects"))
        cls.system.configure(
            places.SOURCE / "tests/integration/dialects.conf",
            ENDPOINTS="".join(map(ENDPOINT.format, DIALECTS)))
        cls.system.site.check()

    def setUp(self):
        self.mount = self.enterContext(Memory(self.system.site))

    def ask(self, dialect, body, token, *headers, method="POST"):
        lines = list(headers) + ([("Authorization", f"Bearer {token}")] if token else [])
        reply = self.mount.send(Request(method, f"/{dialect}", lines, body.encode()))
        self.assertEqual(wire_rules.violations(reply), [])
        return reply

    def stop_database(self):
        """Until the test ends. Processes remember an outage for a moment, so wait for its end, too."""
        def start():
            self.system.db.start()
            wait_until(lambda: self.ask("laravel", f"socket_id=1.2&channel_name={laravel.CHANNEL}",
                                        GOOD).status == 200)
        good = self.system.site.config.read_text()
        self.addCleanup(self.system.site.write_secret, self.system.site.config, good)
        self.system.site.write_secret(
            self.system.site.config, good.replace(f"hold = {PATIENT_HOLD}", f"hold = {BRIEF_HOLD}"))
        self.mount = self.enterContext(Memory(self.system.site))
        self.system.db.stop()
        self.addCleanup(start)

    def test_order_and_words(self):
        for name, body, token, answers in ROWS:
            for dialect, answer in zip(DIALECTS, answers, strict=True):
                with self.subTest(f"{dialect}: {name}"):
                    reply = self.ask(dialect, body, token)
                    self.assertEqual((reply.status, reply.header("Content-Type"),
                                      reply.body.decode()), answer)
                    self.assertEqual(reply.header("WWW-Authenticate"),
                                     "Bearer" if reply.status == 401 else None)

    def test_an_outage_is_503_and_never_a_refusal(self):
        self.stop_database()
        for dialect, words in zip(DIALECTS, BY_STATUS[503], strict=True):
            for token in (GOOD, BAD):
                reply = self.ask(dialect, f"socket_id=1.2&channel_name={laravel.CHANNEL}", token)
                self.assertEqual((reply.status, reply.body.decode()), (503, words))
                self.assertTrue(reply.header("Retry-After"))

    def test_methods_and_long_bodies(self):
        for index, dialect in enumerate(DIALECTS):
            for reply, status in ((self.ask(dialect, "", GOOD, method="GET"), 405),
                                  (self.ask(dialect, "x" * 40000, GOOD), 413)):
                self.assertEqual(
                    (reply.status, reply.header("Content-Type"), reply.body.decode()),
                    (status, TYPES[index], BY_STATUS[status][index]))

    def test_a_ticket_is_json_in_every_dialect(self):
        for dialect in DIALECTS:
            reply = self.ask(dialect, f"socket_id=1.2&channel_name={laravel.CHANNEL}", GOOD)
            self.assertEqual((reply.status, reply.header("Content-Type")), (200, JSON))
            self.assertEqual(list(json.loads(reply.body)), ["auth"])

    def test_pages_of_listed_origins_read_every_status(self):
        for origin in ("https://chat.example", "chrome-extension://abcdefghijklmnop"):
            for dialect in DIALECTS:
                for body, token in (("", None), ("", GOOD), (f"socket_id=1.2&channel_name={OTHER}", GOOD),
                                    (f"socket_id=1.2&channel_name={laravel.CHANNEL}", GOOD)):
                    reply = self.ask(dialect, body, token, ("Origin", origin))
                    self.assertEqual(reply.header("Access-Control-Allow-Origin"), origin)
                    self.assertEqual(reply.header("Vary"), "Origin")
                other = self.ask(dialect, "", None, ("Origin", origin + ".evil.example"))
                self.assertEqual(other.values("Access-Control-Allow-Origin"), [])
                self.assertEqual(other.header("Vary"), "Origin")

    def test_preflights_need_no_database(self):
        self.stop_database()
        for dialect in DIALECTS:
            reply = self.ask(dialect, "", None, ("Origin", "chrome-extension://abcdefghijklmnop"),
                             ("Access-Control-Request-Method", "POST"), method="OPTIONS")
            self.assertEqual((reply.status, reply.body), (204, b""))
            self.assertEqual(reply.header("Access-Control-Allow-Methods"), "POST, OPTIONS")
            self.assertIn("authorization", reply.header("Access-Control-Allow-Headers"))

    def test_other_paths_are_404(self):
        reply = self.mount.send(subscription(laravel.CHANNEL, GOOD, target="/problem/x"))
        self.assertEqual((reply.status, reply.body), (404, b'{"message":"Not Found"}'))


if __name__ == "__main__":
    suite.main()
