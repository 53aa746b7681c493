"""Are the rare reasons reached for what they say? Those of everyday requests are in tests/conformance."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, mounts, suite
from harness.audit import AuditLog
from harness.exchange import subscription


class Reasons(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("reasons"))
        cls.site = cls.system.site

    def decide(self, request, status, reason, mount="memory", **changes):
        """Send one request with pieces of the configuration replaced."""
        self.system.configure()
        text = self.site.config.read_text()
        for old, new in changes.values():
            self.assertIn(old, text)
            text = text.replace(old, new, 1)
        self.site.write_secret(self.site.config, text)
        with mounts.mount(mount, self.site, self.system.scratch) as responder:
            log = AuditLog(self.site)
            self.assertEqual(responder.send(request).status, status)
            line, = log.decisions()
        self.assertEqual(line["event.reason"], reason, line.get("castgate.detail"))

    def test_a_body_that_is_not_whole(self):
        request = subscription(laravel.CHANNEL, laravel.ALICE)
        request.headers.append(("Content-Length", str(len(request.body) + 1)))
        self.decide(request, 400, "request_incomplete", mount="cgi")

    def test_an_encrypted_channel_without_a_master_key(self):
        text = self.system.description.template.read_text()
        line, = [line for line in text.splitlines() if "encryption_master_key" in line]
        self.decide(subscription(laravel.CHANNEL.replace("private-", "private-encrypted-"),
                                 laravel.ALICE), 403, "master_key_missing", key=(line, ""))

    def test_a_table_that_is_locked(self):
        other = self.system.db.session()
        with other:
            other.execute("LOCK TABLES conversations WRITE")
            self.decide(subscription(laravel.CHANNEL, laravel.ALICE), 503, "database_locked",
                        init=("database {", 'database {\n\tcombine = false\n\tsession_init = '
                              '"SET SESSION lock_wait_timeout = 0"'))

    def test_a_statement_that_fails_only_when_it_runs(self):
        self.decide(subscription(laravel.CHANNEL, laravel.ALICE), 503, "database_error",
                    rule=("p.user_id = :user", "p.user_id = :user AND "
                          "EXP(p.user_id + 100000) IS NOT NULL"))


if __name__ == "__main__":
    suite.main()
