"""What does castgate do? Shown with real servers, a real token and a signature computed twice.

Started by `./bootstrap demo`, which builds first. Everything lives in a temporary directory and ends
with this program.
"""

import argparse
import contextlib
import json
import pathlib
import secrets
import subprocess
import sys
import threading
import time
import unittest

TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "tests"))

from harness import ending, mariadb, places
from harness.audit import AuditLog
from harness.exchange import Request, subscription
from harness.mount_apache import ApacheWithPages
from harness.mount_lighttpd import LighttpdWithPages
from harness.ports import port_is_free
from harness.scratch import Scratch
from harness.site import Site

from page import Page

CHANNEL = "private-chat.6.conversation.123"
PRESENCE = "presence-chat.6.conversation.123"
SOCKET_ID = "1234.5678"
PATHS = ("/broadcasting/auth", "/api/broadcasting/auth")


class Wrong(Exception):
    """The demo saw something else than it shows."""


@contextlib.contextmanager
def step(text):
    """One progress line, with the time it took."""
    print(f"==> {text}", end="", flush=True)
    started = time.monotonic()
    yield
    print(f"  ({time.monotonic() - started:.1f} s)", flush=True)


def openssl_signature(message, secret):
    """The signature as somebody without castgate would compute it."""
    done = subprocess.run([places.tool("openssl"), "dgst", "-sha256", "-hmac", secret],
                          input=message.encode(), capture_output=True, check=True)
    return done.stdout.decode().split()[-1]


class Demo:
    """The chat, its site and the servers in front of it."""

    def __init__(self, stack, port):
        self._stack = stack
        self._port = port
        # Made for this run; whoever copies the demo has to make their own.
        self.key = "demo" + secrets.token_hex(8)
        self.secret = secrets.token_hex(16)
        self.tokens = {}
        self.servers = {}
        self.no_page_since = None

    def start(self):
        scratch = self._stack.enter_context(Scratch("demo"))
        with step("Starting a private MariaDB, on a UNIX socket only"):
            self._db = self._stack.enter_context(mariadb.MariaDB(scratch))
        with step("Applying the migrations of sql/laravel"):
            self._db.migrate("laravel")
        with step("Seeding a chat: Alice and Bob talk in conversation 123 of company 6, Carol not"):
            self._db.load(TOP / "demo" / "chat.sql")
            self._db.grant()
            # The tool that makes tokens writes them with castgate's own account here.
            self._db.execute(f"GRANT INSERT ON {mariadb.DATABASE}.personal_access_tokens"
                             f" TO '{mariadb.USER}'@'localhost'")
        self.site = self._stack.enter_context(Site(scratch))
        self.site.configure(TOP / "demo" / "castgate.conf", self._db, KEY=self.key,
                            SECRET=self.secret)
        with step("castgate check: every statement prepared against the database"):
            self.site.check()
        with step("castgate token create: a Sanctum token for each of them"):
            for owner, name in (("1", "Alice"), ("2", "Bob"), ("3", "Carol")):
                self.tokens[name] = self._make_token(owner)
        with step("Starting Apache with mod_fcgid"):
            self.servers["Apache"] = self._stack.enter_context(
                ApacheWithPages(self.site, scratch, self._port))
        try:
            second = LighttpdWithPages(self.site, scratch, self._port and self._port + 1)
            with step("Starting lighttpd with FastCGI"):
                self.servers["lighttpd"] = self._stack.enter_context(second)
        except unittest.SkipTest as missing:
            print(f"\n    {missing}; going on with Apache alone")
        self._start_page(scratch)
        self.log = AuditLog(self.site)

    def _start_page(self, scratch):
        damaged = self.tokens["Alice"][:-1] + ("0" if self.tokens["Alice"][-1] != "0" else "1")
        people = [(str(number), name, token)
                  for number, (name, token) in enumerate(self.tokens.items(), start=1)]
        people += [(None, "No token", None), (None, "Bad token", damaged)]
        try:
            page = Page(self.site, scratch, key=self.key, secret=self.secret, people=people)
        except (unittest.SkipTest, AssertionError) as missing:
            self.no_page_since = str(missing)
            return
        with step("Starting a WebSocket server for the page"):
            self._stack.enter_context(page)

    def _make_token(self, owner):
        done = self.site.tool("token", "create", "--owner", owner, "--name", "demo")
        if done.returncode != 0:
            raise Wrong(f"castgate token create: {done.stderr}")
        # The token is the word that Sanctum would show: its id, a bar, and the secret part.
        return next(word for word in done.stdout.split() if "|" in word)

    def ask(self, server, path, name, channel):
        """Send one subscription as a client library does; the reply and its line in the log."""
        mount = self.servers[server]
        reply = mount.send(subscription(channel, self.tokens[name], SOCKET_ID, path))
        line = self.log.decisions()[-1]
        if line["http.request.id"] != reply.header("X-Request-Id"):
            raise Wrong("the log's last line is about another request")
        return reply, line

    def show_allowed(self, server, path):
        reply, _ = self.ask(server, path, "Alice", CHANNEL)
        print(f"\nAlice subscribes to {CHANNEL} through {server}\n"
              f"    POST http://127.0.0.1:{self.servers[server].port}{path}\n"
              f"    {reply.status} {reply.body.decode()}")
        expected = openssl_signature(f"{SOCKET_ID}:{CHANNEL}", self.secret)
        if reply.status != 200 or json.loads(reply.body) != {"auth": f"{self.key}:{expected}"}:
            raise Wrong("that is not the signature openssl computes")
        print(f"    printf %s '{SOCKET_ID}:{CHANNEL}' | openssl dgst -sha256 -hmac {self.secret}\n"
              f"    {expected}\n    the same: what the WebSocket server will compute, too")

    def show_presence(self, server):
        reply, _ = self.ask(server, PATHS[0], "Bob", PRESENCE)
        answer = json.loads(reply.body) if reply.status == 200 else {}
        print(f"\nBob joins {PRESENCE}; the others see his name\n"
              f"    {reply.status} {reply.body.decode()}")
        message = f"{SOCKET_ID}:{PRESENCE}:{answer.get('channel_data')}"
        if answer.get("auth") != f"{self.key}:{openssl_signature(message, self.secret)}":
            raise Wrong("that is not the signature openssl computes")

    def show_refused(self, server, path):
        reply, line = self.ask(server, path, "Carol", CHANNEL)
        if reply.status != 403 or line["event.reason"] != "no_row":
            raise Wrong(f"Carol got {reply}\nlog: {line}")
        shown = {name: line[name] for name in (
            "event.reason", "castgate.channel", "castgate.rule", "castgate.token_id", "user.id",
            "message")}
        print(f"\nCarol asks for the same channel through {server}\n"
              f"    {reply.status} {' '.join(reply.body.decode().split())}\n"
              "    and why, in the log (clients get the code with development = true alone):\n"
              + "\n".join(f"        {name}: {value}" for name, value in shown.items()))

    def show_page(self):
        if self.no_page_since:
            print("\nThere would also be a page for your browser, with npm installed:\n"
                  f"    {self.no_page_since}")
            return
        for server, mount in self.servers.items():
            reply = mount.send(Request("GET", "/"))
            if reply.status != 200 or b"demo.js" not in reply.body:
                raise Wrong(f"{server} does not show the page: {reply}")
        print("\nSee it in your browser, best in two windows:")
        for server, mount in self.servers.items():
            print(f"    http://127.0.0.1:{mount.port}/   through {server}")

    def show_curl(self):
        print("\nTry it yourself:")
        for server, path, name, meaning in (
                ("Apache", PATHS[1], "Alice", "allowed"),
                ("lighttpd", PATHS[0], "Carol", "refused: not a participant"),
                ("Apache", PATHS[0], None, "refused: no token")):
            mount = self.servers.get(server, self.servers["Apache"])
            header = f" -H 'Authorization: Bearer {self.tokens[name]}'" if name else ""
            print(f"\n    # {meaning}\n"
                  f"    curl -i http://127.0.0.1:{mount.port}{path}{header} \\\n"
                  f"         -d socket_id={SOCKET_ID} -d channel_name={CHANNEL}")
        print(f"\n    # the log, one line a decision\n    tail -f {self.site.log}")


def show(port, once):
    with contextlib.ExitStack() as stack:
        demo = Demo(stack, port)
        demo.start()
        for server, path in zip(demo.servers, PATHS):
            demo.show_allowed(server, path)
        demo.show_presence("Apache")
        for server, path in zip(demo.servers, reversed(PATHS)):
            demo.show_refused(server, path)
        demo.show_curl()
        demo.show_page()
        if not once:
            print("\nEverything stays up until Ctrl-C.", flush=True)
            threading.Event().wait()
        print()
    print("==> Stopped; everything is removed again")


def main():
    parser = argparse.ArgumentParser(prog="./bootstrap demo")
    parser.add_argument("--once", action="store_true", help="end when everything was shown")
    parser.add_argument("--port", type=int, help="for Apache; lighttpd gets the next one")
    arguments = parser.parse_args()
    if arguments.port is not None:
        if not 1 <= arguments.port <= 65534:
            parser.error("--port takes a number from 1 to 65534")
        for port in (arguments.port, arguments.port + 1):
            if not port_is_free(port):
                parser.error(f"port {port} on loopback is in use, or not ours to take")
    ending.unwind_on_signals()
    try:
        show(arguments.port, arguments.once)
    except ending.Stopped as stopped:
        print("\n==> Stopped; everything is removed again", flush=True)
        sys.exit(128 + stopped.number)
    except (Wrong, AssertionError, unittest.SkipTest) as problem:
        print(f"\ndemo: {problem}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
