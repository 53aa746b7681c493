"""Does `castgate check --verifier` prove key and secret with a WebSocket server, and name what is wrong?"""

import hashlib
import hmac
import json
import pathlib
import re
import socket
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, suite
from harness.key_server import Authority
from harness.ports import free_port
from harness.pusher_server import PusherServer
from harness.scratch import Scratch
from harness.site import Site
from harness.waiting import PATIENCE_SECONDS
from harness.websocket_server import WebSocketServer, frame

CHANNEL = "private-castgate-check"
CONFIG = """
app "main" {{
	key = "{key}"
	secret = "{secret}"
}}
endpoint "/castgate/live" {{ action = "live" }}
state_dir = "{state}"
"""


def event(name, data=None, channel=None):
    """A message of the protocol; its data are the text of a JSON document, as servers send it."""
    message = {"event": name}
    if data is not None:
        message["data"] = json.dumps(data)
    if channel:
        message["channel"] = channel
    return frame(json.dumps(message))


ESTABLISHED = event("pusher:connection_established", {"socket_id": "12.34", "activity_timeout": 30})
SUCCEEDED = event("pusher_internal:subscription_succeeded", {}, CHANNEL)


class Verifier(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = suite.enter_for_class(cls, Scratch("verifier"))
        cls.site = suite.enter_for_class(cls, Site(cls.scratch))

    def setUp(self):
        self.configure()

    def configure(self, key=laravel.KEYS.key, secret=laravel.KEYS.secret, more=""):
        self.site.write_secret(self.site.config, CONFIG.format(
            key=key, secret=secret, state=self.site.state) + more)

    def check(self, port, *words, scheme="ws", path="", timeout=PATIENCE_SECONDS):
        return self.site.tool("check", "--offline", "--timeout", timeout, "--verifier",
                              f"{scheme}://127.0.0.1:{port}{path}", *words)

    def assert_proven(self, done):
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertRegex(done.stdout, r'(?m)^verifier +knows the key of app "main"$')
        self.assertRegex(done.stdout, rf"(?m)^verifier +accepts what is signed with its secret \({CHANNEL}\)$")

    def assert_says(self, done, pattern):
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertRegex(done.stderr, r"(?m)^error: the WebSocket server \S+:\d+ " + pattern)
        self.assertNotIn(laravel.KEYS.secret, done.stdout + done.stderr)


class RealServer(Verifier):
    """The server of the end-to-end tests, which checks with the official library."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = suite.enter_for_class(cls, PusherServer(
            cls.scratch, laravel.KEYS.key, laravel.KEYS.secret))

    def test_key_and_secret_are_proven(self):
        for path in ("", "/"):
            self.assert_proven(self.check(self.server.port, path=path))

    def test_json(self):
        done = self.check(self.server.port, "--json")
        events = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([event["event"] for event in events][-3:], ["verifier", "verifier", "end"])

    def test_a_wrong_key(self):
        self.configure(key="another")
        self.assert_says(self.check(self.server.port),
                         r'answers with error 4001 \("There is no app with this key"\): it has no app')

    def test_a_wrong_secret(self):
        self.configure(secret="another")
        done = self.check(self.server.port)
        self.assert_says(done, r'answers with error 4009 \(.*\): it refuses the signature: compare secret')
        self.assertIn("knows the key", done.stdout)

    def test_one_app_of_several(self):
        self.configure(key="another", more='app "other" {\n'
                       f'\tkey = "{laravel.KEYS.key}"\n\tsecret = "{laravel.KEYS.secret}"\n}}\n')
        self.assertEqual(self.check(self.server.port, "--app", "other").returncode, 0)
        self.assert_says(self.check(self.server.port, "--app", "main"), "answers with error 4001")
        done = self.check(self.server.port)
        self.assertEqual(done.returncode, 1)
        self.assertIn("not one app: choose one with --app", done.stderr)
        done = self.check(self.server.port, "--app", "nobody")
        self.assertIn("no app has this name", done.stderr)


class OddServers(Verifier):
    """What other servers do, and what none should do."""

    def talk(self, *frames):
        """A server that says this, and waits for the client to go."""
        def talk(peer):
            peer.say(*frames)
            while True:
                peer.hear()
        return talk

    def serve(self, *frames, **options):
        return self.enterContext(WebSocketServer(self.talk(*frames), **options))

    def test_what_is_sent(self):
        """The path, the subscription with the right signature, a pong, and a good-bye."""
        heard = []

        def talk(peer):
            peer.say(frame("still there?", opcode=9), ESTABLISHED)
            heard.append(peer.hear())
            heard.append(peer.hear())
            peer.say(event("pusher:ping", {}))
            heard.append(peer.hear())
            peer.say(SUCCEEDED)
            heard.append(peer.hear())
        with WebSocketServer(talk) as server:
            self.assert_proven(self.check(server.port, path="/below/"))
        self.assertEqual(server.problems, [])
        self.assertRegex(server.requests[0],
                         rf"^GET /below/app/{laravel.KEYS.key}\?protocol=7&client=castgate&version=\S+ HTTP/1.1\r\n")
        self.assertEqual(heard[0], (10, b"still there?"))
        opcode, payload = heard[1]
        wanted = hmac.new(laravel.KEYS.secret.encode(), f"12.34:{CHANNEL}".encode(), hashlib.sha256)
        self.assertEqual((opcode, json.loads(payload)), (1, {"event": "pusher:subscribe", "data": {
            "channel": CHANNEL, "auth": f"{laravel.KEYS.key}:{wanted.hexdigest()}"}}))
        self.assertEqual(json.loads(heard[2][1])["event"], "pusher:pong")
        self.assertEqual(heard[3], (8, b"\x03\xe8"))

    def test_messages_in_pieces_with_pings_between(self):
        whole = json.dumps({"event": "pusher:connection_established",
                            "data": {"socket_id": "12.34"}}).encode()
        server = self.serve(frame(whole[:10], last=False), frame(b"", opcode=9),
                            frame(whole[10:20], opcode=0, last=False), frame(b"x", opcode=10),
                            frame(whole[20:], opcode=0), event("other", {}), SUCCEEDED)
        self.assert_proven(self.check(server.port))

    def test_what_servers_say(self):
        rows = (
            ([event("pusher:error", {"code": 4001, "message": "App\x1b[2J"})],
             r'answers with error 4001 \("App\?\[2J"\): it has no app with this key'),
            ([frame('{"event":"pusher:error","data":{"code":4003,"message":"off"}}')],
             r'answers with error 4003 \("off"\): the app is switched off'),
            ([event("pusher:error", {"code": 4999, "message": "?"})], r'answers with error 4999 \("\?"\): look in its log'),
            ([event("pusher:error", {"message": "odd"})], r'answers with an error \("odd"\)'),
            ([frame(b"\x0f\xa1No such app", opcode=8)], r'answers with error 4001 \("No such app"\)'),
            ([frame(b"", opcode=8)], "answers with error 1005"),
            ([ESTABLISHED, event("pusher:subscription_error", {"status": 401, "error": "no"}, CHANNEL)],
             r'answers with error 4009 \("no"\): it refuses the signature'),
            ([event("pusher:connection_established", {"socket_id": "x"})], "gave a socket id that cannot be signed"),
            ([event("pusher:connection_established")], "gave a socket id that cannot be signed"),
            ([frame("hello")], "does not speak Pusher's protocol"),
            ([frame('{"event":"x","data":"{"}')], "does not speak Pusher's protocol"),
            ([frame("[]")], "does not speak Pusher's protocol"),
            ([event("other", {})] * 1001, "talks of other things than pusher:connection_established"),
            ([frame("x" * 125, opcode=9)] * 101, "pings more than 100 times where a few messages are expected"),
        )
        for frames, pattern in rows:
            with self.subTest(pattern):
                self.assert_says(self.check(self.serve(*frames).port), pattern)

    def test_what_breaks_the_protocol(self):
        rows = (
            ([b"\x81\x85\x01\x02\x03\x04hello"], "A frame is masked"),
            ([b"\xc1\x00"], "A frame uses bits"),
            ([b"\x83\x00"], "A frame is of an unknown kind"),
            ([b"\x89\x7e\x00\x80"], "A control frame is too long"),
            ([b"\x81\x7f" + (1 << 40).to_bytes(8, "big")], "A frame is too long"),
            ([frame("x" * 60000, last=False), frame("x" * 10000, opcode=0)], "A message is too long"),
            ([frame("x", opcode=2)], "A message is binary"),
            ([frame("x", opcode=0)], "The pieces of a message do not fit together"),
            ([frame("x", last=False), frame("y")], "The pieces of a message do not fit together"),
            ([frame(b"\xff")], "A text is not UTF-8"),
            ([frame(b"\x03", opcode=8)], "its good-bye is broken"),
        )
        for frames, pattern in rows:
            with self.subTest(pattern):
                self.assert_says(self.check(self.serve(*frames).port),
                                 f"does not keep to the WebSocket protocol: {pattern}")

    def test_what_is_no_websocket(self):
        right = WebSocketServer.RIGHT
        rows = (
            (b"HTTP/1.1 200 OK\r\n\r\nhello", "answers 200, so it is not a WebSocket server"),
            (b"HTTP/1.1 400 Bad Request\r\n\r\n", "answers 400, so it is not a WebSocket server"),
            (b"HTTP/1.1 404 Not Found\r\n\r\n", "answers 404, so no WebSocket server is at this path"),
            (b"HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n", "answers 301, which a WebSocket does not follow"),
            (b"HTTP/1.1 403 Forbidden\r\n\r\n", "answers 403, so a server in front refuses it"),
            (b"HTTP/1.1 426 Upgrade\r\n\r\n", "answers 426, so it wants another version"),
            (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "answers 502, so the server in front cannot reach"),
            (right.replace(b"ACCEPT", b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "answers 101 and has not understood"),
            (right.replace(b"Upgrade: websocket", b"Upgrade: h2c"), "answers 101 and has not understood"),
            (right.replace(b"Connection", b"Sec-WebSocket-Extensions: permessage-deflate\r\nConnection"),
             "answers 101 and has not understood"),
            (b"SSH-2.0-OpenSSH_9.2\r\n", "does not answer as a web server does"),
            (b"", "ended the connection without an answer"),
        )
        for opening, pattern in rows:
            with self.subTest(pattern):
                server = self.enterContext(WebSocketServer(None, opening=opening))
                self.assert_says(self.check(server.port), pattern)

    def test_a_server_that_goes_away(self):
        server = self.enterContext(WebSocketServer(lambda peer: peer.say(ESTABLISHED)))
        self.assert_says(self.check(server.port),
                         "(ended the connection without a good-bye|broke the connection off)")

    def test_a_silent_server(self):
        server = self.serve()
        self.assert_says(self.check(server.port, timeout=1), "did not answer in time")
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.assert_says(self.check(listener.getsockname()[1], timeout=1), "did not answer in time")

    def test_no_server(self):
        self.assert_says(self.check(free_port()), "refuses the connection: nothing listens there")

    def test_tls(self):
        folder = self.scratch.directory("tls", mode=0o755)
        authority = Authority(folder)
        files = authority.issue("here", "IP:127.0.0.1")
        server = self.serve(ESTABLISHED, SUCCEEDED, files=files)
        self.assert_proven(self.check(server.port, "--ca", authority.certificate, scheme="wss"))
        self.assert_says(self.check(server.port, scheme="wss"), "shows a certificate that is not good")
        plain = self.serve(ESTABLISHED, SUCCEEDED)
        self.assert_says(self.check(plain.port, "--ca", authority.certificate, scheme="wss", timeout=2),
                         "(does not speak TLS|did not answer in time)")

    def test_what_cannot_be_asked(self):
        for url, pattern in (("http://127.0.0.1/", "not an address of the form wss://HOST"),
                             ("ws://127.0.0.1/?x=y", "takes an address without a query")):
            done = self.site.tool("check", "--offline", "--verifier", url)
            self.assertEqual(done.returncode, 1)
            self.assertIn(pattern, done.stderr)
        self.configure(key="a b")
        done = self.check(1)
        self.assertIn("the app's key has characters that do not fit", done.stderr)
        self.configure(secret="")
        done = self.check(1)
        self.assertEqual(done.returncode, 1)
        self.assertTrue(re.search("no key or secret|secret", done.stderr), done.stderr)


del Verifier  # has no cases of its own

if __name__ == "__main__":
    suite.main()
