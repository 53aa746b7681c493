"""Does castgate hold under the real servers: their headers, their argv, their reloads, their logs?"""

import concurrent.futures
import contextlib
import json
import pathlib
import re
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, mounts, suite, ticket, wire_rules
from harness.audit import AuditLog
from harness.exchange import Request, over_http, parse_http, subscription
from harness.mount_apache import ApacheCgid, ApacheFcgid, ApacheHtaccess
from harness.mount_lighttpd import LighttpdFastcgi
from harness.waiting import wait_until

GOOD = subscription(laravel.CHANNEL, laravel.ALICE)
AUTHORIZATION_LINE = 'SetEnvIf Authorization "(.+)" HTTP_AUTHORIZATION=$1'


class OneSite(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("web"))
        cls.site = cls.system.site

    def start(self, kind):
        """A mount by class or name, until the end of the case."""
        if isinstance(kind, str):
            kind = mounts.SERVED[kind]
        scratch = self.system.scratch
        # Each case has its own directory, so that mounts of one name do not meet.
        mount = kind(self.site, _Below(scratch, self.id().rsplit(".", 1)[1]))
        mount.__enter__()
        self.addCleanup(mount.__exit__, None, None, None)
        return mount

    def assert_signed(self, reply, key=laravel.KEYS.key, secret=laravel.KEYS.secret):
        self.assertEqual(reply.status, 200, str(reply))
        ticket.check(reply.body, key, secret, "1234.5678", laravel.CHANNEL)


class _Below:
    """A scratch whose directories have a prefix."""

    def __init__(self, scratch, prefix):
        self._scratch = scratch
        self._prefix = prefix[-12:]
        self.path = scratch.path

    def directory(self, name, account=None, mode=0o755):
        return self._scratch.directory(f"{self._prefix}-{name}", account, mode)


class ArgumentsComeFromTheClient(OneSite):
    """Apache turns a query without an equals sign into the program's command line."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A configuration that would sign with other keys, where anybody could have put it.
        cls.evil = cls.system.scratch.path / "evil.conf"
        cls.evil.write_text(cls.site.config.read_text().replace("thisisaauthkey", "evil"))
        cls.site.account.own(cls.evil)
        cls.evil.chmod(0o600)

    def test_the_evil_configuration_would_work(self):
        """Else the other cases would prove nothing."""
        done = self.site.tool("show-config")
        self.assertIn("thisisaauthkey", done.stdout)
        original, self.site.config = self.site.config, self.evil
        try:
            self.assertIn('key = "evil"', self.site.tool("show-config").stdout)
        finally:
            self.site.config = original

    def check_mount(self, name):
        mount = self.start(name)
        for query in (f"--config+{self.evil}", f"--config+{self.evil}+--listen+unix:/tmp/x",
                      f"--config%3D{self.evil}", "--version", "--help", "check", "-h"):
            with self.subTest(query):
                self.assert_signed(mount.send(
                    subscription(laravel.CHANNEL, laravel.ALICE,
                                 target=f"/broadcasting/auth?{query}")))

    def test_apache_fcgid(self):
        self.check_mount("apache-fcgid")

    def test_apache_cgid(self):
        self.check_mount("apache-cgi")

    def test_apache_prefork_cgi(self):
        self.check_mount("apache-cgi-prefork")

    def test_lighttpd_cgi(self):
        self.check_mount("lighttpd-cgi")

    def test_lighttpd_fastcgi(self):
        self.check_mount("lighttpd-fastcgi")

    def test_direct(self):
        mount = mounts.mount("cgi", self.site, self.system.scratch)
        with mount:
            self.assert_signed(mount.send(GOOD, argv=["--config", str(self.evil)]))
            self.assert_signed(mount.send(GOOD, argv=["--version"]))


class AuthorizationHeader(OneSite):
    """Apache keeps it from programs, unless the one line is there."""

    def without_the_line(self, kind):
        class Without(kind):
            def prepare(self):
                text = super().prepare()
                root = self.directory / "www" / ".htaccess"
                if root.exists():
                    content = root.read_text()
                    assert content.count(AUTHORIZATION_LINE) == 1
                    root.write_text(content.replace(AUTHORIZATION_LINE, ""))
                else:
                    assert text.count(AUTHORIZATION_LINE) == 1
                    text = text.replace(AUTHORIZATION_LINE, "")
                return text
        return self.start(Without)

    def check_cure(self, kind):
        mount = self.without_the_line(kind)
        log = AuditLog(self.site)
        reply = mount.send(GOOD)
        self.assertEqual(reply.status, 401)
        line = log.decision_of(reply)
        self.assertEqual(line["event.reason"], "credential_missing")
        self.assertIn(AUTHORIZATION_LINE, line["castgate.cure"])

    def test_without_the_line_the_log_has_the_cure_fcgid(self):
        self.check_cure(ApacheFcgid)

    def test_without_the_line_the_log_has_the_cure_cgi(self):
        self.check_cure(ApacheCgid)

    def test_without_the_line_the_log_has_the_cure_htaccess(self):
        self.check_cure(ApacheHtaccess)

    def test_a_rewrite_rule_of_the_framework_is_enough(self):
        """Laravel's own .htaccess sets the variable by mod_rewrite; REDIRECT_ is put before it."""
        class Laravels(ApacheHtaccess):
            def prepare(self):
                lines = super().prepare()
                file = self.directory / "www" / ".htaccess"
                rule = ("RewriteCond %{HTTP:Authorization} .\n"
                        "RewriteRule .* - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]\n")
                text = file.read_text().replace(AUTHORIZATION_LINE, "")
                file.write_text(text.replace("RewriteEngine On\n", "RewriteEngine On\n" + rule))
                return lines
        self.assert_signed(self.start(Laravels).send(GOOD))

    def test_two_headers(self):
        """A server joins them; the last Bearer counts, as in Laravel."""
        mount = self.start("apache-fcgid")
        twice = subscription(laravel.CHANNEL, "1|wrong",
                             headers=[("Authorization", f"Bearer {laravel.ALICE}")])
        reply = mount.send(twice)
        self.assert_signed(reply)
        self.assertEqual(wire_rules.violations(reply), [])


class Life(OneSite):
    """Many requests, reloads, and the end of the server."""

    def check_many(self, kind, requests=200):
        mount = self.start(kind)
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            replies = list(pool.map(lambda _: mount.send(GOOD), range(requests)))
        for reply in replies:
            self.assert_signed(reply)
        self.assertEqual(len({reply.header("X-Request-Id") for reply in replies}), requests)

    def test_many_at_once_under_apache(self):
        self.check_many("apache-fcgid")

    def test_many_at_once_under_lighttpd(self):
        self.check_many("lighttpd-fastcgi")

    def test_many_at_once_as_cgi(self):
        self.check_many("apache-cgi", 60)

    def test_users_are_never_mixed_up(self):
        """Alice and Bob ask at the same time, each for what only one of them may have."""
        mount = self.start("apache-fcgid")
        questions = [("1|alice-plain", laravel.CHANNEL, 200),
                     ("18|bob-plain", laravel.CHANNEL, 403),
                     ("1|alice-plain", "private-chat.6.conversation.125", 403),
                     ("18|bob-plain", "private-chat.6.conversation.125", 200)] * 40
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            replies = pool.map(lambda q: mount.send(subscription(q[1], q[0])).status, questions)
            self.assertEqual(list(replies), [expected for _, _, expected in questions])

    @staticmethod
    def managers_begun(mount):
        """How many process managers mod_fcgid has begun, each in the place of the one before."""
        return len(re.findall(r"Process manager \d+ started", mount.log_text()))

    def test_reload_turns_no_request_into_an_error(self):
        """What castgate was asked is answered 200, whatever SIGTERMs mod_fcgid sends meanwhile.

        Left out is what Apache answers by itself, once at most for each process that ends: for one that
        mod_fcgid ended before its main, or that closed its socket the moment it was connected to. So is
        a request that waits inside Apache while mod_fcgid's process manager is replaced: it may never
        be handed to castgate at all. A manager that is to be replaced again before it has begun makes
        everybody wait; no administrator reloads that fast.
        """
        mount = self.start("apache-fcgid")
        stop = threading.Event()
        statuses = []
        unasked = []

        def ask():
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    reply = over_http(mount.port, GOOD, timeout=10)
                    asked = reply.header("X-Request-Id") is not None
                    (statuses if asked else unasked).append(reply.status)

        def answered(more):
            before = len(statuses)
            wait_until(lambda: len(statuses) >= before + more)

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            asking = [pool.submit(ask) for _ in range(4)]
            try:
                for reloads in range(1, 3):
                    answered(50)
                    mount.reload()
                    wait_until(lambda reloads=reloads: self.managers_begun(mount) > reloads)
                answered(50)
            finally:
                stop.set()
            for future in asking:
                future.result()
        self.assertEqual(set(statuses), {200})
        self.assertLessEqual(len(unasked), mount.log_text().count("exit(shutting down)"), unasked)

    def test_a_new_configuration_takes_effect_with_a_reload(self):
        mount = self.start("apache-fcgid")
        self.assert_signed(mount.send(GOOD))
        text = self.site.config.read_text()
        self.addCleanup(self.site.write_secret, self.site.config, text)
        self.site.write_secret(self.site.config, text.replace("thisisaauthkey", "renewed"))
        before = self.managers_begun(mount)
        mount.reload()
        # a request that waits inside Apache meanwhile may never be handed to castgate
        wait_until(lambda: self.managers_begun(mount) > before)

        def renewed():
            with contextlib.suppress(TimeoutError):
                return b"renewed:" in over_http(mount.port, GOOD, timeout=10).body

        wait_until(renewed, "still the old key")

    def test_a_broken_configuration_is_a_503_that_says_where_in_the_log(self):
        text = self.site.config.read_text()
        self.addCleanup(self.site.write_secret, self.site.config, text)
        self.site.write_secret(self.site.config, text + "nonsense = 1\n")
        for name in ("apache-fcgid", "lighttpd-cgi"):
            with self.subTest(name):
                mount = self.start(name)
                reply = mount.send(GOOD)
                self.assertEqual(reply.status, 503)
                self.assertEqual(wire_rules.violations(reply), [])
                where = f"{self.site.config}:{text.count(chr(10)) + 1}: error"
                wait_until(lambda mount=mount, where=where: where in mount.log_text() + self.site.log_text(),
                           lambda mount=mount: mount.log_text() + self.site.log_text())


class Logs(OneSite):
    """stderr ends in the server's own log."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.system.site.write_secret(cls.site.config, cls.site.config.read_text().replace(
            f'log = "{cls.site.log}"', 'log = "stderr"'))

    def check_log(self, name):
        mount = self.start(name)
        reply = mount.send(GOOD)
        self.assert_signed(reply)
        wait_until(lambda: reply.header("X-Request-Id") in mount.log_text(),
                   "no line in the server's log")
        self.assertNotIn("alice-plain", mount.log_text())

    def test_apache_fcgid(self):
        self.check_log("apache-fcgid")

    def test_apache_cgi(self):
        self.check_log("apache-cgi")

    def test_lighttpd_fastcgi(self):
        self.check_log("lighttpd-fastcgi")

    def test_lighttpd_cgi(self):
        self.check_log("lighttpd-cgi")


class Bodies(OneSite):
    """Bodies that arrive late, in pieces, or not at all."""

    def raw(self, mount, *pieces, pause=0.2):
        with socket.create_connection(("127.0.0.1", mount.port), timeout=120) as peer:
            for piece in pieces:
                peer.sendall(piece)
                time.sleep(pause)
            received = b""
            while True:
                more = peer.recv(65536)
                if not more:
                    return received
                received += more

    def head(self, *lines):
        return "\r\n".join(["POST /broadcasting/auth HTTP/1.1", "Host: x", "Connection: close",
                            f"Authorization: Bearer {laravel.ALICE}", *lines, "", ""]).encode()

    def test_in_pieces(self):
        for kind in (ApacheFcgid, ApacheCgid, LighttpdFastcgi):
            with self.subTest(kind.name):
                mount = self.start(kind)
                body = GOOD.body
                self.assert_signed(parse_http(self.raw(
                    mount, self.head(f"Content-Length: {len(body)}"), body[:5], body[5:30],
                    body[30:])))

    def test_chunked(self):
        """Either the whole body is read or the request is refused; never a part of it."""
        for kind in (ApacheFcgid, ApacheCgid, LighttpdFastcgi):
            with self.subTest(kind.name):
                mount = self.start(kind)
                log = AuditLog(self.site)
                body = GOOD.body
                chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part)
                                  for part in (body[:7], body[7:])) + b"0\r\n\r\n"
                reply = parse_http(self.raw(
                    mount, self.head("Transfer-Encoding: chunked"), chunks))
                self.assertIn(reply.status, (200, 400, 411))
                if reply.status == 200:
                    self.assert_signed(reply)
                elif reply.status == 400:
                    self.assertEqual(log.decision_of(reply)["event.reason"], "request_incomplete")

    def test_cut_short(self):
        """A client that hangs up half way gets nothing signed, and the next one is served."""
        for kind in (ApacheFcgid, ApacheCgid, LighttpdFastcgi):
            with self.subTest(kind.name):
                mount = self.start(kind)
                log = AuditLog(self.site)
                with socket.create_connection(("127.0.0.1", mount.port)) as peer:
                    peer.sendall(self.head("Content-Length: 500") + GOOD.body)
                time.sleep(0.3)
                self.assert_signed(mount.send(GOOD))
                allowed = []

                def logged(log=log, allowed=allowed):
                    allowed.extend(line for line in log.decisions(0)
                                   if line["event.reason"] == "allowed")
                    return allowed

                self.assertEqual(len(wait_until(logged)), 1)

    def test_beyond_apaches_own_limit(self):
        """What mod_fcgid then hands over looks complete and is not."""
        class Limited(ApacheFcgid):
            def prepare(self):
                return super().prepare() + "LimitRequestBody 100\n"
        mount = self.start(Limited)
        self.assert_signed(mount.send(GOOD))
        for extra in (b"&x=" + b"x" * 200, b"&x=" + b"x" * 20000):
            reply = over_http(mount.port, Request(
                "POST", "/broadcasting/auth", GOOD.headers, GOOD.body + extra))
            self.assertIn(reply.status, (400, 413), str(reply))
            self.assertNotIn(laravel.KEYS.key.encode(), reply.body)
        self.assert_signed(mount.send(GOOD))

    def test_beyond_the_limit(self):
        for kind in (ApacheFcgid, ApacheCgid, LighttpdFastcgi):
            with self.subTest(kind.name):
                mount = self.start(kind)
                reply = over_http(mount.port, Request(
                    "POST", "/broadcasting/auth", GOOD.headers, GOOD.body + b"&x=" + b"x" * 400000))
                self.assertEqual(reply.status, 413)
                self.assertEqual(json.loads(reply.body), {"message": "Payload Too Large"})
                self.assert_signed(mount.send(GOOD))


class HeaderTricks(OneSite):
    """What a client can put into headers must not become something else on the way."""

    def test_underscores_do_not_pass_for_authorization(self):
        """Apache drops such names; lighttpd hands them on, where they must not count."""
        for name in ("apache-fcgid", "lighttpd-fastcgi", "lighttpd-cgi"):
            with self.subTest(name):
                mount = self.start(name)
                reply = mount.send(subscription(laravel.CHANNEL, "1|wrong", headers=[
                    ("REDIRECT_HTTP_AUTHORIZATION", f"Bearer {laravel.ALICE}")]))
                self.assertEqual(reply.status, 401)

    def test_proxy_header(self):
        mount = self.start("apache-fcgid")
        self.assert_signed(mount.send(subscription(
            laravel.CHANNEL, laravel.ALICE, headers=[("Proxy", "http://127.0.0.1:1/")])))


if __name__ == "__main__":
    suite.main()
