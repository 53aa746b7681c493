"""What does the demo's page need? Its files, what this run has made up, and a WebSocket server."""

import json
import pathlib

from harness import node
from harness.pusher_server import PusherServer

FILES = pathlib.Path(__file__).resolve().parent / "page"
CLIENT = "pusher-js/dist/web/pusher-with-encryption.min.js"


class Page:
    """The page, published by the site's web servers. A context manager: the WebSocket server is up.

    `people` are (id, name, token); who has no id or no token is not one of the application's users.
    """

    def __init__(self, site, scratch, *, key, secret, people):
        self._site = site
        self._key = key
        self._people = people
        self._client = node.package(CLIENT)
        self.websocket = PusherServer(scratch, key, secret)

    def __enter__(self):
        self.websocket.__enter__()
        self._site.publish(*FILES.iterdir(), self._client)
        data = {"key": self._key, "wsPort": self.websocket.port, "endpoint": "/broadcasting/auth",
                "log": str(self._site.log),
                "people": [dict(zip(("id", "name", "token"), person)) for person in self._people]}
        self._site.publish_text("data.js", f'"use strict";\nconst DEMO = {json.dumps(data)};\n')
        return self

    def __exit__(self, *error):
        return self.websocket.__exit__(*error)
