"""What do peers cost that stall: one byte a second, half a request, nothing at all?

Judges times, so it is not part of `make check`: make check-faults.
"""

import pathlib
import socket
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import fastcgi, laravel, suite
from harness.load import HttpLoad, Load
from harness.mount_apache import ApacheFcgid, ApacheProxy
from harness.mount_cgi import cgi_environment
from harness.mount_lighttpd import LighttpdFastcgi, LighttpdSocket
from harness.mount_nginx import Nginx
from harness.mount_socket import OwnSocket
from harness.under_load import GOOD, UnderLoad

DEADLINE_SECONDS = 10
OTHERS_SECONDS = 1.0


class Drip(threading.Thread):
    """Sends the first bytes at once and then one a second. `ended` is the time until the other end
    had enough, `received` what it said."""

    def __init__(self, peer, first, rest):
        super().__init__(daemon=True)
        self._peer = peer
        self._first = first
        self._rest = rest
        self.ended = None
        self.received = b""
        self.start()

    def run(self):
        started = time.monotonic()
        self._peer.settimeout(1)
        try:
            self._peer.sendall(self._first)
            for byte in self._rest:
                try:
                    self.received += self._peer.recv(4096)
                    break
                except TimeoutError:
                    self._peer.sendall(bytes([byte]))
        except OSError:
            pass  # closed while we wrote
        self.ended = time.monotonic() - started
        self._peer.close()


class Stalled(UnderLoad):
    hold = None
    clients = 8

    def wire(self):
        return fastcgi.request_bytes(cgi_environment(GOOD, self.site), GOOD.body)

    def test_on_our_own_socket(self):
        """Half of the workers are held, each for one deadline; the others serve."""
        mount = OwnSocket(self.site, self.system.scratch, workers=4)
        wire = self.wire()
        with mount:
            idle = [fastcgi.connect(mount.path) for _ in range(8)]
            drips = [Drip(fastcgi.connect(mount.path), wire[:cut], wire[cut:]) for cut in (4, 100)]
            with Load(mount.path, cgi_environment(GOOD, self.site), GOOD.body,
                      count=self.clients) as load:
                for drip in drips:
                    drip.join(3 * DEADLINE_SECONDS)
            for peer in idle:
                peer.close()
        ended = [round(drip.ended, 1) for drip in drips]
        print(f"     {load}, given up after {ended} s", flush=True)
        self.assertEqual(set(load.statuses), {200}, load.wrong)
        self.assertEqual(load.broken, {})
        self.assertLess(load.slowest, OTHERS_SECONDS)
        for drip in drips:
            self.assertEqual(drip.received, b"")
            self.assertLess(abs(drip.ended - DEADLINE_SECONDS), 2)

    def test_through_web_servers(self):
        """A client that sends its body one byte a second; some servers wait for it themselves."""
        body = GOOD.body + b"&x=" + b"x" * 40
        head = ("POST /broadcasting/auth HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                f"Authorization: Bearer {laravel.ALICE}\r\nContent-Length: {len(body)}\r\n\r\n")
        for kind in (ApacheProxy, ApacheFcgid, LighttpdSocket, LighttpdFastcgi, Nginx):
            with self.subTest(kind.name):
                mount = self.start(kind)
                drips = [Drip(socket.create_connection(("127.0.0.1", mount.port)),
                              head.encode() + body[:20], body[20:]) for _ in range(2)]
                with HttpLoad(mount.port, GOOD, count=self.clients) as load:
                    time.sleep(DEADLINE_SECONDS + 3)
                print(f"     {load}, slow ones: "
                      f"{[drip.received[:30] for drip in drips]}", flush=True)
                self.assertEqual(set(load.statuses), {200}, load.wrong)
                self.assertEqual(load.broken, {})
                self.assertLess(load.slowest, 3 if kind is ApacheFcgid else OTHERS_SECONDS)
                for drip in drips:
                    self.assertNotIn(b" 200 ", drip.received[:20])


if __name__ == "__main__":
    suite.main()
