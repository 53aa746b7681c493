"""Is the way to the database over TCP encrypted, verified and rotated as the configuration says?"""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import database_server, laravel, mariadb, suite
from harness.audit import AuditLog
from harness.exchange import subscription
from harness.mount_cgi import DirectCgi
from harness.ports import free_port
from harness.site import BRIEF_HOLD, PATIENT_HOLD

TEMPLATE = pathlib.Path(__file__).resolve().parent / "tls.conf"
REQUEST = subscription(laravel.CHANNEL, laravel.ALICE)


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("tls", tcp=True))
        cls.cgi = suite.enter_for_class(cls, DirectCgi(cls.system.site))

    def ask(self, tls, ca=None, hosts=None, hold=PATIENT_HOLD):
        """One request under a configuration; the reply and the log's line for it."""
        quoted = ", ".join(f'"{host}"' for host in hosts or [f"127.0.0.1:{self.system.db.port}"])
        self.system.configure(TEMPLATE, hold=hold, TLS=tls, HOSTS=f"{{{quoted}}}",
                              TLS_CA=f'tls_ca = "{ca}"' if ca else "")
        log = AuditLog(self.system.site)
        reply = self.cgi.send(REQUEST)
        return reply, log.decision_of(reply)

    def require_tls(self, requirement):
        self.system.db.execute(f"ALTER USER '{mariadb.USER}'@'127.0.0.1' REQUIRE {requirement}")

    def test_clear_text_works_where_the_server_allows_it(self):
        reply, _ = self.ask("off")
        self.assertEqual(reply.status, 200)

    def test_required_and_verified_connections_are_encrypted(self):
        # The server itself refuses this account without TLS, so a 200 proves encryption.
        self.require_tls("SSL")
        self.addCleanup(self.require_tls, "NONE")
        self.assertEqual(self.ask("required")[0].status, 200)
        self.assertEqual(self.ask("verify", self.system.db.tls_ca)[0].status, 200)
        reply, line = self.ask("off")
        self.assertEqual(reply.status, 503)
        self.assertEqual(line["event.reason"], "database_forbidden")
        self.assertNotIn(b"Access denied", reply.body)

    def test_a_certificate_of_another_ca_is_refused(self):
        other = self.system.db.directory / "other-ca.pem"
        other.write_bytes((self.system.db.directory / "cert.pem").read_bytes())
        other.chmod(0o644)
        reply, line = self.ask("verify", other, hold=BRIEF_HOLD)
        self.assertEqual(reply.status, 503)
        self.assertEqual(line["event.reason"], "database_unavailable")
        self.assertEqual(reply.header("Retry-After"), "1")

    def test_a_dead_host_is_passed_over(self):
        hosts = [f"127.0.0.1:{free_port()}", f"127.0.0.1:{self.system.db.port}"]
        self.assertEqual(self.ask("off", hosts=hosts)[0].status, 200)
        reply, line = self.ask("off", hosts=hosts[:1], hold=BRIEF_HOLD)
        self.assertEqual(reply.status, 503)
        self.assertEqual(line["event.reason"], "database_unavailable")

    def test_secrets_never_reach_the_log(self):
        self.ask("off", hosts=[f"127.0.0.1:{free_port()}"], hold=BRIEF_HOLD)
        text = self.system.site.log_text()
        for secret in (mariadb.PASSWORD, "thisisasecret", "alice-plain"):
            self.assertNotIn(secret, text)


class ServerWithoutTls(unittest.TestCase):
    """A library that was asked for TLS may still connect in clear; castgate must not."""

    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(
            cls, laravel.Laravel(
                "no-tls", options=database_server.chosen().without_tls, tcp=True))
        cls.cgi = suite.enter_for_class(cls, DirectCgi(cls.system.site))

    ask = Tls.ask

    def test_a_server_without_tls_is_refused_when_tls_is_required(self):
        self.assertEqual(self.ask("off")[0].status, 200)
        for words in (("required",), ("verify", self.system.db.tls_ca)):
            with self.subTest(words[0]):
                reply, line = self.ask(*words, hold=BRIEF_HOLD)
                self.assertEqual(reply.status, 503)
                self.assertEqual(line["event.reason"], "database_unavailable")


if __name__ == "__main__":
    suite.main()
