"""Do the .htaccess mounts hold where Apache runs programs as the owner of the site?"""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, suite, ticket, wire_rules
from harness.exchange import subscription
from harness.mount_suexec import ID, MOUNTS, SuexecCgiBin, SuexecHtaccess

GOOD = subscription(laravel.CHANNEL, laravel.ALICE)


class Suexec(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("suexec"))
        cls.site = cls.system.site

    def start(self, kind):
        mount = kind(self.site, self.system.scratch)
        mount.__enter__()
        self.addCleanup(mount.__exit__, None, None, None)
        return mount

    def test_every_mount(self):
        """The configuration is found in the user's home, and the credential arrives."""
        for kind in MOUNTS:
            with self.subTest(kind.name):
                mount = self.start(kind)
                reply = mount.send(GOOD)
                self.assertEqual(reply.status, 200, str(reply))
                ticket.check(reply.body, laravel.KEYS.key, laravel.KEYS.secret, "1234.5678",
                             laravel.CHANNEL)
                self.assertEqual(wire_rules.violations(reply), [])
                self.assertEqual(mount.log.stat().st_uid, ID)
                self.assertEqual(
                    mount.send(subscription(laravel.CHANNEL, "1|wrong")).status, 401)

    def test_a_cgi_bin_elsewhere_needs_the_line_too(self):
        """Else the case above would not prove that the file's third step is needed."""
        class Without(SuexecCgiBin):
            name = "suexec-without"
            file = ""
        mount = self.start(Without)
        self.assertEqual(mount.send(GOOD).status, 401)
        self.assertIn('"credential_missing"', mount.log.read_text())

    def test_a_program_that_the_group_may_write_is_refused_by_suexec(self):
        """As the files say."""
        class Writable(SuexecHtaccess):
            name = "suexec-writable"

            def prepare(self):
                lines = super().prepare()
                (self.directory / "www/castgate.fcgi").chmod(0o775)
                return lines
        mount = self.start(Writable)
        self.assertGreaterEqual(mount.send(GOOD).status, 500)
        self.assertFalse(mount.log.exists())


if __name__ == "__main__":
    suite.main()
