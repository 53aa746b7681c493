"""Does castgate hold its ground when the database is killed, stopped, or gone for good?

Runs for about two minutes and judges times, so it is not part of `make check`: make check-faults.
"""

import os
import pathlib
import signal
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, suite
from harness.exchange import subscription
from harness.load import Load
from harness.mount_cgi import cgi_environment
from harness.mount_socket import OwnSocket

REQUEST = subscription(laravel.CHANNEL, laravel.ALICE)
REFUSED = subscription("private-chat.7.conversation.123", laravel.ALICE)
CLIENTS = 32
KILLS = 20
SECONDS_BETWEEN_KILLS = 3
SLOWEST_SECONDS = 1.2
RECOVERY_SECONDS = 0.6


class EightWorkers(OwnSocket):
    workers = 8


class Database(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("faults", hold=None))
        site = cls.system.site
        site.write_secret(site.config, laravel.unthrottled(site.config.read_text()))
        cls.server = suite.enter_for_class(
            cls, EightWorkers(cls.system.site, cls.system.scratch))
        cls.db = cls.system.db

    def load(self, request=REQUEST, expect=200):
        environment = cgi_environment(request, self.system.site)
        return Load(self.server.path, environment, request.body, expect, CLIENTS)

    def tell(self, load):
        print(f"     {load}", flush=True)

    def kill_database(self):
        os.kill(self.db.pid, signal.SIGKILL)
        self.db.start()

    def test_a_killed_database_costs_no_client_an_error(self):
        with self.load() as load, self.load(REFUSED, 403) as refused:
            for _ in range(KILLS):
                time.sleep(SECONDS_BETWEEN_KILLS)
                self.kill_database()
        self.tell(load)
        self.tell(refused)
        self.assertGreater(load.statuses[200], 1000)
        self.assertGreater(refused.statuses[403], 1000)
        self.assertEqual(set(load.statuses), {200}, load.wrong)
        self.assertEqual(set(refused.statuses), {403}, refused.wrong)
        self.assertEqual(load.broken + refused.broken, {})

    def test_a_stopped_database_costs_one_hold(self):
        with self.load() as load:
            time.sleep(1)
            self.db.freeze()
            self.addCleanup(self.db.thaw)
            time.sleep(5)
            self.db.thaw()
            resumed = time.monotonic()
            time.sleep(2)
        self.tell(load)
        self.assertEqual(set(load.statuses), {200, 503})
        self.assertEqual(load.broken, {})
        self.assertLess(load.slowest, SLOWEST_SECONDS)
        well = min(ended for _, ended, status in load.finished if status == 200 and ended > resumed)
        ill = max(ended for _, ended, status in load.finished if status == 503)
        print(f"     first 200 after {well - resumed:.3f} s, last 503 after {ill - resumed:.3f} s")
        self.assertLess(max(well, ill) - resumed, RECOVERY_SECONDS)

    def test_a_database_that_stays_away_is_answered_fast(self):
        self.db.stop()
        self.addCleanup(lambda: self.db.alive or self.db.start())
        time.sleep(0.1)
        self.server.send(REQUEST)
        with self.load(expect=503) as load:
            time.sleep(3)
        self.tell(load)
        self.assertEqual(set(load.statuses), {503}, load.wrong)
        self.assertLess(load.slowest, SLOWEST_SECONDS)
        self.db.start()
        started = time.monotonic()
        while self.server.send(REQUEST).status != 200:
            self.assertLess(time.monotonic() - started, RECOVERY_SECONDS)


if __name__ == "__main__":
    suite.main()
