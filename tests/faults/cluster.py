"""Does castgate hold its ground when a cluster's nodes die, stand still, or lose their quorum?

Runs for about two minutes and judges times, so it is not part of `make check`: make check-faults.
"""

import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, suite
from harness.audit import AuditLog
from harness.cluster_site import ClusterSite
from harness.exchange import subscription
from harness.load import Load
from harness.mount_cgi import cgi_environment
from harness.mount_memory import Memory
from harness.mount_socket import OwnSocket

GOOD = subscription(laravel.CHANNEL, laravel.ALICE)
REFUSED = subscription("private-chat.7.conversation.123", laravel.ALICE)
CLIENTS = 16
SLOWEST_SECONDS = 1.2
RECOVERY_SECONDS = 0.6
FRESH_TOKENS = 500
# Half a second for castgate's own work; see galera.TIMES for the rest.
NODE_MISSED_SECONDS = 2.5
CAUSAL = "session_init = 'SET SESSION wsrep_sync_wait = 1'"


class Cluster(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, ClusterSite("cluster"))
        cls.nodes = cls.system.nodes
        cls.log = AuditLog(cls.system.site)

    def setUp(self):
        for node in self.nodes:
            if not node.alive:
                node.revive()
        self.system.cluster.wait()

    def start(self, lines=""):
        self.system.configure(lines=lines)
        server = OwnSocket(self.system.site, self.system.scratch, workers=8)
        server.__enter__()
        self.addCleanup(server.__exit__, None, None, None)
        return server

    def load(self, server, request=GOOD, expect=200):
        environment = cgi_environment(request, self.system.site)
        return Load(server.path, environment, request.body, expect, CLIENTS)

    def tell(self, load):
        print(f"     {dict(load.statuses)} broken={dict(load.broken)}"
              f" slowest={load.slowest:.3f} s", flush=True)

    def connected(self):
        """The node that castgate asks now."""
        return max((node for node in self.nodes if node.alive),
                   key=lambda node: len(node.connections()))

    def assert_no_error(self, load, status=200):
        self.tell(load)
        self.assertGreater(load.statuses[status], 500)
        self.assertEqual(set(load.statuses), {status}, load.wrong)
        self.assertEqual(load.broken, {})

    def test_a_dead_node_costs_nobody_an_error(self):
        server = self.start()
        with self.load(server) as load, self.load(server, REFUSED, 403) as refused:
            for _ in range(3):
                time.sleep(1)
                victim = self.connected()
                victim.kill()
                time.sleep(NODE_MISSED_SECONDS + 1)
                victim.revive()
                self.system.cluster.wait()
        self.assert_no_error(load)
        self.assert_no_error(refused, 403)
        self.assertLess(max(load.slowest, refused.slowest), SLOWEST_SECONDS)

    def test_a_node_that_stands_still_costs_nobody_an_error(self):
        server = self.start()
        with self.load(server) as load:
            time.sleep(1)
            victim = self.connected()
            victim.freeze()
            self.addCleanup(victim.thaw)
            time.sleep(3)
            victim.thaw()
            time.sleep(1)
        self.assert_no_error(load)
        self.assertLess(load.slowest, SLOWEST_SECONDS)

    def test_reads_that_wait_for_a_dead_node_need_a_longer_hold(self):
        """With wsrep_sync_wait a node answers only once the others have agreed who is left."""
        server = self.start(f"{CAUSAL}\n\thold = 6s\n\tdeadline = 8s")
        with self.load(server) as load:
            time.sleep(1)
            self.connected().kill()
            time.sleep(NODE_MISSED_SECONDS + 2)
        self.assert_no_error(load)

    def test_a_lost_quorum_is_an_outage_and_ends(self):
        server = self.start()
        last, *lost = sorted(self.nodes, key=lambda node: len(node.connections()))
        with self.load(server) as load:
            time.sleep(1)
            for node in lost:
                node.kill()
            time.sleep(NODE_MISSED_SECONDS + 3)
            self.log.decisions(0)
            time.sleep(1)
            entries = self.log.decisions()
            for node in lost:
                node.revive()
            self.system.cluster.wait()
            back = time.monotonic()
            time.sleep(2)
        self.tell(load)
        self.assertTrue(last.alive)
        self.assertEqual(set(load.statuses), {200, 503}, load.wrong)
        self.assertEqual(load.broken, {})
        self.assertLess(load.slowest, SLOWEST_SECONDS)
        self.assertEqual({entry["event.reason"] for entry in entries}, {"database_not_primary"})
        ill = max(ended for _, ended, status in load.finished if status == 503)
        print(f"     last 503 {ill - back:+.3f} s after the cluster's return", flush=True)
        self.assertLess(ill - back, RECOVERY_SECONDS)

    def test_a_fresh_token_is_never_refused(self):
        first, second, _ = self.nodes
        self.system.configure([second], CAUSAL)
        with Memory(self.system.site) as mount, first.session() as writer:
            for number in range(10000, 10000 + FRESH_TOKENS):
                token, statement = laravel.fresh_token(number)
                writer.execute(statement)
                reply = mount.send(subscription(laravel.CHANNEL, token))
                self.assertEqual(reply.status, 200, self.log.decisions()[-1])
        self.assertGreaterEqual(second.executions(), 2 * FRESH_TOKENS)


if __name__ == "__main__":
    suite.main()
