"""Is last_used_at kept as the application expects, without costing a write per request?"""

import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, mariadb, mounts, suite
from harness.exchange import subscription
from harness.mount_cgi import DirectCgi
from harness.mount_memory import Memory

GOOD = subscription(laravel.CHANNEL, laravel.ALICE)


class LastUsed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("touch"))
        cls.db = cls.system.db

    def setUp(self):
        self.db.execute("UPDATE personal_access_tokens SET last_used_at = NULL, updated_at = NULL")

    def mount(self, touch, kind=Memory):
        self.system.configure()
        config = self.system.site.config
        if touch:
            self.system.site.write_secret(config, config.read_text().replace(
                'kind = "sanctum"', f'kind = "sanctum"\n\ttouch = {touch}', 1))
        mount = kind(self.system.site)
        mount.__enter__()
        self.addCleanup(mount.__exit__, None, None, None)
        return mount

    def age(self):
        """Seconds since Alice's token was used last; None for never."""
        value = self.db.value("SELECT TIMESTAMPDIFF(SECOND, last_used_at, UTC_TIMESTAMP())"
                              " FROM personal_access_tokens WHERE id = 1")
        return None if value is None else int(value)

    def wait_for_touch(self):
        """With FastCGI the write comes after the reply."""
        deadline = time.monotonic() + 5
        while self.age() is None:
            self.assertLess(time.monotonic(), deadline, "never touched")
            time.sleep(0.02)
        return self.age()

    def used(self, seconds_ago):
        self.db.execute("UPDATE personal_access_tokens SET last_used_at ="
                        f" UTC_TIMESTAMP() - INTERVAL {seconds_ago} SECOND WHERE id = 1")

    def test_the_first_use_is_written(self):
        self.assertEqual(self.mount(None).send(GOOD).status, 200)
        self.assertLess(self.wait_for_touch(), 5)
        self.assertEqual(self.db.value(
            "SELECT last_used_at = updated_at FROM personal_access_tokens WHERE id = 1"), "1")
        self.assertEqual(self.db.value(
            "SELECT COUNT(*) FROM personal_access_tokens WHERE last_used_at IS NOT NULL"), "1")

    def test_later_uses_are_coalesced(self):
        self.used(40)
        self.assertEqual(self.mount(None).send(GOOD).status, 200)
        time.sleep(0.3)
        self.assertGreaterEqual(self.age(), 40)

    def test_an_old_use_is_replaced(self):
        self.used(90)
        self.assertEqual(self.mount(None).send(GOOD).status, 200)
        time.sleep(0.3)
        self.assertLess(self.age(), 5)

    def test_zero_writes_every_time(self):
        self.used(2)
        self.assertEqual(self.mount("0s").send(GOOD).status, 200)
        time.sleep(0.3)
        self.assertLess(self.age(), 2)

    def test_off_never_writes(self):
        self.assertEqual(self.mount("off").send(GOOD).status, 200)
        time.sleep(0.3)
        self.assertIsNone(self.age())

    def test_a_refused_credential_is_not_a_use(self):
        self.assertEqual(self.mount(None).send(
            subscription(laravel.CHANNEL, "1|wrong")).status, 401)
        time.sleep(0.3)
        self.assertIsNone(self.age())

    def test_a_refused_channel_is_a_use_all_the_same(self):
        """The token was valid; Sanctum writes it too."""
        self.assertEqual(self.mount(None).send(
            subscription("private-nope", laravel.ALICE)).status, 403)
        self.assertLess(self.wait_for_touch(), 5)

    def test_plain_cgi_writes_before_it_ends(self):
        self.assertEqual(self.mount(None, DirectCgi).send(GOOD).status, 200)
        self.assertIsNotNone(self.age())

    def test_a_write_that_fails_is_nobodys_concern(self):
        account = f"'{mariadb.USER}'@'localhost'"
        privilege = f"UPDATE (last_used_at, updated_at) ON {mariadb.DATABASE}.personal_access_tokens"
        self.db.execute(f"REVOKE {privilege} FROM {account}")
        try:
            for kind in (Memory, DirectCgi):
                mount = self.mount(None, kind)
                for _ in range(3):
                    self.assertEqual(mount.send(GOOD).status, 200)
        finally:
            self.db.execute(f"GRANT {privilege} TO {account}")
        self.assertIsNone(self.age())

    def test_a_locked_row_delays_nobodys_reply(self):
        self.system.configure()
        served = mounts.mount("apache-fcgid", self.system.site, self.system.scratch)
        with served as mount, self.db.session() as session:
            session.execute("BEGIN")
            session.execute("UPDATE personal_access_tokens SET name = 'x' WHERE id = 1")
            started = time.monotonic()
            self.assertEqual(mount.send(GOOD).status, 200)
            self.assertLess(time.monotonic() - started, 1)


if __name__ == "__main__":
    suite.main()
