"""Does castgate sign in to MySQL's usual kind of account, caching_sha2_password, by every way to the server?

A server that was started anew, or told to forget, wants the password itself: on a socket as it is, with
TLS inside of that, otherwise encrypted with a key of the server's. What it remembers it asks by its digest.
"""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import database_server, laravel, mariadb, suite
from harness.audit import AuditLog
from harness.exchange import subscription
from harness.mount_cgi import DirectCgi

TEMPLATE = pathlib.Path(__file__).resolve().parent / "tls.conf"
REQUEST = subscription(laravel.CHANNEL, laravel.ALICE)


@unittest.skipUnless(database_server.chosen().name == "MySQL", "MariaDB has no such accounts")
class CachingSha2(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("sha2", tcp=True))
        cls.cgi = suite.enter_for_class(cls, DirectCgi(cls.system.site))
        cls.log = AuditLog(cls.system.site)

    def ways(self):
        """Each way to the server, configured."""
        for tls in ("off", "required", "verify"):
            with self.subTest(tls=tls):
                yield lambda tls=tls, **more: self.system.configure(
                    TEMPLATE, TLS=tls, HOSTS=f'{{"127.0.0.1:{self.system.db.port}"}}',
                    TLS_CA=f'tls_ca = "{self.system.db.tls_ca}"' if tls == "verify" else "",
                    **more)
        with self.subTest("socket"):
            yield self.system.configure

    def test_the_accounts_are_of_that_kind(self):
        self.assertEqual(self.system.db.execute(
            f"SELECT DISTINCT plugin FROM mysql.user WHERE User = '{mariadb.USER}'"),
            [["caching_sha2_password"]])

    def test_every_way_signs_in(self):
        for configure in self.ways():
            configure()
            self.system.db.execute("FLUSH PRIVILEGES")
            for _ in range(2):
                self.assertEqual(self.cgi.send(REQUEST).status, 200, self.log.decisions()[-1:])

    def test_a_wrong_password_is_told_to_the_log_alone(self):
        for configure in self.ways():
            self.system.db.execute("FLUSH PRIVILEGES")
            configure(DB_PASSWORD="no-such-password")
            self.log.decisions(0)
            reply = self.cgi.send(REQUEST)
            self.assertEqual(reply.status, 503)
            self.assertEqual(self.log.decisions()[-1]["event.reason"], "database_forbidden")
            self.assertNotIn(b"denied", reply.body)
            self.assertNotIn("no-such-password", self.system.site.log_text())


if __name__ == "__main__":
    suite.main()
