"""Does castgate hold its ground when its processes are killed, restarted, replaced and told anew?

Under load, behind real web servers; for some minutes, so it is not part of `make check`: make
check-faults. A short form of it is tests/integration/test_under_load.py.
"""

import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import suite
from harness.mount_apache import ApacheFcgid, ApacheProxy, ApacheProxyReuse
from harness.mount_lighttpd import LighttpdFastcgi, LighttpdSocket
from harness.mount_nginx import Nginx
from harness.mount_socket import SystemdSocket
from harness.processes import status_of
from harness.under_load import GOOD, NO_ANSWER, UnderLoad

# How long a parent must stay to be taken for one that stays, and some more.
KEEPER_SECONDS = 33


class Processes(UnderLoad):
    hold = None
    rounds = 10
    between = 400

    def tell(self, load):
        print(f"     {load}", flush=True)
        return sum(load.broken.values())


class OwnSocket(Processes):
    """castgate as a server of its own behind a web server that stays."""

    def test_kill(self):
        for kind in (ApacheProxy, ApacheProxyReuse, LighttpdSocket, Nginx):
            with self.subTest(kind.name):
                lost = self.tell(self.kill_workers(self.start(kind)))
                # one request each; kept connections of the dead one may carry more
                self.assertLessEqual(lost, self.rounds * (self.clients if kind is ApacheProxyReuse
                                                          else 1))

    def test_flips(self):
        self.rounds = 3
        for kind in (ApacheProxy, ApacheProxyReuse, LighttpdSocket, Nginx):
            with self.subTest(kind.name):
                self.assertEqual(self.tell(self.flip_configuration(self.start(kind))), 0)

    def test_restart_with_a_socket_that_stays(self):
        self.rounds = 5
        for kind in (ApacheProxy, ApacheProxyReuse, LighttpdSocket, Nginx):
            with self.subTest(kind.name):
                mount = self.start(kind, own=SystemdSocket)
                lost = self.tell(self.restart(mount, with_new_program=True))
                self.assertLessEqual(lost, self.rounds * self.clients if kind is ApacheProxyReuse
                                     else 0)

    def test_restart_with_its_own_socket(self):
        """While nobody listens the web server answers; what castgate accepted is answered 200."""
        self.rounds = 3
        for kind in (ApacheProxy, LighttpdSocket, Nginx):
            with self.subTest(kind.name):
                self.tell(self.restart(self.start(kind)))


class Spawned(Processes):
    """Processes that the web server starts."""

    def check_orphans(self, mount, victim):
        """The web server is killed after its responders have seen that it stays."""
        self.assertEqual(mount.send(GOOD).status, 200)
        serving = self.responders(mount)
        self.assertTrue(serving)
        time.sleep(KEEPER_SECONDS)
        self.signal([victim], signal.SIGKILL)
        deadline = time.monotonic() + 3
        while set(serving) & set(self.responders(mount)):
            self.assertLess(time.monotonic(), deadline, "they live on without their web server")
            time.sleep(0.02)

    def test_lighttpd_is_killed(self):
        """The next one does not find processes of the last one's, an old program perhaps."""
        mount = self.start(LighttpdFastcgi)
        self.check_orphans(mount, mount._server.pid)

    def test_the_process_manager_of_apache_is_killed(self):
        mount = self.start(ApacheFcgid)
        mount.send(GOOD)
        responder = self.responders(mount)[0]
        self.check_orphans(mount, int(status_of(responder).partition("PPid:\t")[2].split()[0]))

    def test_kill(self):
        for kind in (LighttpdFastcgi, ApacheFcgid):
            with self.subTest(kind.name):
                lost = self.tell(self.kill_workers(self.start(kind)))
                self.assertLessEqual(lost, self.rounds * self.clients)

    def test_flips(self):
        self.rounds = 3
        for kind in (LighttpdFastcgi, ApacheFcgid):
            with self.subTest(kind.name):
                self.assertEqual(self.tell(self.flip_configuration(self.start(kind))), 0)

    def one_by_one(self, mount, load):
        """lighttpd starts another for each that ends, which it sees once a second."""
        serving = self.responders(mount)
        for pid in serving:
            self.signal([pid], signal.SIGTERM)
            while len(set(self.responders(mount)) - {pid}) < len(serving):
                load.wait_for(1)

    def test_new_program_under_lighttpd(self):
        self.rounds = 2
        self.tell(self.replace_spawned(self.start(LighttpdFastcgi), self.one_by_one))

    def test_new_program_under_apache(self):
        """A request that waits inside Apache for a free process while its process manager is
        replaced may never be handed to castgate; its client gives up."""
        self.rounds = 3
        self.tell(self.replace_spawned(self.start(ApacheFcgid), lambda mount, _: mount.reload(),
                                       {*NO_ANSWER, "TimeoutError"}))


if __name__ == "__main__":
    suite.main()
