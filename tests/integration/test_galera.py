"""Does castgate live with a cluster: a node that dies, a cluster without quorum, a write a moment ago?

A short version of tests/faults/cluster.py, without judging times.
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
BAD_TOKEN = subscription(laravel.CHANNEL, "1|wrong")
FRESH_TOKENS = 30
# deadline of the configuration, and what a busy machine may add
PATIENCE_SECONDS = 1.5 + 1


class Cluster(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, ClusterSite("galera"))
        cls.nodes = cls.system.nodes
        cls.log = AuditLog(cls.system.site)

    def test_a_fresh_token_is_never_refused(self):
        """Written on one node, and asked for on another at once."""
        first, second, _ = self.nodes
        self.system.configure([second], "session_init = 'SET SESSION wsrep_sync_wait = 1'")
        with Memory(self.system.site) as mount, first.session() as writer:
            for number in range(5000, 5000 + FRESH_TOKENS):
                token, statement = laravel.fresh_token(number)
                writer.execute(statement)
                reply = mount.send(subscription(laravel.CHANNEL, token))
                self.assertEqual(reply.status, 200, self.log.decisions()[-1])
        self.assertGreaterEqual(second.executions(), 2 * FRESH_TOKENS)

    def test_nodes_that_die(self):
        """The connected one costs nobody anything; the next one takes the cluster's quorum."""
        first, second, third = self.nodes
        self.system.configure()
        server = OwnSocket(self.system.site, self.system.scratch, workers=4)
        environment = cgi_environment(GOOD, self.system.site)
        with server:
            with Load(server.path, environment, GOOD.body, 200, 8) as load:
                time.sleep(0.5)
                self.assertGreater(len(first.connections()), 0)
                first.kill()
                time.sleep(3)
            self.assertEqual(set(load.statuses), {200}, load.wrong)
            self.assertEqual(load.broken, {})
            self.assertGreater(len(second.connections()), 0)
            second.kill()
            self.assert_no_quorum(server)
            first.revive()
            second.revive()
            self.system.cluster.wait()
            self.assert_served_again(server)
            self.assertEqual(server.send(BAD_TOKEN).status, 401)

    def assert_no_quorum(self, server):
        """503 within the deadline, at first for want of an answer and then with the reason."""
        deadline = time.monotonic() + 20
        reasons = []
        while reasons[-10:] != ["database_not_primary"] * 10:
            self.assertLess(time.monotonic(), deadline, reasons[-10:])
            for request in (GOOD, BAD_TOKEN):
                began = time.monotonic()
                reply = server.send(request)
                self.assertLess(time.monotonic() - began, PATIENCE_SECONDS)
                if reply.status == 503:
                    self.assertEqual(reply.header("Retry-After"), "1")
                    reasons.append(self.log.decisions()[-1]["event.reason"])
                else:
                    # the node has not noticed yet, and what it says is still true
                    self.assertEqual(reply.status, 200 if request is GOOD else 401)
                    reasons.append("none")
            time.sleep(0.02)

    def assert_served_again(self, server):
        deadline = time.monotonic() + 10
        while True:
            reply = server.send(GOOD)
            if reply.status == 200:
                return
            self.assertEqual(reply.status, 503)
            self.assertLess(time.monotonic(), deadline, "the cluster is back, and nobody noticed")
            time.sleep(0.05)


if __name__ == "__main__":
    suite.main()
