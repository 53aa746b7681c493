"""An application's Socket.IO server, and a client of it, both from npm."""

import json
import queue
import subprocess
import threading

from . import node, places
from .ports import accepts, free_port
from .server_process import ServerProcess
from .waiting import PATIENCE_SECONDS

_FOLDER = places.SOURCE / "tests/e2e"


class SocketServer:
    """tests/e2e/socket_server.js with these settings. A context manager."""

    def __init__(self, scratch, name, **settings):
        self.port = free_port()
        self._directory = scratch.directory(name, mode=0o700)
        self._settings = self._directory / "settings.json"
        self._settings.write_text(json.dumps({"port": self.port, **settings}))
        self._server = None

    def __enter__(self):
        self._server = ServerProcess(
            "socket_server.js", [node.program(), _FOLDER / "socket_server.js", self._settings],
            self._directory / "log", environment=node.environment())
        self._server.start(lambda: accepts(self.port))
        return self

    def __exit__(self, *_):
        self._server.stop()


class SocketClient:
    """tests/e2e/socket_client.js. A context manager; hear() is what came next."""

    def __init__(self, server, token):
        self._port = server.port
        self._token = token
        self._process = None
        self._heard = queue.Queue()

    def __enter__(self):
        self._process = subprocess.Popen(
            [node.program(), _FOLDER / "socket_client.js", f"http://127.0.0.1:{self._port}"],
            env=node.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            bufsize=1)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.send(self._token)
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._process.stdout.close()

    def send(self, line):
        self._process.stdin.write(line + "\n")

    def hear(self):
        try:
            return self._heard.get(timeout=PATIENCE_SECONDS)
        except queue.Empty:
            raise AssertionError(f"heard nothing for {PATIENCE_SECONDS} s") from None

    def _read(self):
        for line in self._process.stdout:
            self._heard.put(json.loads(line))
