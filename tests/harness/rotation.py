"""What may many tabs, killed processes and a killed database never do to a session?

Cut it short, or give two callers two successors of one refresh token.
"""

import concurrent.futures
import os
import random
import signal
import threading
import time
import unittest

from . import bridge, suite
from .bridge import COOKIE, REFRESH, Browser
from .cluster_site import ClusterSite
from .mount_socket import OwnSocket
from .processes import children_of
from .site import PATIENT_HOLD, Site
from .system import System
from .tokens import claims_of
from .waiting import PATIENCE_SECONDS, wait_until

CAUSAL = "session_init = 'SET SESSION wsrep_sync_wait = 1'"

# What a killed process leaves on a connection, and how a killed database is answered.
NO_REPLY = (OSError, AssertionError)

# Locks that let a request come to just before a certain one of its writes, and no further.
STEPS = {
    "before the session's row": ("bridge", "SELECT id FROM user_sessions FOR UPDATE"),
    "before the first token's row": ("bridge", "SELECT id FROM refresh_tokens FOR UPDATE"),
    "before the successor's row": ("refresh", "SELECT id FROM refresh_tokens FOR UPDATE"),
    "before the session moves on": (
        "refresh", "SELECT refresh_generation FROM user_sessions LOCK IN SHARE MODE"),
}


def together(count, what):
    """Call what(number) at once in so many threads; the results in order."""
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(what, range(count)))


def until_served(ask):
    """Ask like a client that lost a reply, or was told to come again; any other reply is the last."""
    last = None

    def served():
        nonlocal last
        try:
            last = ask()
        except NO_REPLY as error:
            last = error
            return None
        return last if last.status != 503 else None

    return wait_until(served, lambda: f"not served for {PATIENCE_SECONDS} s: {last}")


class SignedIn:
    """One sign-in, its browser, and all that every caller of its refresh endpoint ever got."""

    def __init__(self, case, mount, user="7"):
        self._case = case
        self._mount = mount
        self.token = bridge.provider_token(user)
        self.sign_in = claims_of(self.token)["session_id"]
        self.browser = Browser(mount)
        self.generation = 1

    def start(self):
        reply = until_served(lambda: self.browser.bridge(self.token))
        self._case.assertEqual(reply.status, 200, reply)
        return self

    def bridge_again(self):
        """Another window signs in with the same token: it gets the same session."""
        window = Browser(self._mount)
        reply = until_served(lambda: window.bridge(self.token))
        self._case.assertEqual(reply.status, 200, reply)
        self._case.assertEqual(window.cookies[COOKIE], self.browser.cookies[COOKIE])

    def refresh(self, tabs, mounts=()):
        """So many tabs refresh at once what the browser has; each goes on until it is served."""
        places = list(mounts) or [self._mount]
        windows = [self.browser.copy(places[number % len(places)]) for number in range(tabs)]
        replies = together(tabs, lambda number: until_served(windows[number].refresh))
        self._case.assertEqual([reply.status for reply in replies], [200] * tabs, replies)
        successors = {window.cookies[REFRESH] for window in windows}
        self._case.assertEqual(len(successors), 1, "one token has one successor")
        self._case.assertNotEqual(successors, {self.browser.cookies[REFRESH]})
        self.browser = windows[0].copy(self._mount)
        self.generation += 1

    def judge(self, db):
        """One living session of this sign-in, one rotation for each round, nothing left over."""
        rows = db.execute("SELECT id, refresh_generation, revoked_at FROM user_sessions"
                          f" WHERE provider_session_id = '{self.sign_in}'")
        self._case.assertEqual(len(rows), 1, rows)
        session, generation, revoked = rows[0]
        self._case.assertIsNone(revoked)
        self._case.assertEqual(int(generation), self.generation)
        self._case.assertEqual(
            db.execute("SELECT generation, rotated_at IS NULL FROM refresh_tokens"
                       f" WHERE session_id = '{session}' ORDER BY generation"),
            [[str(number), "1" if number == self.generation else "0"]
             for number in range(1, self.generation + 1)])
        self._case.assertEqual(until_served(self.browser.who).status, 200)


class Rotation(unittest.TestCase):
    """A site with one database that survives kill -9, and castgate as a server of its own."""

    workers = 4
    hold = PATIENT_HOLD

    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, System(
            bridge.DESCRIPTION, options={"innodb-flush-log-at-trx-commit": "2"},
            values=bridge.values(), hold=cls.hold))
        cls.db, cls.site = cls.system.db, cls.system.site
        cls.mount = suite.enter_for_class(
            cls, OwnSocket(cls.site, cls.system.scratch, workers=cls.workers))

    def sign_in(self):
        return SignedIn(self, self.mount).start()

    def check_rounds(self, rounds, tabs=20):
        one = self.sign_in()
        for _ in range(rounds):
            one.refresh(tabs)
        one.judge(self.db)

    def kill_responders(self):
        for pid in children_of(self.mount.server.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # replaced meanwhile

    def kill_database(self):
        os.kill(self.db.pid, signal.SIGKILL)
        self.db.start()

    def wait_until_blocked(self):
        wait_until(lambda: self.db.execute(
            "SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'")[0][1] != "0",
                   "nobody came to the step", 0.002)

    def check_step(self, action, lock, kill, survives):
        """Kill while one request stands before one of its writes; the browser asks again."""
        one = SignedIn(self, self.mount)
        if action == "refresh":
            one.start()
        with self.db.session() as locker, concurrent.futures.ThreadPoolExecutor(1) as pool:
            locker.execute("BEGIN")
            locker.execute(lock)
            done = pool.submit(one.start if action == "bridge" else lambda: one.refresh(1))
            self.wait_until_blocked()
            kill()
            if survives:
                locker.execute("ROLLBACK")
            done.result()
        one.refresh(3)
        one.judge(self.db)

    def check_random_kills(self, kill, rounds, latest_seconds, tabs=3):
        """A kill at any moment of a round, in which tabs refresh and another window signs in."""
        people = [self.sign_in() for _ in range(2)]
        for _ in range(rounds):
            with concurrent.futures.ThreadPoolExecutor(2 * len(people)) as pool:
                done = [pool.submit(person.refresh, tabs) for person in people]
                done += [pool.submit(person.bridge_again) for person in people]
                # in this thread: a server ends with the thread that started it
                time.sleep(random.uniform(0, latest_seconds))
                kill()
                for future in done:
                    future.result()
        for person in people:
            person.judge(self.db)


class TwoNodes(unittest.TestCase):
    """Two castgates, each with a node of one cluster for its first; tabs ask both at once."""

    workers = 4

    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, ClusterSite("session-nodes", System(
            bridge.DESCRIPTION, "session-nodes", tcp=True, values=bridge.values())))
        cls.nodes = cls.system.nodes
        cls.mounts = []
        for number in range(2):
            site = suite.enter_for_class(cls, Site(cls.system.scratch, f"site{number}"))
            cls.system.configure(cls.nodes[number:] + cls.nodes[:number], CAUSAL, site,
                                 **bridge.values())
            cls.mounts.append(suite.enter_for_class(
                cls, OwnSocket(site, cls.system.scratch, workers=cls.workers)))

    def sign_in(self):
        return SignedIn(self, self.mounts[0]).start()

    def check_rounds(self, rounds, tabs=20):
        one = self.sign_in()
        for _ in range(rounds):
            one.refresh(tabs, self.mounts)
        self.nodes[0].catch_up()
        one.judge(self.nodes[0])
        for node in self.nodes[:2]:
            self.assertGreater(len(node.connections()), 0)

    def check_lost_node(self, victim):
        """Tabs refresh on before, while and after a node is killed; nobody is signed out."""
        one = self.sign_in()
        one.refresh(4, self.mounts)
        timer = threading.Timer(random.uniform(0, 0.03), victim.kill)
        timer.start()
        for _ in range(5):
            one.refresh(4, self.mounts)
        timer.join()
        survivor = next(node for node in self.nodes if node is not victim)
        survivor.catch_up()
        one.judge(survivor)
