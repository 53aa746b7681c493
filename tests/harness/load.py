"""Many clients at once: who was answered what, by whom, and how long it took?"""

import collections
import threading
import time

from . import fastcgi
from .exchange import over_http, parse_cgi
from .waiting import wait_until


class Load:
    """`count` threads that each ask castgate's own socket, over a kept connection, until stopped.

    `expect` is the only right status. A context manager: the block is the time under load. What
    came is in `statuses` (a count of each), `bodies` (likewise), `wrong` (replies that were not
    expected, at most a few) and `slowest` (seconds); what failed without a reply is in `broken`.
    """

    def __init__(self, path, environment, body, expect=200, count=32):
        self._path = path
        self._wire = fastcgi.request_bytes(environment, body, keep=True)
        self._setup(expect, count)

    def _setup(self, expect, count):
        self._expect = expect
        self._count = count
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = []
        self.statuses = collections.Counter()
        self.bodies = collections.Counter()
        self.broken = collections.Counter()
        self.wrong = []
        self.slowest = 0.0
        self.finished = []

    def __enter__(self):
        self._threads = [threading.Thread(target=self._run, daemon=True)
                         for _ in range(self._count)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, more):
        """Go on until so many more requests have been answered."""
        wanted = len(self.finished) + more
        wait_until(lambda: len(self.finished) >= wanted, lambda: f"no answers any more: {self}", 0.005)

    def answers_with(self, word):
        """How many replies so far had this in their bodies."""
        with self._lock:
            return sum(count for body, count in self.bodies.items() if word.encode() in body)

    def __str__(self):
        return f"{dict(self.statuses)} broken={dict(self.broken)} slowest={self.slowest:.3f} s"

    def _ask(self, peer):
        """The connection to use next, None for a new one, and a reply."""
        peer = peer or fastcgi.connect(self._path)
        try:
            peer.sendall(self._wire)
            return peer, parse_cgi(fastcgi.read_reply(peer))
        except BaseException:
            peer.close()
            raise

    def _run(self):
        peer = None
        while not self._stop.is_set():
            started = time.monotonic()
            try:
                peer, reply = self._ask(peer)
            except (OSError, AssertionError) as error:
                peer = None
                self._note_broken(type(error).__name__)
                continue
            self._note(started, time.monotonic(), reply)
        if peer:
            peer.close()

    def _note_broken(self, what):
        with self._lock:
            self.broken[what] += 1
        time.sleep(0.01)

    def _note(self, started, ended, reply):
        with self._lock:
            self.statuses[reply.status] += 1
            self.bodies[reply.body] += 1
            self.slowest = max(self.slowest, ended - started)
            self.finished.append((started, ended, reply.status))
            if reply.status != self._expect and len(self.wrong) < 5:
                self.wrong.append(str(reply))


class HttpLoad(Load):
    """The same through a web server on loopback. A reply without castgate's X-Request-Id is the web
    server's own and stands in `broken`, as its status."""

    def __init__(self, port, request, expect=200, count=16):
        self._port = port
        self._request = request
        self._setup(expect, count)

    def _ask(self, peer):
        return None, over_http(self._port, self._request)

    def _note(self, started, ended, reply):
        if reply.header("X-Request-Id") is None:
            self._note_broken(reply.status)
        else:
            super()._note(started, ended, reply)
