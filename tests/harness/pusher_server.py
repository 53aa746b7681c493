"""The WebSocket server of tests/e2e, and an application's server that sends events through it."""

import json
import subprocess

from . import node, places
from .ports import accepts, free_port
from .server_process import ServerProcess
from .waiting import PATIENCE_SECONDS

_FOLDER = places.SOURCE / "tests/e2e"


class PusherServer:
    """A Pusher-protocol server on a loopback port, for one app. A context manager.

    `signs_private_data`: is channel_data of a private channel part of what was signed, as for
    Reverb and Pusher, or not, as for soketi and Sockudo?
    """

    def __init__(self, scratch, key, secret, *, name="pusher", signs_private_data=True,
                 master_key=None):
        self.port = free_port()
        self._directory = scratch.directory(name, mode=0o700)
        self._settings = self._directory / "settings.json"
        self._settings.write_text(json.dumps({
            "key": key, "secret": secret, "port": self.port,
            "signsPrivateData": signs_private_data, "encryptionMasterKeyBase64": master_key}))
        self._server = None

    def __enter__(self):
        self._server = ServerProcess(
            "pusher_server.js", [node.program(), _FOLDER / "pusher_server.js", self._settings],
            self._directory / "log", environment=node.environment())
        self._server.start(lambda: accepts(self.port))
        return self

    def __exit__(self, *_):
        self._server.stop()

    def trigger(self, channel, event, data):
        """Send an event to a channel as an application's server does, encrypted where need be."""
        subprocess.run([node.program(), _FOLDER / "trigger.js", self._settings, channel, event,
                        json.dumps(data)], env=node.environment(), check=True, timeout=PATIENCE_SECONDS)
