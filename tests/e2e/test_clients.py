#!/usr/bin/env python3
"""Do the clients people use work with castgate?

pusher-js and Laravel Echo in Chromium, with a real web server and database, before a WebSocket
server that checks each signature with the official library.
"""

import base64
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import node, suite
from harness.audit import AuditLog
from harness.browser import Browser
from harness.laravel import ALICE, KEYS, Laravel
from harness.mount_apache import ApacheWithPages
from harness.mount_lighttpd import LighttpdWithPages
from harness.ports import free_port
from harness.pusher_server import PusherServer

HERE = pathlib.Path(__file__).resolve().parent
# Of the packages, what a page loads.
SCRIPTS = ("pusher-js/dist/web/pusher-with-encryption.min.js",
           "pusher-js/dist/worker/pusher.worker.min.js", "laravel-echo/dist/echo.iife.js",
           "pusher-js-auth/lib/pusher-auth.js", "pusher-js-7/dist/web/pusher.min.js")

ZOE = "11|zoe-plain"
CHAT = "private-chat.6.conversation.123"
OTHERS_CHAT = "private-chat.6.conversation.125"
COMPANY = "presence-company.6"
DESK = "private-desk.6"
UNAUTHORIZED = 4009


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


class Stage:
    """What all cases use, once: site, web servers, both WebSocket servers, and the browser."""

    def __init__(self):
        enter = suite.enter_for_module
        scripts = [node.package(script) for script in SCRIPTS]
        laravel = enter(Laravel("e2e", HERE / "castgate.conf", values={"ORIGIN": "http://[::1]"}))
        self.site, scratch = laravel.site, laravel.scratch
        self.site.publish(*scripts, *(HERE / name for name in (
            "page.html", "batch.html", "page.js", "worker.js")))
        listed = free_port()
        laravel.configure(ORIGIN=f"http://127.0.0.1:{listed}")
        self.apache = enter(ApacheWithPages(self.site, scratch))
        self.lighttpd = enter(LighttpdWithPages(self.site, scratch, listed))
        self.reverb = enter(PusherServer(
            scratch, KEYS.key, KEYS.secret, name="reverb",
            master_key=base64.b64encode(KEYS.master_key).decode()))
        self.soketi = enter(PusherServer(scratch, KEYS.key, KEYS.secret, name="soketi",
                                         signs_private_data=False))
        self.browser = enter(Browser(scratch))


def setUpModule():
    InABrowser.stage = Stage()


class InABrowser(unittest.TestCase):
    """Each case opens windows of its own."""

    stage = None

    def setUp(self):
        self.log = AuditLog(self.stage.site)

    def window(self, page="page.html", host="127.0.0.1", server=None):
        port = (server or self.stage.apache).port
        window = self.stage.browser.open(f"http://{host}:{port}/{page}")
        self.addCleanup(window.close)
        return window

    def connect(self, window, token, server=None, **more):
        """A client of pusher-js in the window, as `pusher`."""
        window.run("window.pusher = client(...arguments)", (server or self.stage.reverb).port,
                   bearer(token) if token else {}, more)

    def outcome(self, window, channel):
        """What page.js says of a subscription."""
        return window.run("return outcome(pusher, arguments[0])", channel)

    def expect(self, window, target, *events):
        """From now on, take note of the first of these events on a target, some JavaScript."""
        window.run(f"window.expected = first({target}, ...arguments)", *events)

    def expected(self, window):
        """What came with that event, once it has come."""
        return window.run("return expected")["data"]


class TestPusherJs(InABrowser):
    def test_private_channel_and_its_events(self):
        window = self.window()
        self.connect(window, ALICE)
        self.assertEqual(self.outcome(window, CHAT), "subscribed")
        self.expect(window, f"pusher.channel('{CHAT}')", "message")
        self.stage.reverb.trigger(CHAT, "message", {"text": "grüß dich"})
        self.assertEqual(self.expected(window), {"text": "grüß dich"})

    def test_refusals_are_seen_as_such(self):
        window = self.window()
        for token, channel, status, reason in (
                (ALICE, OTHERS_CHAT, 403, "no_row"),
                (ALICE, "private-nothing.1", 403, "no_rule"),
                ("1|wrong", CHAT, 401, "token_mismatch"),
                (None, CHAT, 401, "credential_missing")):
            with self.subTest(channel=channel, token=token):
                self.connect(window, token)
                self.assertEqual(self.outcome(window, channel), status)
                self.assertEqual(self.log.reasons(), [reason])

    def test_another_app_could_not_have_signed(self):
        """Nothing above shows anything if the WebSocket server lets everybody in."""
        window = self.window()
        self.connect(window, None)
        window.run("""pusher.config.channelAuthorizer = (request, done) =>
                          done(null, {auth: KEY + ':' + 'ab'.repeat(32), shared_secret: 'eA==',
                                      channel_data: '{"user_id":"1"}'})""")
        for channel in (CHAT, COMPANY, DESK, "private-encrypted-x"):
            with self.subTest(channel):
                self.assertEqual(self.outcome(window, channel), UNAUTHORIZED)

    def test_presence_in_two_windows(self):
        alice, zoe = self.window(), self.window()
        self.connect(alice, ALICE)
        self.assertEqual(self.outcome(alice, COMPANY), "subscribed")
        self.expect(alice, f"pusher.channel('{COMPANY}')", "pusher:member_added")
        self.connect(zoe, ZOE)
        self.assertEqual(self.outcome(zoe, COMPANY), "subscribed")
        members = {"1": {"name": "Alice", "role": 'owner/"chief"'},
                   "2": {"name": "Zoë/é", "role": "Gäst 😀"}}
        self.assertEqual(self.expected(alice), {"id": "2", "info": members["2"]})
        for window, me in ((alice, "1"), (zoe, "2")):
            seen = window.run("const all = pusher.channel(arguments[0]).members;"
                              "return {members: all.members, me: all.myID}", COMPANY)
            self.assertEqual(seen, {"members": members, "me": me})
        self.expect(zoe, f"pusher.channel('{COMPANY}')", "client-typing")
        alice.run("pusher.channel(arguments[0]).trigger('client-typing', {letters: 3})", COMPANY)
        self.assertEqual(self.expected(zoe), {"letters": 3})
        self.expect(alice, f"pusher.channel('{COMPANY}')", "pusher:member_removed")
        zoe.run("pusher.disconnect()")
        self.assertEqual(self.expected(alice)["id"], "2")

    def test_encrypted_channel(self):
        channel = "private-encrypted-chat.6.conversation.123"
        window = self.window()
        self.connect(window, ALICE)
        self.assertEqual(self.outcome(window, channel), "subscribed")
        # As it travels, and as the page gets it.
        window.run("""window.travelled = new Promise(resolve => pusher.connection.bind('message',
                          message => message.event === 'secret' && resolve(message.data)))""")
        self.expect(window, f"pusher.channel('{channel}')", "secret")
        self.stage.reverb.trigger(channel, "secret", {"text": "for us"})
        self.assertEqual(self.expected(window), {"text": "for us"})
        self.assertEqual(sorted(window.run("return travelled")), ["ciphertext", "nonce"])

    def test_cache_channels(self):
        for channel in ("private-cache-chat.6.conversation.123", "presence-cache-company.6"):
            with self.subTest(channel):
                first, second = self.window(), self.window()
                self.connect(first, ALICE)
                self.expect(first, f"pusher.subscribe('{channel}')", "pusher:cache_miss", "news")
                self.assertIsNone(self.expected(first))
                self.stage.reverb.trigger(channel, "news", [1, 2])
                self.connect(second, ALICE)
                self.expect(second, f"pusher.subscribe('{channel}')", "pusher:cache_miss", "news")
                self.assertEqual(self.expected(second), [1, 2])

    def test_both_conventions_for_data_on_a_private_channel(self):
        window = self.window()
        for verifier, endpoint, wanted in (
                (self.stage.reverb, "/broadcasting/auth", "subscribed"),
                (self.stage.soketi, "/api/broadcasting/auth", "subscribed"),
                (self.stage.reverb, "/api/broadcasting/auth", UNAUTHORIZED),
                (self.stage.soketi, "/broadcasting/auth", UNAUTHORIZED)):
            with self.subTest(endpoint=endpoint, wanted=wanted):
                self.connect(window, ALICE, verifier, channelAuthorization={
                    "transport": "ajax", "endpoint": endpoint, "headers": bearer(ALICE)})
                self.assertEqual(self.outcome(window, DESK), wanted)

    def test_signed_in_user(self):
        window = self.window()
        self.connect(window, ALICE)
        self.assertEqual(
            window.run("const user = pusher.user; pusher.signin(); await user.signinDonePromise;"
                       "await first(user.serverToUserChannel, 'pusher:subscription_succeeded');"
                       "return user.user_data"), {"id": "1", "name": "Alice"})
        self.expect(window, "pusher.user", "notice")
        self.stage.reverb.trigger("#server-to-user-1", "notice", "for Alice")
        self.assertEqual(self.expected(window), "for Alice")

    def test_user_who_cannot_sign_in(self):
        window = self.window()
        self.connect(window, "1|wrong")
        self.expect(window, "pusher.user", "pusher:signin_error")
        window.run("pusher.signin()")
        self.assertEqual(self.expected(window)["status"], 401)

    def test_content_type_twice(self):
        """An application that sets it sends both, as XMLHttpRequest has it, before a form."""
        window = self.window()
        window.forget_requests()
        headers = {**bearer(ALICE), "Content-Type": "application/json"}
        self.connect(window, ALICE, channelAuthorization={
            "transport": "ajax", "endpoint": "/broadcasting/auth", "headers": headers})
        self.assertEqual(self.outcome(window, CHAT), "subscribed")
        asked, = window.requests("/broadcasting/auth")
        self.assertEqual(asked["headers"]["Content-Type"],
                         "application/x-www-form-urlencoded, application/json")

    def test_in_a_worker(self):
        window = self.window()
        for channel, wanted in ((CHAT, "subscribed"), (OTHERS_CHAT, 403)):
            with self.subTest(channel):
                task = {"wsPort": self.stage.reverb.port, "headers": bearer(ALICE),
                        "channel": channel}
                self.assertEqual(window.run("return inWorker(arguments[0])", task), wanted)


class TestBatch(InABrowser):
    def test_one_request_for_all_channels(self):
        window = self.window("batch.html")
        window.run("window.pusher = new Pusher(KEY, {...server(arguments[0]),"
                   " authorizer: PusherBatchAuthorizer, authEndpoint: '/broadcasting/auth',"
                   " auth: {headers: arguments[1]}})",
                   self.stage.reverb.port, bearer(ALICE))
        # The plugin passes no status on.
        self.assertEqual(
            window.run("return Promise.all(arguments[0].map((name) => outcome(pusher, name)))",
                       [CHAT, OTHERS_CHAT, COMPANY]), ["subscribed", None, "subscribed"])
        decisions = self.log.decisions(3)
        self.assertEqual(sorted(line["event.reason"] for line in decisions),
                         ["allowed", "allowed", "no_row"])
        self.assertEqual(len({line["http.request.id"] for line in decisions}), 1)


class TestOtherOrigins(InABrowser):
    """Pages not from the server they ask. The Authorization header makes the browser ask first."""

    def outcome_at(self, window, channel):
        # Beside the token, what Laravel's own JavaScript sends along.
        headers = {**bearer(ALICE), "X-CSRF-TOKEN": "x", "X-Requested-With": "XMLHttpRequest"}
        self.connect(window, ALICE, channelAuthorization={
            "transport": "ajax", "headers": headers,
            "endpoint": f"http://127.0.0.1:{self.stage.apache.port}/broadcasting/auth"})
        return self.outcome(window, channel)

    def test_listed(self):
        window = self.window(server=self.stage.lighttpd)
        self.assertEqual(self.outcome_at(window, CHAT), "subscribed")
        self.assertEqual(self.outcome_at(window, OTHERS_CHAT), 403)

    def test_not_listed(self):
        """The browser keeps every answer from such a page, a refusal as well."""
        window = self.window(host="localhost")
        self.assertEqual(self.outcome_at(window, CHAT), 0)
        self.assertEqual(self.outcome_at(window, OTHERS_CHAT), 0)


class TestCookies(InABrowser):
    """A cookie goes along with every request to its host, whichever page makes it."""

    # Any page may send this; in the mode "no-cors", without asking first and without an answer.
    ASK = """const body = new URLSearchParams({socket_id: '1.2', channel_name: arguments[1]});
             const reply = await fetch(arguments[0] + '/broadcasting/auth',
                 {method: 'POST', credentials: 'include', mode: arguments[2], body});
             return reply.status"""

    def setUp(self):
        super().setUp()
        self.home = self.window()
        self.home.run("document.cookie = 'chat_session=alice-plain; path=/'")
        self.addCleanup(self.home.run, "document.cookie = 'chat_session=; max-age=0; path=/'")

    def ask(self, window, mode):
        return window.run(self.ASK, f"http://127.0.0.1:{self.stage.apache.port}", CHAT, mode)

    def test_own_page(self):
        self.connect(self.home, None)
        self.assertEqual(self.outcome(self.home, CHAT), "subscribed")
        self.assertEqual(self.outcome(self.home, OTHERS_CHAT), 403)

    def test_listed_page(self):
        window = self.window(server=self.stage.lighttpd)
        self.assertEqual(self.ask(window, "cors"), 200)

    def test_page_of_another_site(self):
        # In no list: what the WebSocket server answers to plain requests.
        window = self.window(page="", server=self.stage.reverb)
        self.assertEqual(self.ask(window, "no-cors"), 0)
        line, = self.log.decisions()
        self.assertEqual((line["event.reason"], line["http.response.status_code"]),
                         ("cross_site_request", 403))


class TestEcho(InABrowser):
    """Laravel Echo as an application sets it up, with a bearer token; here behind lighttpd."""

    def echo(self, token):
        window = self.window(server=self.stage.lighttpd)
        window.run("window.echo = new Echo.default({...server(arguments[0]), broadcaster: 'reverb',"
                   " key: KEY, bearerToken: arguments[1]})", self.stage.reverb.port, token)
        return window

    def test_private(self):
        window = self.echo(ALICE)
        window.run("""const chat = echo.private('chat.6.conversation.123');
                      window.heard = new Promise((resolve) => chat.listen('.message', resolve));
                      return new Promise((resolve) => chat.subscribed(resolve))""")
        self.stage.reverb.trigger(CHAT, "message", {"text": "hello"})
        self.assertEqual(window.run("return heard"), {"text": "hello"})

    def test_encrypted(self):
        window = self.echo(ALICE)
        window.run("""const chat = echo.encryptedPrivate('chat.6.conversation.123');
                      window.heard = new Promise((resolve) => chat.listen('.message', resolve));
                      return new Promise((resolve) => chat.subscribed(resolve))""")
        self.stage.reverb.trigger("private-encrypted-chat.6.conversation.123", "message",
                                  {"text": "hush"})
        self.assertEqual(window.run("return heard"), {"text": "hush"})

    def test_refused(self):
        window = self.echo(ALICE)
        refusal = window.run("return new Promise((resolve) =>"
                             " echo.private('chat.6.conversation.125').error(resolve))")
        self.assertEqual(refusal["status"], 403)

    def test_presence(self):
        join = """window.company = echo.join('company.6');
                  return new Promise((resolve) => company.here(resolve))"""
        alice = self.echo(ALICE)
        self.assertEqual([one["name"] for one in alice.run(join)], ["Alice"])
        alice.run("window.joined = new Promise((resolve) => company.joining(resolve));"
                  "window.left = new Promise((resolve) => company.leaving(resolve));"
                  "window.whispered = new Promise((r) => company.listenForWhisper('typing', r))")
        zoe = self.echo(ZOE)
        self.assertEqual([one["name"] for one in zoe.run(join)], ["Alice", "Zoë/é"])
        self.assertEqual(alice.run("return joined")["role"], "Gäst 😀")
        zoe.run("company.whisper('typing', {letters: 2})")
        self.assertEqual(alice.run("return whispered"), {"letters": 2})
        zoe.run("echo.leave('company.6')")
        self.assertEqual(alice.run("return left")["name"], "Zoë/é")

    def test_signed_in_user(self):
        window = self.echo(ZOE)
        self.assertEqual(
            window.run("echo.connector.signin(); const pusher = echo.connector.pusher;"
                       "await pusher.user.signinDonePromise; return pusher.user.user_data"),
            {"id": "2", "name": "Zoë/é"})


if __name__ == "__main__":
    suite.main()
