"""Is last_used_at kept as the application expects, without costing a write per request?"""

import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, mariadb, mounts, suite
from harness.exchange import Request, subscription
from harness.mount_cgi import DirectCgi
from harness.mount_memory import Memory
from harness.waiting import wait_until

GOOD = subscription(laravel.CHANNEL, laravel.ALICE)
NOTHING = Request("GET", "/nowhere")


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

    def last_used(self):
        """When Alice's token was used last; None for never."""
        return self.db.value("SELECT last_used_at FROM personal_access_tokens WHERE id = 1")

    def assert_used_now(self):
        """Not hours ago or ahead, as in another zone."""
        self.assertEqual(self.db.value(
            "SELECT ABS(TIMESTAMPDIFF(SECOND, last_used_at, UTC_TIMESTAMP())) < 600"
            " FROM personal_access_tokens WHERE id = 1"), "1", self.last_used())

    def send(self, mount, request=GOOD):
        """The reply, once all was written: that comes after it, but before the next request is read."""
        reply = mount.send(request)
        self.assertEqual(mount.send(NOTHING).status, 404)
        return reply

    def used(self, seconds_ago):
        self.db.execute("UPDATE personal_access_tokens SET last_used_at ="
                        f" UTC_TIMESTAMP() - INTERVAL {seconds_ago} SECOND WHERE id = 1")

    def test_the_first_use_is_written(self):
        self.assertEqual(self.send(self.mount(None)).status, 200)
        self.assert_used_now()
        self.assertEqual(self.db.value(
            "SELECT last_used_at = updated_at FROM personal_access_tokens WHERE id = 1"), "1")
        self.assertEqual(self.db.value(
            "SELECT COUNT(*) FROM personal_access_tokens WHERE last_used_at IS NOT NULL"), "1")

    def test_later_uses_are_coalesced(self):
        # a minute is the shipped limit, and a busy machine may need much of it
        self.used(1)
        before = self.last_used()
        self.assertEqual(self.send(self.mount(None)).status, 200)
        self.assertEqual(self.last_used(), before)

    def test_an_old_use_is_replaced(self):
        self.used(90)
        before = self.last_used()
        self.assertEqual(self.send(self.mount(None)).status, 200)
        self.assertGreater(self.last_used(), before)

    def test_zero_writes_every_time(self):
        self.used(2)
        before = self.last_used()
        self.assertEqual(self.send(self.mount("0s")).status, 200)
        self.assertGreater(self.last_used(), before)

    def test_off_never_writes(self):
        self.assertEqual(self.send(self.mount("off")).status, 200)
        self.assertIsNone(self.last_used())

    def test_a_refused_credential_is_not_a_use(self):
        self.assertEqual(self.send(
            self.mount(None), subscription(laravel.CHANNEL, "1|wrong")).status, 401)
        self.assertIsNone(self.last_used())

    def test_a_refused_channel_is_a_use_all_the_same(self):
        """The token was valid; Sanctum writes it too."""
        self.assertEqual(self.send(
            self.mount(None), subscription("private-nope", laravel.ALICE)).status, 403)
        self.assert_used_now()

    def test_plain_cgi_writes_before_it_ends(self):
        self.assertEqual(self.mount(None, DirectCgi).send(GOOD).status, 200)
        self.assert_used_now()

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
        self.assertIsNone(self.last_used())

    def test_no_token_lives_longer_for_being_used(self):
        """Where the server writes anew with each UPDATE what ends a token's life, there is none."""
        for column, more in (("created_at", "\n\texpiration_minutes = 60"), ("expires_at", "")):
            with self.subTest(column):
                self.setUp()
                self.db.execute(f"UPDATE personal_access_tokens SET {column} = '2037-01-01';"
                                f"ALTER TABLE personal_access_tokens MODIFY {column} TIMESTAMP NOT NULL"
                                " DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP")
                try:
                    mount = self.mount("0s" + more)
                    for _ in range(4):  # asked together with the rule, too
                        self.assertEqual(self.send(mount).status, 200)
                    self.assertEqual(self.db.value(
                        f"SELECT {column} FROM personal_access_tokens WHERE id = 1"), "2037-01-01 00:00:00")
                    self.assertIsNone(self.last_used())
                    done = self.system.site.tool("check")
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertIn("last_used_at is not written: the server would write"
                                  f" {column} of personal_access_tokens anew", done.stdout + done.stderr)
                finally:
                    self.db.execute(f"ALTER TABLE personal_access_tokens MODIFY {column} TIMESTAMP NULL;"
                                    f"UPDATE personal_access_tokens SET {column} = NULL")
        self.assertEqual(self.send(self.mount("0s")).status, 200)
        self.assert_used_now()

    def test_a_locked_row_delays_nobodys_reply(self):
        """A write that came before the reply would be waited for half a second, each time."""
        self.system.configure()
        served = mounts.mount("apache-fcgid", self.system.site, self.system.scratch)
        with served as mount, self.db.session() as session:
            self.assertEqual(mount.send(GOOD).status, 200)
            wait_until(self.last_used)
            self.setUp()  # to be written by each of those that follow
            session.execute("BEGIN")
            session.execute("UPDATE personal_access_tokens SET name = 'x' WHERE id = 1")
            wait_until(lambda: self.seconds(mount) < 0.4, "every reply was delayed")
            self.assertIsNone(self.last_used())

    def seconds(self, mount):
        """How long a reply takes, and no sooner than the process is done with what comes after the last."""
        time.sleep(0.6)
        started = time.monotonic()
        self.assertEqual(mount.send(GOOD).status, 200)
        return time.monotonic() - started


if __name__ == "__main__":
    suite.main()
