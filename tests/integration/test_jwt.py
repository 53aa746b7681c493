"""Are tokens of another issuer judged by its key set, wherever that is, however its server behaves?"""

import concurrent.futures
import json
import os
import pathlib
import pwd
import re
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import suite
from harness.audit import AuditLog
from harness.copied_file import filled
from harness.exchange import Request, subscription
from harness.key_server import Authority, KeyServer, http
from harness.mount_cgi import DirectCgi, cgi_environment
from harness.mount_socket import OwnSocket, Sandboxed
from harness.scratch import Scratch
from harness.site import Site
from harness.tokens import EcKey, key_set
from harness.waiting import wait_until

TEMPLATE = pathlib.Path(__file__).resolve().parent / "jwt.conf"
CLAIMS = {"iss": "https://issuer.example", "aud": "chat"}
AGE, COOL_DOWN, DAY = 600, 30, 24 * 60 * 60


class Tokens(unittest.TestCase):
    """A site whose only credential is a JWT, and a key server that it trusts."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = suite.enter_for_class(cls, Scratch("jwt"))
        cls.site = suite.enter_for_class(cls, Site(cls.scratch))
        cls.folder = cls.scratch.directory("issuer")
        cls.authority = Authority(cls.folder)
        cls.files = cls.authority.issue("server", "IP:127.0.0.1,DNS:localhost")
        cls.first, cls.second = (EcKey(cls.folder, kid) for kid in ("first", "second"))
        cls.cgi = suite.enter_for_class(cls, DirectCgi(cls.site))

    def setUp(self):
        for path in self.site.state.glob("jwks-*"):
            path.unlink()
        self.server = KeyServer(self.files, http(key_set(self.first)))
        self.server.__enter__()
        self.addCleanup(self.server.__exit__)
        self.configure()

    def configure(self, location=None, ca=None):
        """`ca` False: none is named."""
        authority = self.authority.certificate if ca is None else ca
        self.site.write_secret(self.site.config, filled(TEMPLATE, {
            "LOG": self.site.log, "STATE": self.site.state,
            "JWKS": location or self.server.url(),
            "JWKS_CA": f'jwks_ca = "{authority}"' if authority else ""}))

    def start(self, kind=OwnSocket, **options):
        mount = kind(self.site, self.scratch, **options)
        mount.__enter__()
        self.addCleanup(mount.__exit__, None, None, None)
        return mount

    def ask(self, token, channel="private-user.7", mount=None, silent=False):
        """Status, reason and the log's line for one request. A fetch has a second and a half: unless the server
        is silent, one that a busy machine held up for longer counts as none."""
        log = AuditLog(self.site)

        def asked():
            connections = self.server.connections
            reply = (mount or self.cgi).send(subscription(channel, token))
            line = log.decision_of(reply)
            if silent or "did not answer in time" not in str(line):
                return reply.status, line["event.reason"], line
            self.let_pass(COOL_DOWN + 1)
            self.server.connections = connections
            return None

        return wait_until(asked, "the key server never answers in time")

    def asserts(self, token, status, reason, **more):
        found = self.ask(token, **more)
        self.assertEqual(found[:2], (status, reason), found[2])
        return found[2]

    def state(self, ending):
        (path,) = self.site.state.glob(f"jwks-*.{ending}")
        return path

    def let_pass(self, seconds):
        """Make what castgate wrote down so much older."""
        for ending, words in (("json", r"\Afetched (\d+)\n"), ("lock", r"\A(?:good|bad ) (\d+) *\n")):
            paths = list(self.site.state.glob(f"jwks-*.{ending}"))
            for path in paths:
                text = path.read_text()
                number = re.search(words, text)
                self.assertTrue(number, text)
                older = str(int(number.group(1)) - seconds)
                path.write_text(text[:number.start(1)] + older + text[number.end(1):])


class Claims(Tokens):
    """What a token says, with a key set in a file: no network, no database."""

    def setUp(self):
        super().setUp()
        self.keys = self.folder / "keys.json"
        self.write_keys(self.first)
        self.configure(self.keys, ca=False)

    def write_keys(self, *keys, mode=0o644):
        new = self.keys.with_suffix(".new")
        new.write_bytes(key_set(*keys))
        new.chmod(mode)
        new.rename(self.keys)

    def test_the_subject_and_mapped_claims_are_the_identity(self):
        token = self.first.token(**CLAIMS, app={"org": "acme"}, jti="token-17")
        line = self.asserts(token, 200, "allowed")
        self.assertIn("token-17", str(line))
        self.asserts(token, 200, "allowed", channel="private-org.acme")
        self.asserts(token, 403, "template_mismatch", channel="private-user.8")
        self.asserts(token, 403, "template_mismatch", channel="private-org.acme2")
        self.asserts(self.first.token(**CLAIMS, app={"org": 12}), 200, "allowed",
                     channel="private-org.12")
        for org in ({}, {"org": None}, {"org": True}, {"org": ["acme"]}, {"org": 1.5}):
            with self.subTest(org=org):
                self.asserts(self.first.token(**CLAIMS, app=org), 403, "value_missing",
                             channel="private-org.acme")

    def test_the_session_ends_with_the_token(self):
        for end, shown in ((4102444800, "2100-01-01T00:00:00.000Z"),
                           (4102444800.5, "2100-01-01T00:00:00.500Z"), (2**62, None)):
            token = self.first.token(**CLAIMS, exp=end, app={"org": 12}, jti="token-17")
            reply = self.cgi.send(Request("GET", "/auth/session", [("Authorization", f"Bearer {token}")]))
            self.assertEqual(reply.status, 200, reply)
            session = {"id": "token-17", **({"expiresAt": shown} if shown else {})}
            self.assertEqual(json.loads(reply.body),
                             {"user": {"id": "7", "org": 12}, "session": session})
        reply = self.cgi.send(Request("GET", "/auth/session"))
        self.assertEqual(reply.status, 401, reply)

    def test_a_cookie_is_not_taken_from_another_site(self):
        token = self.first.token(**CLAIMS, role="member")
        foreign = [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")]
        for place, more, status, reason in (
                (("Cookie", f"jwt={token}"), [], 200, "allowed"),
                (("Cookie", f"jwt={token}"), foreign, 403, "cross_site_request"),
                (("X-Token", token), foreign, 200, "allowed")):
            with self.subTest(place=place[0], more=more):
                log = AuditLog(self.site)
                reply = self.cgi.send(subscription("private-user.7", target="/member/auth",
                                                   headers=[place, *more]))
                self.assertEqual((reply.status, log.decision_of(reply)["event.reason"]),
                                 (status, reason))

    def test_a_role_is_demanded_where_one_is_configured(self):
        for claims, status in (({"role": "member"}, 200), ({"role": "anon"}, 401), ({}, 401),
                               ({"role": ["member"]}, 401)):
            with self.subTest(claims):
                token = self.first.token(**CLAIMS, **claims)
                reply = self.cgi.send(subscription("private-user.7", target="/member/auth",
                                                   headers=[("X-Token", token)]))
                self.assertEqual(reply.status, status)

    def test_each_refusal_has_its_reason(self):
        now = int(time.time())
        rows = [
            (None, "credential_missing", {}),
            ("not.a.token", "credential_malformed", {}),
            ("1|sanctum", "credential_malformed", {}),
            ("a" * 9000, "credential_malformed", {}),
            (self.first.token(), "claim_missing", {}),
            (self.first.token(**{**CLAIMS, "iss": "https://other.example"}), "claim_mismatch", {}),
            (self.first.token(**{**CLAIMS, "aud": ["other"]}), "claim_mismatch", {}),
            (self.first.token(**CLAIMS, exp=now - 60), "token_expired", {}),
            (self.first.token(**CLAIMS, exp=None), "claim_missing", {}),
            (self.first.token(**CLAIMS, sub=None), "claim_missing", {}),
            (self.first.token(**CLAIMS, sub=7), "claim_mismatch", {}),
            (self.first.token(**CLAIMS, nbf=now + 500), "token_not_yet_valid", {}),
            (self.first.token({"alg": "none"}, **CLAIMS), "credential_malformed", {}),
            (self.first.token({"alg": "HS256"}, **CLAIMS), "algorithm_not_allowed", {}),
            (self.first.token({"alg": "ES384"}, **CLAIMS), "algorithm_not_allowed", {}),
            (self.first.token({"crit": ["exp"]}, **CLAIMS), "credential_malformed", {}),
            (self.first.token({"jwk": self.first.jwk()}, **CLAIMS), "credential_malformed", {}),
            (self.first.token({"kid": "first "}, **CLAIMS), "key_unknown", {}),
            (self.second.token(**CLAIMS), "key_unknown", {}),
            (self.second.token({"kid": "first"}, **CLAIMS), "signature_invalid", {}),
            (self.first.token(**CLAIMS)[:-8] + "AAAAAAAA", "signature_invalid", {}),
        ]
        for number, (token, reason, more) in enumerate(rows):
            with self.subTest(number=number, reason=reason):
                self.asserts(token, 401, reason, **more)

    def test_a_replaced_file_counts_from_the_next_request_on(self):
        mount = self.start()
        self.asserts(self.first.token(**CLAIMS), 200, "allowed", mount=mount)
        self.write_keys(self.second)
        for _ in range(4):
            self.asserts(self.first.token(**CLAIMS), 401, "key_unknown", mount=mount)
            self.asserts(self.second.token(**CLAIMS), 200, "allowed", mount=mount)

    def test_an_unusable_file_is_an_outage_and_a_complaint(self):
        token = self.first.token(**CLAIMS)
        mount = self.start()
        self.asserts(token, 200, "allowed", mount=mount)
        for spoil in (lambda: self.keys.write_text("{"), self.keys.unlink,
                      lambda: self.write_keys(self.first, mode=0o666)):
            spoil()
            self.asserts(token, 503, "key_set_unavailable", mount=mount)
            done = self.site.tool("check")
            self.assertEqual(done.returncode, 1, done)
            self.assertIn("keys.json", done.stderr)
            self.assertIn("error", done.stderr)
        self.write_keys(self.first)
        self.asserts(token, 200, "allowed", mount=mount)
        self.assertEqual(self.site.tool("check").returncode, 0)

    def test_nothing_of_a_token_reaches_the_log(self):
        token = self.first.token(**CLAIMS, secret_claim="canary-in-the-payload")
        for sent in (token, token[:-6], token + "x", self.second.token(**CLAIMS)):
            self.ask(sent)
        self.ask(self.first.token({"kid": "canary-in-the-kid"}, **CLAIMS))
        text = self.site.log_text() + self.cgi.log_text()
        for part in (*token.split("."), "canary", "thisisasecret"):
            self.assertNotIn(part[:40], text)


class Fetching(Tokens):
    def test_one_process_fetches_for_all(self):
        mount = self.start(workers=4)
        self.assertLessEqual(self.server.asked(), 1)  # the check at start is one of the processes
        token = self.first.token(**CLAIMS)
        request = subscription("private-user.7", token)
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            replies = list(pool.map(lambda _: mount.send(request), range(60)))
        self.assertEqual({reply.status for reply in replies}, {200})
        self.asserts(token, 200, "allowed")  # another process, as a CGI program
        self.assertEqual(len(self.server.requests), 1, self.server.requests)
        request = self.server.requests[0]
        self.assertTrue(request.startswith("GET /keys.json?v=1 HTTP/1.0\r\n"), request)
        self.assertIn(f"\r\nHost: 127.0.0.1:{self.server.port}\r\n", request)
        self.assertEqual(self.state("json").stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.state("lock").stat().st_mode & 0o777, 0o600)
        self.assertFalse(list(self.site.state.glob("jwks-*.new")))

    def test_a_flood_of_invented_keys_costs_one_fetch_for_each_cool_down(self):
        mount = self.start(workers=4)
        self.asserts(self.first.token(**CLAIMS), 200, "allowed", mount=mount)
        self.assertEqual(self.server.asked(), 1)
        requests = [subscription("private-user.7", self.first.token({"kid": f"made-up-{i}"}, **CLAIMS))
                    for i in range(24)]
        for fetches in (0, 1, 0):
            with concurrent.futures.ThreadPoolExecutor(12) as pool:
                replies = list(pool.map(mount.send, requests))
            self.assertEqual({reply.status for reply in replies}, {401})
            self.assertEqual(self.server.asked(), fetches)
            if fetches == 0:
                self.let_pass(COOL_DOWN + 1)

    def test_rotation(self):
        mount = self.start()
        self.asserts(self.first.token(**CLAIMS), 200, "allowed", mount=mount)
        self.server.reply = http(key_set(self.first, self.second))
        # what was fetched a moment ago is as new as can be
        self.asserts(self.second.token(**CLAIMS), 401, "key_unknown", mount=mount)
        self.let_pass(COOL_DOWN + 1)
        self.asserts(self.second.token(**CLAIMS), 200, "allowed", mount=mount)
        self.asserts(self.first.token(**CLAIMS), 200, "allowed", mount=mount)
        self.assertEqual(self.server.asked(), 2)
        # a key that was withdrawn is gone after ten minutes at the latest
        self.server.reply = http(key_set(self.second))
        self.let_pass(AGE - 60)
        self.asserts(self.first.token(**CLAIMS), 200, "allowed", mount=mount)
        self.let_pass(60)
        self.asserts(self.first.token(**CLAIMS), 401, "key_unknown", mount=mount)
        self.assertEqual(self.server.asked(), 1)

    def test_a_key_without_an_id_may_be_replaced_too(self):
        nameless, successor = EcKey(self.folder, None), EcKey(self.folder, None)
        self.server.reply = http(key_set(nameless))
        self.asserts(nameless.token(**CLAIMS), 200, "allowed")
        self.server.reply = http(key_set(successor))
        self.asserts(successor.token(**CLAIMS), 401, "signature_invalid")
        self.let_pass(COOL_DOWN + 1)
        self.asserts(successor.token(**CLAIMS), 200, "allowed")
        self.asserts(nameless.token(**CLAIMS), 401, "signature_invalid")
        self.assertEqual(self.server.asked(), 2)

    def test_an_old_set_serves_while_the_server_is_away(self):
        self.asserts(self.first.token(**CLAIMS), 200, "allowed")
        self.server.__exit__()
        self.let_pass(AGE + COOL_DOWN)
        self.asserts(self.first.token(**CLAIMS), 200, "allowed")
        done = self.site.tool("check")
        self.assertEqual(done.returncode, 0, done)
        self.assertRegex(done.stderr, r"warning: .* A key set that is \d+ s old is used\.")
        # nobody knows whether this key exists by now
        self.asserts(self.second.token(**CLAIMS), 503, "key_set_unavailable")
        self.let_pass(COOL_DOWN + 1)
        self.asserts(self.second.token(**CLAIMS), 503, "key_set_unavailable")
        # other faults are seen without the server
        self.asserts(self.first.token(**CLAIMS, exp=1), 401, "token_expired")
        self.asserts(self.first.token(**CLAIMS)[:-8] + "AAAAAAAA", 401, "signature_invalid")
        self.let_pass(DAY)
        self.asserts(self.first.token(**CLAIMS), 503, "key_set_unavailable")
        self.server.__enter__()
        self.asserts(self.first.token(**CLAIMS), 503, "key_set_unavailable")
        self.let_pass(COOL_DOWN + 1)
        self.asserts(self.first.token(**CLAIMS), 200, "allowed")

    def test_without_a_set_a_failure_is_an_outage_and_is_not_repeated_at_once(self):
        keys = key_set(self.first)
        chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(keys), keys)
        rows = {
            "away from its place": (http(b"{}", "404 Not Found"), "status is not 200"),
            "an error page with keys": (http(keys, "500 Oops"), "status is not 200"),
            "no content": (http(b"", "204 No Content"), "status is not 200"),
            "redirect": (http(b"", "302 Found", ["Location: https://127.0.0.1:1/"]), "redirects"),
            "web page": (http(b"<html></html>"), "not JSON"),
            "no keys": (http(b'{"keys":[]}'), "no public key"),
            "huge": (http(keys + b" " * 100000), "too long"),
            "endless header": (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20000, "too long"),
            "cut short": (http(keys, length=len(keys) + 1), "too early"),
            "longer than it says": (http(keys, length=len(keys) - 1), "longer than it says"),
            "chunked": (http(chunked, headers=["Transfer-Encoding: chunked"], length=False),
                        "chunked"),
            "compressed": (http(keys, headers=["Content-Encoding: gzip"]), "compressed"),
            "two lengths": (http(keys, headers=["Content-Length: 1"]), "Content-Length"),
            "another protocol": (b"220 mail.example ESMTP\r\n\r\n", "does not speak HTTP"),
            "nothing": (b"", "too early"),
        }
        token = self.first.token(**CLAIMS)
        for name, (reply, detail) in rows.items():
            with self.subTest(name):
                self.server.reply = reply
                line = self.asserts(token, 503, "key_set_unavailable")
                self.assertIn(detail, str(line))
                for _ in range(3):
                    line = self.asserts(token, 503, "key_set_unavailable")
                    self.assertIn("a moment ago", str(line))
                self.assertEqual(self.server.asked(), 1)
                self.let_pass(COOL_DOWN + 1)

    def test_a_body_may_end_with_the_connection_but_not_by_accident(self):
        self.server.reply = http(key_set(self.first), length=False)
        self.server.abrupt = True
        line = self.asserts(self.first.token(**CLAIMS), 503, "key_set_unavailable")
        self.assertIn("broke the connection off", str(line))
        self.let_pass(COOL_DOWN + 1)
        self.server.abrupt = False
        self.asserts(self.first.token(**CLAIMS), 200, "allowed")

    def test_a_silent_server_holds_one_request_and_not_for_ever(self):
        token = self.first.token(**CLAIMS)
        self.server.reply = http(b"{}")
        mount = self.start(workers=1)
        self.asserts(token, 503, "key_set_unavailable", mount=mount)  # it has started
        self.server.mute = True
        self.let_pass(COOL_DOWN + 1)
        self.server.asked()
        line = self.asserts(token, 503, "key_set_unavailable", mount=mount, silent=True)
        self.assertIn("in time", str(line))
        line = self.asserts(token, 503, "key_set_unavailable", mount=mount)
        self.assertIn("a moment ago", str(line))
        self.assertEqual(self.server.asked(), 1)

    def test_whoever_is_killed_while_fetching_leaves_no_lock(self):
        self.server.mute = True
        request = subscription("private-user.7", self.first.token(**CLAIMS))
        process = subprocess.Popen(
            [self.site.program("castgate.fcgi")], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            env=cgi_environment(request, self.site), cwd="/",
            **self.site.account.popen_options())
        process.stdin.write(request.body)
        process.stdin.flush()
        wait_until(lambda: self.server.connections)
        process.kill()
        process.wait()
        process.stdin.close()
        self.assertEqual(self.server.asked(), 1)
        self.server.mute = False
        self.asserts(self.first.token(**CLAIMS), 503, "key_set_unavailable")
        self.let_pass(COOL_DOWN + 1)
        self.asserts(self.first.token(**CLAIMS), 200, "allowed")

    def test_the_certificate_must_be_for_the_host_and_from_the_ca(self):
        token = self.first.token(**CLAIMS)
        stranger = Authority(self.folder, "stranger")
        other_name = self.authority.issue("elsewhere", "DNS:elsewhere.example")
        rows = [
            (self.files, None, "localhost", 200),
            (self.files, stranger.certificate, "127.0.0.1", 503),
            (self.files, False, "127.0.0.1", 503),
            (other_name, None, "127.0.0.1", 503),
            (other_name, None, "localhost", 503),
            (stranger.issue("imposter", "IP:127.0.0.1"), None, "127.0.0.1", 503),
        ]
        for files, ca, host, status in rows:
            with self.subTest(files=files[1].name, ca=ca, host=host), \
                    KeyServer(files, http(key_set(self.first))) as server:
                self.configure(server.url(host), ca)
                found, reason, line = self.ask(token)
                self.assertEqual(found, status, line)
                if status == 503:
                    self.assertIn("certificate", str(line))
                    self.assertFalse(server.requests)

    def test_no_redirect_is_followed_and_no_proxy_asked(self):
        with KeyServer(self.files, http(key_set(self.first))) as other:
            for status in ("301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect"):
                self.server.reply = http(b"", status, [f"Location: {other.url()}"])
                self.asserts(self.first.token(**CLAIMS), 503, "key_set_unavailable")
                self.let_pass(COOL_DOWN + 1)
            proxy = f"http://127.0.0.1:{other.port}"
            self.server.reply = http(key_set(self.first))
            reply = self.cgi.send(
                subscription("private-user.7", self.first.token(**CLAIMS), headers=[("Proxy", proxy)]),
                extra={"https_proxy": proxy, "HTTPS_PROXY": proxy, "http_proxy": proxy})
            self.assertEqual(reply.status, 200)
            self.assertEqual(other.asked(), 0)

    def test_a_planted_set_is_not_believed(self):
        intruder = EcKey(self.folder, "first")
        self.asserts(self.first.token(**CLAIMS), 200, "allowed")
        path = self.state("json")
        genuine = path.read_bytes()
        head = genuine.split(b"\n", 1)[0] + b"\n"
        path.write_bytes(head + key_set(intruder))
        # so far it is a file like ours, and counts: this shows that the next lines test something
        self.asserts(intruder.token(**CLAIMS), 200, "allowed")
        for mode in (0o620, 0o602, 0o666):
            path.chmod(mode)
            self.assertEqual(self.ask(intruder.token(**CLAIMS))[0], 503)
        elsewhere = self.site.state / "planted"
        elsewhere.write_bytes(head + key_set(intruder))
        elsewhere.chmod(0o600)
        self.site.account.own(elsewhere)
        path.unlink()
        path.symlink_to(elsewhere)
        self.assertEqual(self.ask(intruder.token(**CLAIMS))[0], 503)
        self.let_pass_lock()
        self.asserts(intruder.token(**CLAIMS), 401, "signature_invalid")
        self.asserts(self.first.token(**CLAIMS), 200, "allowed")
        self.assertFalse(path.is_symlink())

    def let_pass_lock(self):
        lock = self.state("lock")
        lock.write_text(f"{'good':5}{'1':26}\n")

    @unittest.skipUnless(os.geteuid() == 0, "only root can leave a file of another user")
    def test_a_file_of_another_user_is_replaced(self):
        self.asserts(self.first.token(**CLAIMS), 200, "allowed")
        for ending in ("json", "lock"):
            os.chown(self.state(ending), 0, 0)
        self.server.reply = http(key_set(self.second))
        self.asserts(self.first.token(**CLAIMS), 401, "key_unknown")
        self.asserts(self.second.token(**CLAIMS), 200, "allowed")
        self.assertEqual(self.server.asked(), 2)
        # one that everybody may read is not believed either
        intruder = EcKey(self.folder, "second")
        path = self.state("json")
        path.write_bytes(path.read_bytes().split(b"\n", 1)[0] + b"\n" + key_set(intruder))
        os.chown(path, 0, 0)
        path.chmod(0o644)
        self.assertEqual(self.ask(intruder.token(**CLAIMS))[0], 503)

    def test_inside_the_strict_sandbox(self):
        mount = self.start(Sandboxed)
        self.asserts(self.first.token(**CLAIMS), 200, "allowed", mount=mount)
        self.server.reply = http(key_set(self.second))
        self.let_pass(COOL_DOWN + 1)
        self.asserts(self.second.token(**CLAIMS), 200, "allowed", mount=mount)
        self.assertIn(b"second", self.state("json").read_bytes())

    def test_without_a_folder_every_process_is_on_its_own_and_that_is_said(self):
        home = pathlib.Path(pwd.getpwnam(self.site.account.user).pw_dir)
        if any(path.exists() for path in (home / ".castgate", pathlib.Path("/run/castgate"))):
            self.skipTest("this machine has a castgate whose folder would be used")
        text = self.site.config.read_text()
        self.site.write_secret(self.site.config, text.replace("state_dir", "# state_dir"))
        for _ in range(2):
            self.asserts(self.first.token(**CLAIMS), 200, "allowed")
        self.assertEqual(self.server.asked(), 2)
        done = self.site.tool("check")
        self.assertEqual(done.returncode, 0, done)
        self.assertIn('without "state_dir" every process fetches the key set', done.stderr)

    def test_check_tells_of_a_server_that_is_away_without_failing(self):
        self.server.__exit__()
        done = self.site.tool("check")
        self.assertEqual(done.returncode, 0, done)
        self.assertRegex(done.stderr, r"warning: .*127\.0\.0\.1:\d+/keys\.json.* cannot be reached")
        self.server.__enter__()


if __name__ == "__main__":
    suite.main()
