"""Does castgate live with a cluster: a node that dies, a cluster without quorum, a write a moment ago?

A short version of tests/faults/cluster.py, without judging times.
"""

import pathlib
import sys
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
from harness.waiting import wait_until

GOOD = subscription(laravel.CHANNEL, laravel.ALICE)
BAD_TOKEN = subscription(laravel.CHANNEL, "1|wrong")
FRESH_TOKENS = 30


class Cluster(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, ClusterSite("galera"))
        cls.nodes = cls.system.nodes
        cls.log = AuditLog(cls.system.site)

    def send(self, mount, request):
        """What it answers once it gives no 503 any more."""
        def served():
            reply = mount.send(request)
            if reply.status != 503:
                return reply
            self.assertEqual(reply.header("Retry-After"), "1")
            return None

        return wait_until(served, lambda: str(self.log.decisions()[-1]))

    def connected(self):
        """The node that castgate asks now."""
        return max((node for node in self.nodes if node.alive),
                   key=lambda node: len(node.connections()))

    def test_a_fresh_token_is_never_refused(self):
        """Written on one node, and asked for on another at once."""
        first, second, _ = self.nodes
        self.system.configure([second], "session_init = 'SET SESSION wsrep_sync_wait = 1'")
        with Memory(self.system.site) as mount, first.session() as writer:
            for number in range(5000, 5000 + FRESH_TOKENS):
                token, statement = laravel.fresh_token(number)
                writer.execute(statement)
                reply = self.send(mount, subscription(laravel.CHANNEL, token))
                self.assertEqual(reply.status, 200, self.log.decisions()[-1])
        self.assertGreaterEqual(second.executions(), 2 * FRESH_TOKENS)

    def test_nodes_that_die(self):
        """The connected one costs nobody a refusal; the next one takes the cluster's quorum."""
        self.system.configure()
        server = OwnSocket(self.system.site, self.system.scratch, workers=4)
        environment = cgi_environment(GOOD, self.system.site)
        with server:
            with Load(server.path, environment, GOOD.body, 200, 8) as load:
                load.wait_for(50)
                first = self.connected()
                self.assertGreater(len(first.connections()), 0)
                first.kill()
                load.wait_for(50)
                self.assertEqual(self.send(server, GOOD).status, 200)
            self.assertLessEqual(set(load.statuses), {200, 503}, load.wrong)
            self.assertEqual(load.broken, {})
            second = self.connected()
            self.assertGreater(len(second.connections()), 0)
            second.kill()
            self.assert_no_quorum(server)
            first.revive()
            second.revive()
            self.system.cluster.wait()
            self.assertEqual(self.send(server, GOOD).status, 200)
            self.assertEqual(self.send(server, BAD_TOKEN).status, 401)

    def assert_no_quorum(self, server):
        """503 at first for want of an answer and then with the reason."""
        reasons = []

        def noticed():
            for request in (GOOD, BAD_TOKEN):
                reply = server.send(request)
                if reply.status == 503:
                    self.assertEqual(reply.header("Retry-After"), "1")
                    reasons.append(self.log.decisions()[-1]["event.reason"])
                else:
                    # the node has not noticed yet, and what it says is still true
                    self.assertEqual(reply.status, 200 if request is GOOD else 401)
                    reasons.append("none")
            return reasons[-10:] == ["database_not_primary"] * 10

        wait_until(noticed, lambda: str(reasons[-10:]))


if __name__ == "__main__":
    suite.main()
