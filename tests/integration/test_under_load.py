"""Who notices when castgate's processes are killed, restarted, replaced or told anew under load?

The short form of tests/faults/process.py: counts, and no clock.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import suite
from harness.mount_apache import ApacheFcgid, ApacheProxy, ApacheProxyReuse
from harness.mount_lighttpd import LighttpdFastcgi, LighttpdSocket
from harness.mount_nginx import Nginx
from harness.mount_socket import SystemdSocket
from harness.under_load import GOOD, UnderLoad

BESIDE = (ApacheProxy, ApacheProxyReuse, LighttpdSocket, Nginx)


class Processes(UnderLoad):
    clients = 8
    between = 40

    def lost(self, load):
        return sum(load.broken.values())

    def test_a_killed_worker_costs_its_own_request(self):
        for kind in (ApacheProxy, LighttpdSocket, Nginx):
            with self.subTest(kind.name):
                # and what was accepted and not yet sent: on a busy machine, any of the clients'
                self.assertLessEqual(self.lost(self.kill_workers(self.start(kind))), self.clients)

    def test_a_killed_process_of_lighttpd_costs_what_waited_for_it(self):
        """Each has a socket of its own, and a queue that ends with it."""
        load = self.kill_workers(self.start(LighttpdFastcgi))
        self.assertLessEqual(self.lost(load), self.clients)

    def test_a_killed_worker_costs_what_its_kept_connections_carried(self):
        load = self.kill_workers(self.start(ApacheProxyReuse))
        self.assertLessEqual(self.lost(load), self.clients)

    def test_changed_and_broken_configurations_cost_nothing(self):
        for kind in (*BESIDE, LighttpdFastcgi):
            with self.subTest(kind.name):
                self.assertEqual(self.lost(self.flip_configuration(self.start(kind))), 0)

    def test_a_new_program_costs_nothing(self):
        """castgate ends and comes back on a socket that stays. On a busy machine, a web server that has connected
        may send later than a worker waits that ends."""
        for kind in (ApacheProxy, LighttpdSocket, Nginx):
            with self.subTest(kind.name):
                mount = self.start(kind, own=SystemdSocket)
                self.assertLessEqual(self.lost(self.restart(mount, with_new_program=True)),
                                     mount.castgate.workers)

    def test_a_new_program_costs_apache_what_it_sends_on_connections_that_end(self):
        """enablereuse=on: Apache does not ask again. Nothing is answered wrongly; it recovers."""
        mount = self.start(ApacheProxyReuse, own=SystemdSocket)
        self.assertLessEqual(self.lost(self.restart(mount, with_new_program=True)), self.clients)

    def test_processes_of_mod_fcgid_stay(self):
        """As castgate-fcgid.conf has it: whoever ends them after so many requests has all others wait."""
        mount = self.start(ApacheFcgid)
        mount.send(GOOD)
        with self.load(mount) as load:
            load.wait_for(self.between)
            before = set(self.responders(mount))
            load.wait_for(400)
            after = set(self.responders(mount))
        self.judge(mount, load)
        self.assertTrue(before)
        self.assertLessEqual(before, after)
        self.assertEqual(self.lost(load), 0)


if __name__ == "__main__":
    suite.main()
