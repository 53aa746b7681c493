"""Does castgate why tell the cause of a refusal from the log alone?"""

import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, mariadb, mounts, suite
from harness.exchange import Request, subscription
from harness.waiting import PATIENCE_SECONDS

CURE = 'SetEnvIf Authorization "(.+)" HTTP_AUTHORIZATION=$1'


class Why(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("why"))
        cls.site = cls.system.site
        cls.responder = suite.enter_for_class(
            cls, mounts.mount("memory", cls.site, cls.system.scratch))

    def setUp(self):
        if self.site.log.exists():
            os.truncate(self.site.log, 0)

    def send(self, token, channel=laravel.CHANNEL, target="/broadcasting/auth"):
        reply = self.responder.send(subscription(channel, token, target=target))
        return reply.header("X-Request-Id")

    def why(self, *words, status=0):
        done = subprocess.run([self.site.program("castgate"), "why", *words, "--config",
                               self.site.config], capture_output=True, text=True, cwd="/",
                              timeout=PATIENCE_SECONDS, check=False, **self.site.account.popen_options())
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        for secret in (laravel.ALICE.partition("|")[2], "expired-plain", laravel.KEYS.secret,
                       mariadb.PASSWORD):
            self.assertNotIn(secret, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def from_many(self, request_id, count=6):
        """More lines like the one of this request, each of a client of its own."""
        line = next(json.loads(line) for line in self.site.log_text().splitlines()
                    if request_id in line)
        with self.site.log.open("a") as log:
            for number in range(count):
                log.write(json.dumps({**line, "client.ip": f"198.51.100.{number}",
                                      "http.request.id": f"{number:016x}"}) + "\n")

    def test_a_header_dropped_for_everybody_is_the_web_servers_fault(self):
        self.send(laravel.ALICE)
        refused = self.send(None)
        self.from_many(refused)
        text = self.why(refused)
        self.assertRegex(text, r"^401 credential_missing   \S+Z  POST /broadcasting/auth  from 127\.0\.0\.1  mount other\n")
        self.assertRegex(text, r"(?m)^ pattern      7 identical refusals from 7 clients between ")
        self.assertRegex(text, r"none allowed in between; the last before: \d{4}-")
        self.assertIn(CURE, text)

    def test_a_header_missing_once_is_the_clients_own_fault(self):
        refused = self.send(None)
        self.send(laravel.ALICE)
        text = self.why(refused)
        self.assertIn("1 identical refusal from 1 client between", text)
        self.assertIn("this client was not signed in", text)
        self.assertIn("castgate check --url", text)
        self.assertIn("the next after: ", text)
        self.assertNotIn(CURE, text)

    def test_tokens_all_expired_are_a_time_zone(self):
        self.system.db.execute(
            "REPLACE INTO personal_access_tokens (id, tokenable_type, tokenable_id, name, token,"
            " abilities, expires_at) SELECT 2, tokenable_type, tokenable_id, 'old',"
            " SHA2('expired-plain', 256), abilities, '2001-01-01' FROM personal_access_tokens"
            " WHERE id = 1")
        refused = self.send("2|expired-plain")
        self.assertIn("used beyond its time", self.why(refused))
        self.from_many(refused)
        self.assertIn("time_zone", self.why(refused))

    def test_a_wrong_mount_is_recognized_by_its_path(self):
        text = self.why(self.send(laravel.ALICE, target="/shop/broadcasting/auth"))
        self.assertRegex(text, r"^404 endpoint_unknown ")
        self.assertIn("wrong mount: clients ask below a folder", text)

    def test_a_redirect_is_recognized_by_its_method(self):
        reply = self.responder.send(Request("GET", "/broadcasting/auth"))
        self.assertIn("turned POST", self.why(reply.header("X-Request-Id")))

    def test_a_rule_can_be_asked_again(self):
        text = self.why(self.send(laravel.ALICE, "private-chat.6.conversation.999"))
        self.assertRegex(text, r"^403 no_row ")
        self.assertIn(" now          user 1, whatever they bring: 403 no_row\n", text)
        self.assertIn("\n              castgate explain --endpoint /broadcasting/auth --channel "
                      "private-chat.6.conversation.999 --user 1\n", text)

    def test_what_the_same_request_would_get_now(self):
        channel = "private-chat.6.conversation.125"
        refused = self.send(laravel.ALICE, channel)
        self.assertIn("whatever they bring: 403 no_row\n", self.why(refused))
        lines = self.site.log_text()
        self.system.db.execute("INSERT INTO conversation_participants (conversation_id, user_id)"
                               " VALUES (125, 1)")
        self.assertIn(" now          user 1, whatever they bring: 200 allowed\n"
                      "              castgate explain --endpoint", self.why(refused))
        self.system.db.execute("DELETE FROM conversation_participants"
                               " WHERE conversation_id = 125 AND user_id = 1")
        self.assertEqual(self.site.log_text(), lines, "asking wrote into the log")
        self.assertIn(" now          the log has no token to try", self.why(self.send(None)))

    def test_the_mount_says_which_line_is_missing_where(self):
        refused = self.send(None)
        self.assertIn("  mount other\n", self.why(refused))
        self.assertIn("no Authorization header, no cookie\n", self.why(refused))
        self.from_many(refused)
        text = self.site.log_text()
        for mount, words in (
                ("apache-fcgid", ["mod_fcgid (castgate-fcgid.conf) drops", CURE, "<LocationMatch>"]),
                ("apache-htaccess", [CURE, "at the top of the .htaccess"]),
                ("nginx", ["fastcgi_param HTTP_AUTHORIZATION $http_authorization;"]),
                ("lighttpd-fastcgi", ["hands the header over by itself"])):
            self.site.log.write_text(text.replace('"other"', f'"{mount}"'))
            for word in words:
                self.assertIn(word, self.why(refused))

    def test_a_rule_that_lets_nobody_in_is_no_single_users_matter(self):
        refused = self.send(laravel.ALICE, "private-chat.6.conversation.999")
        self.assertNotIn("likely", self.why(refused))
        self.from_many(refused)
        self.assertIn("the rule lets nobody in", self.why(refused))
    def test_marks_before_a_line_and_broken_lines_do_not_matter(self):
        refused = self.send(None)
        lines = self.site.log_text().splitlines()
        self.site.log.write_text('{"half\n' + "\n".join(
            "[fcgid:warn] [pid 1] mod_fcgid: stderr: " + line for line in lines) + "\n{}\n")
        self.assertRegex(self.why(refused, "--log", str(self.site.log)), "^401 credential_missing")

    def test_what_a_client_wrote_does_not_reach_the_terminal(self):
        refused = self.send(laravel.ALICE, target="/%1b%5b2J`id`")
        text = self.why(refused)
        self.assertNotIn("\x1b", text)
        self.assertNotIn("castgate explain", text)

    def test_an_unknown_request_is_told(self):
        self.assertIn("no such request", self.why("0123456789abcdef", status=1))
        self.assertIn("usage: castgate why", self.why(status=2))
        self.assertIn("usage: castgate why", self.why('a"b', status=2))


if __name__ == "__main__":
    suite.main()
