"""Many clients at once against castgate's own socket: who was answered what, and how long it took?"""

import collections
import threading
import time

from . import fastcgi
from .exchange import parse_cgi


class Load:
    """`count` threads that each ask over a kept connection until stopped.

    `expect` is the only right status. A context manager: the block is the time under load. What came
    is in `statuses` (a count of each), `wrong` (replies that were not expected, at most a few) and
    `slowest` (seconds).
    """

    def __init__(self, path, environment, body, expect=200, count=32):
        self._path = path
        self._wire = fastcgi.request_bytes(environment, body, keep=True)
        self._expect = expect
        self._count = count
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = []
        self.statuses = collections.Counter()
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

    def _run(self):
        peer = None
        while not self._stop.is_set():
            started = time.monotonic()
            try:
                peer = peer or fastcgi.connect(self._path)
                peer.sendall(self._wire)
                reply = parse_cgi(fastcgi.read_reply(peer))
            except (OSError, AssertionError) as error:
                if peer:
                    peer.close()
                peer = None
                with self._lock:
                    self.broken[type(error).__name__] += 1
                time.sleep(0.01)
                continue
            ended = time.monotonic()
            with self._lock:
                self.statuses[reply.status] += 1
                self.slowest = max(self.slowest, ended - started)
                self.finished.append((started, ended, reply.status))
                if reply.status != self._expect and len(self.wrong) < 5:
                    self.wrong.append(str(reply))
        if peer:
            peer.close()
