#!/usr/bin/env python3
"""Does the session bridge work with its real counterparts?

Tokens of the provider made with jose, Socket.IO servers that verify castgate's access tokens with
jose or ask castgate, and pages in Chromium; castgate is behind a real web server.
"""

import json
import pathlib
import subprocess
import sys
import time
import unittest
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import bridge, browser, node, suite
from harness.audit import AuditLog
from harness.bridge import Browser
from harness.case_file import Keys
from harness.key_server import Authority, KeyServer, http
from harness.mount_apache import ApacheFcgid, ApacheWithPages, ApacheWithPagesTls
from harness.mount_socket import OwnSocket
from harness.site import Site
from harness.socket_server import SocketClient, SocketServer
from harness.system import Description, System
from harness.tokens import hmac_token
from harness.waiting import PATIENCE_SECONDS

HERE = pathlib.Path(__file__).resolve().parent
PATHS = ("/api/auth/session/bridge", "/api/auth/session/refresh", "/api/auth/session/logout",
         "/api/auth/sessions", "/.well-known/jwks.json", "/auth/session")
DESCRIPTION = Description(
    name="bridge", cases=None, template=HERE / "bridge.conf", keys=Keys("", "", None),
    migrations=("supabase",), paths=PATHS)


def values(jwks="https://127.0.0.1:9/keys.json", ca="", keys="", development=""):
    return {"JWKS": jwks, "JWKS_CA": ca, "DEVELOPMENT": development,
            "ACCESS_KEYS": f'access_keys = {{"file:{keys}"}}' if keys else ""}


class Bridge(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        node.program()
        cls.system = suite.enter_for_class(cls, System(DESCRIPTION, values=values()))
        cls.db, cls.site, cls.scratch = cls.system.db, cls.system.site, cls.system.scratch

    def sign_in(self, mount, user="7"):
        """A browser with its session, and its access token."""
        browser = Browser(mount)
        reply = browser.bridge(bridge.provider_token(user), [])
        self.assertEqual(reply.status, 200, reply)
        return browser, json.loads(reply.body)["access_token"]


class SocketIo(Bridge):
    """One castgate that signs with its secret, and one that signs with a key of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        pem = cls.site.path / "access-key.pem"
        cls.site.write_secret(pem, subprocess.run(
            ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
            check=True, capture_output=True, text=True).stdout)
        cls.secret = suite.enter_for_class(cls, OwnSocket(cls.site, cls.scratch))
        site = suite.enter_for_class(cls, Site(cls.scratch, "keys", PATHS))
        site.configure(DESCRIPTION.template, cls.db, **values(keys=pem))
        cls.key = suite.enter_for_class(cls, ApacheFcgid(site, cls.scratch))
        address = f"http://127.0.0.1:{cls.key.port}"
        names = {"issuer": "https://app.example", "audience": "app"}
        cls.servers = {
            "HS256": suite.enter_for_class(
                cls, SocketServer(cls.scratch, "hs256", secret=bridge.OURS, **names)),
            "ES256": suite.enter_for_class(cls, SocketServer(
                cls.scratch, "es256", jwks=f"{address}/.well-known/jwks.json", **names)),
            "asks": suite.enter_for_class(cls, SocketServer(
                cls.scratch, "asks", castgate=f"{address}/auth/session", pollMilliseconds=200))}

    def client(self, server, token):
        return self.enterContext(SocketClient(self.servers[server], token))

    def assert_in(self, server, token, user="7"):
        client = self.client(server, token)
        self.assertEqual(client.hear(), ["connected"])
        client.send("who")
        self.assertEqual(client.hear(), ["answer", user])
        return client

    def assert_refused(self, server, token, code):
        self.assertEqual(self.client(server, token).hear(), ["refused", code])

    def test_access_tokens_open_connections(self):
        self.assert_in("HS256", self.sign_in(self.secret)[1])
        access = self.sign_in(self.key, "41")[1]
        self.assert_in("ES256", access, "41")
        self.assert_in("asks", access, "41")

    def test_a_refreshed_token_opens_connections_too(self):
        browser, _ = self.sign_in(self.key)
        self.assert_in("ES256", json.loads(browser.refresh([]).body)["access_token"])

    def test_other_tokens_do_not(self):
        ours = {"iss": "https://app.example", "aud": "app", "sid": "0" * 32}
        signature = "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"
        for server, token, code in (
                ("HS256", hmac_token(bridge.OURS, **ours, exp=int(time.time()) - 60),
                 "ERR_JWT_EXPIRED"),
                ("HS256", hmac_token(bridge.OURS, **{**ours, "aud": "other"}),
                 "ERR_JWT_CLAIM_VALIDATION_FAILED"),
                ("HS256", hmac_token(bridge.OURS + "x", **ours), signature),
                ("HS256", bridge.provider_token(), signature),
                ("HS256", self.sign_in(self.key)[1], "ERR_JOSE_ALG_NOT_ALLOWED"),
                ("ES256", self.sign_in(self.secret)[1], "ERR_JOSE_ALG_NOT_ALLOWED"),
                ("ES256", "", "ERR_JWS_INVALID"),
                ("asks", hmac_token(bridge.OURS, **ours), "STATUS_401"),
                ("asks", bridge.provider_token(), "STATUS_401"),
                ("asks", "x", "STATUS_401")):
            with self.subTest(server=server, code=code):
                self.assert_refused(server, token, code)

    def test_a_connection_ends_with_its_session(self):
        browser, access = self.sign_in(self.key)
        other = self.sign_in(self.key)[1]
        client, bystander = self.assert_in("asks", access), self.assert_in("asks", other)
        self.assertEqual(browser.logout([]).status, 200)
        self.assertEqual(client.hear(), ["disconnected", "io server disconnect"])
        bystander.send("who")
        self.assertEqual(bystander.hear(), ["answer", "7"])
        self.assert_refused("asks", access, "STATUS_401")

    def test_an_outage_ends_no_connection(self):
        access = self.sign_in(self.key)[1]
        client = self.assert_in("asks", access)
        self.db.execute("RENAME TABLE user_sessions TO away")
        self.addCleanup(self.db.execute, "RENAME TABLE IF EXISTS away TO user_sessions")
        self.assert_refused("asks", access, "STATUS_503")
        client.send("who")
        self.assertEqual(client.hear(), ["answer", "7"])
        self.db.execute("RENAME TABLE away TO user_sessions")
        self.assert_in("asks", access)


class Providers(Bridge):
    """Tokens as a provider's own library makes them, and a key server that misbehaves."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = cls.scratch.directory("provider")
        cls.authority = Authority(folder)
        cls.files = cls.authority.issue("server", "IP:127.0.0.1")
        cls.made = cls.mint(folder)

    @classmethod
    def mint(cls, folder):
        rows = {"HS256": ("HS256", None, {}), "ES256": ("ES256", "first", {}),
                "RS256": ("RS256", "second", {}), "next": ("ES256", "third", {}),
                "planted": ("ES256", "first", {"kid": "second"}),
                "anonymous": ("ES256", "first", {}), "expired": ("ES256", "first", {}),
                **{f"made up {number}": ("ES256", "third", {"kid": f"made-up-{number}"})
                   for number in range(20)}}
        more = {"anonymous": {"is_anonymous": True}, "expired": {"exp": int(time.time()) - 60}}
        now = int(time.time())
        request = {
            "secret": bridge.SECRET,
            "keys": [{"kid": "first", "alg": "ES256"}, {"kid": "second", "alg": "RS256"},
                     {"kid": "third", "alg": "ES256"}],
            "tokens": {name: {
                "alg": alg, "kid": kid, "header": {**({"kid": kid} if kid else {}), **header},
                "claims": {**bridge.CLAIMS, "sub": "7", "session_id": str(uuid.uuid4()), "iat": now,
                           "exp": now + 3600, "is_anonymous": False, **more.get(name, {})}}
                       for name, (alg, kid, header) in rows.items()}}
        done = subprocess.run(
            [node.program(), HERE / "provider.js"], input=json.dumps(request), text=True,
            capture_output=True, env=node.environment(), timeout=PATIENCE_SECONDS)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def serve(self, reply, mute=False):
        """A castgate that starts now, and a key server that behaves so."""
        self.server = KeyServer(self.files, reply)
        self.server.mute = mute
        self.server.__enter__()
        self.addCleanup(self.server.__exit__)
        site = self.enterContext(Site(self.scratch, f"site-{uuid.uuid4()}"))
        site.configure(DESCRIPTION.template, self.db, **values(
            self.server.url(), f'jwks_ca = "{self.authority.certificate}"'))
        self.mount = self.enterContext(OwnSocket(site, self.scratch, workers=4))
        self.log = AuditLog(site)

    def keys(self, *kids):
        return http(json.dumps({"keys": [self.made["keys"][kid] for kid in kids]}).encode())

    def bridge(self, name):
        """Status and reason."""
        reply = Browser(self.mount).bridge(self.made["tokens"][name], [])
        if reply.status != 200:
            self.assertEqual(reply.values("Set-Cookie"), [])
        return reply.status, self.log.reasons()[-1]

    def test_each_algorithm_signs_in(self):
        self.serve(self.keys("first", "second"))
        for name in ("HS256", "ES256", "RS256"):
            self.assertEqual(self.bridge(name), (200, "allowed"), name)
        self.assertEqual(self.bridge("anonymous"), (401, "claim_mismatch"))
        self.assertEqual(self.bridge("expired"), (401, "token_expired"))
        self.assertEqual(self.bridge("planted")[0], 401)
        self.assertEqual(self.server.asked(), 1)

    def test_a_set_is_replaced(self):
        """Within the cool-down a key stays unknown; castgate's own tests let time pass."""
        self.serve(self.keys("first", "second"))
        self.assertEqual(self.bridge("next"), (401, "key_unknown"))
        self.serve(self.keys("third"))
        self.assertEqual(self.bridge("next"), (200, "allowed"))
        self.assertEqual(self.bridge("ES256"), (401, "key_unknown"))

    def test_made_up_keys_cost_one_fetch(self):
        self.serve(self.keys("first", "second"))
        for number in range(20):
            self.assertEqual(self.bridge(f"made up {number}"), (401, "key_unknown"))
        self.assertEqual(self.server.asked(), 1)
        self.assertEqual(self.bridge("RS256"), (200, "allowed"))

    def test_a_server_that_cannot_be_believed_is_an_outage(self):
        elsewhere = KeyServer(self.files, self.keys("first"))
        with elsewhere:
            for reply in (http(b"", "302 Found", [f"Location: {elsewhere.url()}"]), http(b"{"),
                          http(b"<html>"), http(b"{}", "404 Not Found"), http(b"", length=1000)):
                with self.subTest(reply[:40]):
                    self.serve(reply)
                    self.assertEqual(self.bridge("ES256"), (503, "key_set_unavailable"))
                    self.assertEqual(self.bridge("HS256"), (200, "allowed"))
            self.assertEqual(elsewhere.asked(), 0)

    def test_a_silent_server_is_an_outage(self):
        self.serve(b"", mute=True)
        self.assertEqual(self.bridge("ES256"), (503, "key_set_unavailable"))
        self.assertEqual(self.bridge("RS256"), (503, "key_set_unavailable"))
        self.assertEqual(self.server.asked(), 1, "not asked again at once")
        self.assertEqual(self.bridge("HS256"), (200, "allowed"))


class Pages(Bridge):
    """A front end on localhost, where cookies have their plain names, and pages that mean no good."""

    FETCH = ("const ask = (path, headers) => fetch(path, {method: 'POST', headers, "
             "credentials: 'include', mode: arguments[1] || 'cors'});")
    STATUS = FETCH + "return ask(arguments[0], arguments[2] || {}).then((reply) => reply.status)"
    COOKIES = {"castgate_session": ("/", False), "castgate_refresh": ("/api/auth/session", False)}
    values = values(development='development = true\ndevelopment_clients = {"127.0.0.1"}')
    scheme = "http"
    mount = ApacheWithPages

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.system.configure(**cls.values)
        cls.site.publish_text("page.html", "<!doctype html><title>A page</title><p>A page.")
        attributes = cls.mount_attributes()
        own, other = (
            suite.enter_for_class(cls, type(name, (cls.mount,), {"name": name, **attributes})(
                cls.site, cls.scratch)) for name in ("own", "of-somebody-else"))
        cls.address = f"{cls.scheme}://localhost:{own.port}"
        # a host beside ours, to which the cookies belong as well, and another site
        cls.beside, cls.elsewhere = (f"{cls.scheme}://{host}:{other.port}/page.html"
                                     for host in ("localhost", "127.0.0.1"))
        cls.browser = suite.enter_for_class(cls, browser.Browser(cls.scratch))

    @classmethod
    def mount_attributes(cls):
        return {}

    def setUp(self):
        self.token = bridge.provider_token(str(uuid.uuid4()))
        self.tabs = [self.open(f"{self.address}/page.html") for _ in range(2)]
        reply = self.tabs[0].run(
            self.FETCH + "return ask('/api/auth/session/bridge', {authorization: arguments[0]})"
            ".then((reply) => reply.json())", f"Bearer {self.token}", "same-origin")
        self.assertIs(reply["success"], True)
        self.session = reply["session"]["id"]
        self.log = AuditLog(self.site)

    def open(self, address):
        window = self.browser.open(address)
        self.addCleanup(window.close)
        return window

    def post(self, window, path):
        return window.run(self.STATUS, path)

    def who(self, window):
        return window.run("return fetch('/auth/session').then((reply) => reply.status)")

    def column(self, name):
        return self.db.value(f"SELECT {name} FROM user_sessions WHERE id = '{self.session}'")

    def test_the_cookies_are_kept_from_scripts(self):
        # the refresh cookie is the browser's own to send, and only below its path
        tab = self.open(f"{self.address}{PATHS[1]}")
        self.assertEqual(
            {cookie["name"]: (cookie["path"], cookie["secure"]) for cookie in tab.cookies()},
            self.COOKIES)
        for cookie in tab.cookies():
            self.assertIs(cookie["httpOnly"], True, cookie)
        self.assertEqual(tab.run("return document.cookie"), "")

    def test_two_tabs_refresh_at_once(self):
        self.assertEqual([self.who(tab) for tab in self.tabs], [200, 200])
        for tab in self.tabs:
            tab.run("window.refreshed = new Promise((resolve) => {"
                    " const go = new BroadcastChannel('go');"
                    " go.onmessage = () => resolve(fetch('/api/auth/session/refresh',"
                    "  {method: 'POST'}).then((reply) => reply.status)); })")
        self.open(f"{self.address}/page.html").run("new BroadcastChannel('go').postMessage(1)")
        self.assertEqual([tab.run("return window.refreshed") for tab in self.tabs], [200, 200])
        # one rotation, or two where the later tab already had the earlier one's cookie
        self.assertIn(self.column("refresh_generation"), ("2", "3"))
        self.assertEqual([self.who(tab) for tab in self.tabs], [200, 200])
        self.assertEqual(self.post(self.tabs[1], "/api/auth/session/refresh"), 200)

    def test_logging_out_counts_in_both_tabs(self):
        self.assertEqual(self.post(self.tabs[0], "/api/auth/session/logout"), 200)
        self.assertEqual([self.who(tab) for tab in self.tabs], [401, 401])
        self.assertEqual(self.post(self.tabs[1], "/api/auth/session/refresh"), 401)
        self.assertEqual(self.column("revoke_reason"), "logout")

    def test_pages_of_others_can_do_nothing(self):
        for address, cookies_come in ((self.beside, True), (self.elsewhere, False)):
            page = self.open(address)
            for path in ("refresh", "logout"):
                self.log.decisions(0, 0)
                page.run(self.STATUS, f"{self.address}/api/auth/session/{path}", "no-cors")
                reason, = self.log.reasons()
                self.assertEqual(reason, "cross_site_request"
                                 if cookies_come or path == "logout" else "credential_missing")
            # a form, whose reply the browser would take cookies from
            page.run("const form = document.createElement('form'); form.method = 'post';"
                     "form.action = arguments[0]; const field = document.createElement('input');"
                     "field.name = 'access_token'; field.value = arguments[1]; form.append(field);"
                     "document.body.append(form); form.submit()",
                     f"{self.address}/api/auth/session/bridge", bridge.provider_token("mallory"))
            self.assertEqual(self.log.reasons(), ["cross_site_request"])
        self.assertEqual(self.column("refresh_generation"), "1")
        self.assertIsNone(self.column("revoked_at"))
        self.assertEqual([self.who(tab) for tab in self.tabs], [200, 200])


class PagesOverTls(Pages):
    """The same as in production: cookies whose names a browser only takes over TLS, with Secure."""

    COOKIES = {bridge.COOKIE: ("/", True), bridge.REFRESH: ("/api/auth/session", True)}
    values = values()
    scheme = "https"
    mount = ApacheWithPagesTls

    @classmethod
    def mount_attributes(cls):
        authority = Authority(cls.scratch.directory("authority"))
        return {"tls": authority.issue("server", "DNS:localhost,IP:127.0.0.1")}


if __name__ == "__main__":
    suite.main()
