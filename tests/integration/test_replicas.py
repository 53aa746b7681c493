"""Do replicas take the reads, without anybody being refused for what has not reached them yet?"""

import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, suite, wire_rules
from harness.audit import AuditLog
from harness.exchange import Request, subscription
from harness.load import Load
from harness.mount_cgi import cgi_environment
from harness.mount_memory import Memory
from harness.mount_socket import OwnSocket
from harness.replica import PRIMARY_OPTIONS, Replica
from harness.site import BRIEF_HOLD, PATIENT_HOLD
from harness.waiting import wait_until

GOOD = subscription(laravel.CHANNEL, laravel.ALICE)
FOREIGN = subscription("private-chat.7.conversation.123", laravel.ALICE)
UNKNOWN = subscription(laravel.CHANNEL, "4000000000|unknown")
FIRST_FRESH = 5000


class Replicas(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(
            cls, laravel.Laravel("replicas", options=PRIMARY_OPTIONS, tcp=True))
        cls.primary = cls.system.db
        cls.replica = suite.enter_for_class(cls, Replica(cls.system.scratch, cls.primary))
        cls.site = cls.system.site
        cls.log = AuditLog(cls.site)

    def setUp(self):
        for server in (self.primary, self.replica):
            if not server.alive:
                server.start()
        self.replica.catch_up()
        self.configure("")
        self.log.decisions(0)

    def configure(self, lines, hold=PATIENT_HOLD):
        """Take the database from hosts and replicas; every test forgets what was shared before."""
        self.system.configure(hold=hold)
        text = self.site.config.read_text().replace(
            f'socket = "{self.primary.socket}"',
            f'hosts = {{"127.0.0.1:{self.primary.port}"}}\n'
            f'\treplicas = {{"127.0.0.1:{self.replica.port}"}}\n\t{lines}')
        self.site.write_secret(self.site.config, laravel.unthrottled(text))
        for path in self.site.state.iterdir():
            path.unlink()

    def start(self, mount=None):
        mount = mount or Memory(self.site)
        mount.__enter__()
        self.addCleanup(mount.__exit__, None, None, None)
        return mount

    def send(self, mount, request, status):
        reply = mount.send(request)
        self.assertEqual(wire_rules.violations(reply), [], str(reply))
        self.assertEqual(reply.status, status, str(reply))
        return self.log.decision_of(reply)

    def settle(self, mount):
        """The token's last use is written on the primary after the reply, before the next request is read."""
        self.assertEqual(mount.send(Request("GET", "/nowhere")).status, 404)
        self.replica.catch_up()

    def asked(self, act):
        """How many statements primary and replica ran while `act` was under way."""
        before = self.primary.executions(), self.replica.executions()
        act()
        return (self.primary.executions() - before[0], self.replica.executions() - before[1])

    def test_reads_are_the_replicas(self):
        mount = self.start()
        self.send(mount, GOOD, 200)
        self.settle(mount)
        self.assertEqual(self.asked(lambda: self.send(mount, GOOD, 200)), (0, 2))
        self.assertEqual(self.site.tool("check").returncode, 0)

    def test_a_refusal_is_the_primarys(self):
        mount = self.start()
        self.send(mount, GOOD, 200)
        self.settle(mount)
        self.assertEqual(self.asked(lambda: self.send(mount, FOREIGN, 403)), (1, 2))
        self.assertEqual(self.asked(lambda: self.send(mount, UNKNOWN, 401)), (1, 1))

    def test_a_fresh_token_is_never_refused(self):
        mount = self.start()
        self.replica.fall_behind()
        tokens = [laravel.fresh_token(number) for number in range(FIRST_FRESH, FIRST_FRESH + 40)]
        self.primary.execute(";".join(statement for _, statement in tokens))
        for token, _ in tokens:
            self.send(mount, subscription(laravel.CHANNEL, token), 200)
        self.settle(mount)
        self.assertEqual(self.asked(lambda: self.send(
            mount, subscription(laravel.CHANNEL, token), 200))[0], 0)

    def test_a_fresh_membership_is_never_refused(self):
        mount = self.start()
        self.replica.fall_behind()
        self.send(mount, FOREIGN, 403)
        self.primary.execute(
            "INSERT INTO conversations (id, company_id) VALUES (700, 7);"
            "INSERT INTO conversation_participants (conversation_id, user_id) VALUES (700, 1)")
        self.send(mount, subscription("private-chat.7.conversation.700", laravel.ALICE), 200)

    def test_a_revoked_token_lives_until_the_replica_hears_of_it(self):
        """The price of replicas, as the manual says."""
        token, statement = laravel.fresh_token(FIRST_FRESH + 100)
        request = subscription(laravel.CHANNEL, token)
        self.primary.execute(statement)
        self.replica.catch_up()
        mount = self.start()
        self.replica.fall_behind()
        self.primary.execute(
            f"DELETE FROM personal_access_tokens WHERE id = {FIRST_FRESH + 100}")
        self.send(mount, request, 200)
        self.replica.catch_up()
        self.send(mount, request, 401)

    def test_made_up_tokens_put_no_load_on_the_primary(self):
        self.configure("second_looks = 1")
        mounts = [self.start(), self.start()]
        began = time.monotonic()
        statuses = []

        def try_tokens():
            for number in range(40):
                request = subscription(laravel.CHANNEL, f"{4000000000 + number}|made-up")
                statuses.append(mounts[number % 2].send(request).status)

        at_primary, at_replica = self.asked(try_tokens)
        allowed = 2 + time.monotonic() - began
        self.assertEqual(set(statuses), {401, 503})
        self.assertEqual(at_replica, 40)
        self.assertEqual(at_primary, statuses.count(401))
        self.assertGreaterEqual(at_primary, 1)
        self.assertLessEqual(at_primary, allowed)
        reasons = {entry["event.reason"] for entry in self.log.decisions()}
        self.assertEqual(reasons, {"token_unknown", "replica_unconfirmed"})
        # what the replica has is served meanwhile
        self.assertEqual(mounts[0].send(GOOD).status, 200)

    def test_a_replica_that_went_away(self):
        self.configure("", hold=BRIEF_HOLD)
        mount = self.start()
        self.send(mount, GOOD, 200)
        self.replica.stop()
        for _ in range(20):
            self.send(mount, GOOD, 200)
        done = self.site.tool("check")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("cannot reach the replicas", done.stderr)
        self.replica.start()
        wait_until(lambda: self.asked(lambda: self.send(mount, GOOD, 200))[1],
                   "the replica is back, and nobody noticed")

    def test_a_replica_that_hangs(self):
        self.configure("", hold=BRIEF_HOLD)
        mount = self.start()
        self.send(mount, GOOD, 200)
        self.replica.freeze()
        self.addCleanup(self.replica.thaw)
        durations = [self.send(mount, GOOD, 200)["event.duration"] for _ in range(5)]
        # the first waits for it; the others know
        self.assertGreater(durations[0], 2 * min(durations[1:]))

    def test_a_table_that_the_replica_does_not_have(self):
        mount = self.start()
        self.send(mount, GOOD, 200)
        self.replica.fall_behind()
        self.replica.execute("RENAME TABLE conversations TO gone")
        try:
            self.send(mount, GOOD, 200)
        finally:
            self.replica.execute("RENAME TABLE gone TO conversations")

    def test_without_its_primary_a_replica_can_only_allow(self):
        self.configure("", hold=BRIEF_HOLD)
        mount = self.start()
        self.send(mount, GOOD, 200)
        self.primary.stop()
        self.send(mount, GOOD, 200)
        for request in (FOREIGN, UNKNOWN):
            entry = self.send(mount, request, 503)
            self.assertEqual(entry["event.reason"], "database_unavailable")
        self.send(mount, GOOD, 200)

    def test_processes_take_turns_at_both(self):
        self.configure("max_connections = 1")
        server = self.start(OwnSocket(self.site, self.system.scratch, workers=3))
        environment = cgi_environment(GOOD, self.site)
        refused = cgi_environment(FOREIGN, self.site)
        with Load(server.path, environment, GOOD.body, 200, 4) as load, \
                Load(server.path, refused, FOREIGN.body, 403, 2) as others:
            load.wait_for(100)
            wait_until(lambda: others.statuses[403])
        self.assertEqual(set(load.statuses), {200}, load.wrong)
        self.assertLessEqual(set(others.statuses), {403, 503}, others.wrong)
        # who gives a connection up has closed it before the server has noticed
        wait_until(lambda: len(self.replica.connections()) <= 1)
        wait_until(lambda: len(self.primary.connections()) <= 1)
        self.assertEqual({entry["event.reason"] for entry in self.log.decisions()
                          if entry["http.response.status_code"] == 503} - {"replica_unconfirmed"},
                         set())


if __name__ == "__main__":
    suite.main()
