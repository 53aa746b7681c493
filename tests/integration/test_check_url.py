"""Does `castgate check --url` name what a web server keeps from castgate, and does the line it names cure it?"""

import functools
import hashlib
import hmac
import json
import pathlib
import re
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, mounts, suite
from harness.audit import AuditLog
from harness.exchange import Request, subscription
from harness.key_server import Authority, KeyServer, http
from harness.mount_apache import (ApacheCgiBin, ApacheCgid, ApacheExact, ApacheFcgid,
                                  ApacheHtaccess, ApacheHtaccessCgi, ApacheProxy,
                                  ApacheProxyHtaccess)
from harness.mount_lighttpd import LighttpdCgi, LighttpdFastcgi, LighttpdSocket
from harness.mount_nginx import Nginx
from harness.ports import free_port
from harness.scratch import Scratch
from harness.site import Site
from harness.waiting import PATIENCE_SECONDS, wait_until

PATH = "/broadcasting/auth"
CONFIG = """
app "main" {{
	key = "key"
	secret = "{secret}"
}}
endpoint "{path}" {{ action = "live" }}
state_dir = "{state}"
"""
NAMED = re.compile(r"Add the line  (.+?)  ")


class OneSite(unittest.TestCase):
    started = 0

    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("check-url"))
        cls.site = cls.system.site

    def start(self, kind):
        """A mount in a directory of its own, until the end of the case."""
        CheckUrl.started += 1
        kind = type(kind.__name__, (kind,), {"name": f"{kind.name}-{CheckUrl.started}"})
        return self.enterContext(kind(self.site, self.system.scratch))

    def check(self, url, *words):
        return self.site.tool("check", "--offline", "--timeout", PATIENCE_SECONDS, "--url", url, *words)

    def probe(self, mount, path=PATH):
        return self.check(f"http://127.0.0.1:{mount.port}{path}")

    def assert_fine(self, done, mount, variable="HTTP_AUTHORIZATION"):
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertRegex(done.stdout, rf"(?m)^mount +{re.escape(mount)}, castgate \S+$")
        self.assertRegex(done.stdout, rf"(?m)^path +{PATH}, endpoint {PATH}$")
        self.assertRegex(done.stdout, rf"(?m)^authorization +arrives as {variable}$")

    def assert_says(self, done, pattern):
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertRegex(done.stderr, r"(?m)^error: the web server \S+:\d+ " + pattern)


class Mounts:
    """Through every kind of mount as it is shipped."""

    def test_each_is_named(self):
        for kind, name, variable in (
                (ApacheFcgid, "Apache, mod_fcgid (castgate-fcgid.conf)", "HTTP_AUTHORIZATION"),
                (ApacheCgid, "Apache, CGI (castgate-cgi.conf)", "HTTP_AUTHORIZATION"),
                (ApacheProxy, "Apache, mod_proxy_fcgi (castgate-proxy.conf)", "HTTP_AUTHORIZATION"),
                (ApacheHtaccess, "Apache, a rewrite to mod_fcgid (castgate.htaccess)",
                 "HTTP_AUTHORIZATION"),
                (ApacheHtaccessCgi, "Apache, a rewrite to CGI (castgate.htaccess)",
                 "HTTP_AUTHORIZATION"),
                (ApacheExact, "Apache, mod_fcgid at the exact path (castgate-exact.htaccess)",
                 "HTTP_AUTHORIZATION"),
                (ApacheProxyHtaccess,
                 "Apache, a rewrite to mod_proxy_fcgi (castgate-proxy.htaccess)",
                 "HTTP_AUTHORIZATION"),
                (ApacheCgiBin, "Apache, a rewrite to a cgi-bin outside the document root "
                 "(castgate-cgi-bin.htaccess)", "REDIRECT_HTTP_AUTHORIZATION"),
                (LighttpdFastcgi, "lighttpd, FastCGI", "HTTP_AUTHORIZATION"),
                (LighttpdSocket, "lighttpd, FastCGI", "HTTP_AUTHORIZATION"),
                (LighttpdCgi, "lighttpd, CGI", "HTTP_AUTHORIZATION"),
                (Nginx, "a web server that does not name itself, FastCGI", "HTTP_AUTHORIZATION")):
            with self.subTest(kind.name):
                self.assert_fine(self.probe(self.start(kind)), name, variable)


class Cures:
    """Without its line each mount loses the header; the line that is named brings it back."""

    APACHE = 'SetEnvIf Authorization "(.+)" HTTP_AUTHORIZATION=$1'

    def check_cure(self, kind, name, variable="HTTP_AUTHORIZATION"):
        """`kind` has a `with_line`, the line to stand where the shipped one stood."""
        done = self.probe(self.start(kind))
        self.assert_says(done, "drops the Authorization header, so every user is refused")
        named = NAMED.search(done.stderr).group(1)
        self.assert_fine(
            self.probe(self.start(type("Cured", (kind,), {"with_line": named}))), name, variable)
        return named

    def test_apache(self):
        line = self.APACHE
        for kind, name, variable in (
                (ApacheFcgid, "Apache, mod_fcgid (castgate-fcgid.conf)", "HTTP_AUTHORIZATION"),
                (ApacheCgid, "Apache, CGI (castgate-cgi.conf)", "HTTP_AUTHORIZATION"),
                (ApacheProxy, "Apache, mod_proxy_fcgi (castgate-proxy.conf)", "HTTP_AUTHORIZATION"),
                (ApacheHtaccess, "Apache, a rewrite to mod_fcgid (castgate.htaccess)",
                 "HTTP_AUTHORIZATION"),
                (ApacheCgiBin, "Apache, a rewrite to a cgi-bin outside the document root "
                 "(castgate-cgi-bin.htaccess)", "REDIRECT_HTTP_AUTHORIZATION")):
            class Without(kind):
                with_line = ""

                def prepare(self):
                    text = super().prepare()
                    for file in (self.directory / "www").rglob(".htaccess"):
                        file.write_text(file.read_text().replace(line, self.with_line))
                    return text.replace(line, self.with_line)
            with self.subTest(kind.name):
                self.assertEqual(self.check_cure(Without, name, variable), line)

    def test_nginx_that_passes_no_headers_on(self):
        class Without(Nginx):
            with_line = ""

            def prepare(self):
                config = super().prepare()
                file = self.directory / "location.conf"
                text = file.read_text()
                start = "\tfastcgi_pass castgate;\n"
                assert text.count(start) == 1
                file.write_text(text.replace(
                    start, f"{start}\tfastcgi_pass_request_headers off;\n\t{self.with_line}\n"))
                return config
        self.check_cure(Without, "a web server that does not name itself, FastCGI")

    def test_lighttpd_that_takes_the_header_away(self):
        class Without(LighttpdFastcgi):
            def mount_lines(self, sockets):
                return super().mount_lines(sockets) + (
                    'server.modules += ( "mod_setenv" )\n'
                    'setenv.set-request-header = ( "Authorization" => "" )\n')
        self.assert_says(self.probe(self.start(Without)),
                         "drops the Authorization header, .*setenv.set-request-header")

    def test_where_it_arrives_under_another_name(self):
        line = self.APACHE

        class Elsewhere(ApacheFcgid):
            def prepare(self):
                return super().prepare().replace(
                    line, 'SetEnvIf Authorization "(.+)" AUTHORIZATION=$1')
        self.assert_says(self.probe(self.start(Elsewhere)),
                         r"drops the Authorization header \(it arrives as AUTHORIZATION only")

    def test_where_another_value_takes_its_place(self):
        line = self.APACHE

        class Replaced(ApacheFcgid):
            def prepare(self):
                return super().prepare().replace(
                    line, 'SetEnvIf Authorization "(.+)" HTTP_AUTHORIZATION=hidden-value')
        done = self.probe(self.start(Replaced))
        self.assert_says(done, "puts another value in place of the Authorization header")
        self.assertNotIn("hidden-value", done.stdout + done.stderr)


class Troubles:
    """What stands between the operator and castgate."""

    def test_a_path_that_is_no_endpoint(self):
        class Wider(ApacheFcgid):
            def prepare(self):
                return super().prepare().replace("(auth|user-auth)", "(auth|user-auth|other)")
        done = self.probe(self.start(Wider), "/broadcasting/other")
        self.assert_says(done, "hands the path over as /broadcasting/other, which is no endpoint of ")

    def test_a_path_without_castgate(self):
        for kind in (Nginx, LighttpdFastcgi):
            self.assert_says(self.probe(self.start(kind), "/other"),
                             "answers 404 itself: castgate is not mounted")

    def test_an_application_that_answers_instead(self):
        mount = self.start(ApacheHtaccess)
        self.assert_says(self.probe(mount, "/other"),
                         "answers 200 so an application or a file answers at this path")

    def test_a_web_server_that_refuses(self):
        class Denied(ApacheFcgid):
            def prepare(self):
                return super().prepare().replace("Require all granted", "Require all denied")
        self.assert_says(self.probe(self.start(Denied)), "answers 403 itself, before castgate")

    def test_castgate_that_is_not_running(self):
        mount = self.start(ApacheProxy)
        mount.castgate.__exit__(None, None, None)
        self.assert_says(self.probe(mount), "answers 503 itself: it cannot reach castgate")
        mount.castgate.__enter__()

    def test_a_limit_that_cuts_the_body(self):
        class Cut(ApacheFcgid):
            def prepare(self):
                return super().prepare().replace("SetHandler fcgid-script",
                                                 "SetHandler fcgid-script\n\tLimitRequestBody 20")
        done = self.probe(self.start(Cut))
        self.assert_says(done, "does not hand the body over whole: look for a limit")

    def test_a_castgate_with_another_configuration(self):
        other = self.site.path / "other.conf"
        self.site.write_secret(other, self.site.config.read_text().replace(
            laravel.KEYS.secret, "another-secret"))

        class Other(ApacheFcgid):
            def _values(self):
                return {**super()._values(), "CASTGATE_CONFIG": other}
        self.assert_says(self.probe(self.start(Other)),
                         "leads to a castgate that answers 400 and does not know the probe")

    def test_a_castgate_that_is_broken(self):
        class Broken(ApacheFcgid):
            def _values(self):
                return {**super()._values(), "CASTGATE_CONFIG": "/nonexistent.conf"}
        self.assert_says(self.probe(self.start(Broken)), "leads to a castgate that answers 503")

    def test_https_at_the_port_of_http(self):
        mount = self.start(ApacheFcgid)
        self.assert_says(self.check(f"https://127.0.0.1:{mount.port}{PATH}"),
                         "does not speak TLS 1.2 or newer there")

    def test_no_server(self):
        self.assert_says(self.check(f"http://127.0.0.1:{free_port()}{PATH}"),
                         "refuses the connection: nothing listens there")
        self.assert_says(self.check(f"http://nobody.invalid{PATH}"), "has a name that is not known")

    def test_no_address(self):
        for url in ("127.0.0.1/x", "ftp://127.0.0.1/", "http://user@127.0.0.1/"):
            done = self.check(url)
            self.assertEqual(done.returncode, 1)
            self.assertIn("not an address of the form https://HOST", done.stderr)

    def test_json(self):
        mount = self.start(ApacheFcgid)
        done = self.check(f"http://127.0.0.1:{mount.port}{PATH}", "--json")
        events = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        told = {event["event"]: event["text"] for event in events}
        self.assertEqual(told["authorization"], "arrives as HTTP_AUTHORIZATION")
        self.assertEqual(events[-1], {"event": "end", "text": "ok"})
        done = self.check(f"http://127.0.0.1:{mount.port}/other", "--json")
        events = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        self.assertEqual([event["event"] for event in events][-2:], ["error", "end"])


class Plain(unittest.TestCase):
    """Servers that are no web server, and TLS, against a server of ours."""

    @classmethod
    def setUpClass(cls):
        scratch = suite.enter_for_class(cls, Scratch("check-url-tls"))
        cls.site = suite.enter_for_class(cls, Site(scratch))
        cls.site.write_secret(cls.site.config, CONFIG.format(
            secret=laravel.KEYS.secret, path=PATH, state=cls.site.state))
        cls.folder = scratch.directory("tls", mode=0o755)
        cls.authority = Authority(cls.folder)
        cls.files = cls.authority.issue("here", "IP:127.0.0.1,DNS:localhost")

    def check(self, server, *words, host="127.0.0.1", ca=True, timeout=PATIENCE_SECONDS):
        trust = ("--ca", self.authority.certificate) if ca else ()
        return self.site.tool("check", "--offline", "--timeout", timeout, "--url",
                              f"https://{host}:{server.port}{PATH}", *trust, *words)

    def assert_says(self, done, pattern):
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertRegex(done.stderr, r"(?m)^error: the web server \S+:\d+ " + pattern)

    def test_replies(self):
        html = b"<!doctype html><title>Login</title>"
        answer = json.dumps({"castgate": "9.9", "mount": "nginx", "method": "POST", "path": PATH,
                             "endpoint": PATH, "body": "whole",
                             "variables": {"HTTP_AUTHORIZATION": "whole"}}).encode()
        rows = (
            (http(html), "answers 200 with HTML, so an application or a file answers"),
            (http(answer), "answers 200 so an application"),
            (http(b"", "302 Found", ["Location: https://127.0.0.1/login\x1b[2J"]),
             r"redirects \(302\) to https://127.0.0.1/login\?\[2J, which turns POST into GET"),
            (http(b"", "401 Unauthorized", ["WWW-Authenticate: Basic"]), "answers 401 asking for a password"),
            (http(b"", "404 Not Found"), "answers 404 itself: castgate is not mounted"),
            (http(b"", "405 Method Not Allowed"), "answers 405 itself: it takes the path for a file"),
            (http(b"", "500 Internal"), "answers 500 itself: castgate did not start"),
            (http(b"", "502 Bad Gateway"), "answers 502 itself: it cannot reach castgate"),
            (http(b"", "418 Teapot"), "answers 418 itself; look in its error log"),
            (http(b"{}", "202 Accepted"), "answers 202 so an application"),
            (http(b"{}", "403 Forbidden", ["X-Request-Id: 0123456789abcdef"]),
             r"leads to a castgate that answers 403 and does not know the probe.*0123456789abcdef"),
            (b"SSH-2.0-OpenSSH_9.2\r\n", "does not answer as a web server does"),
            (b"", "ended the connection without an answer"),
            (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 20000 + b"\r\n", "answers with headers of more than"),
        )
        with KeyServer(self.files) as server:
            for reply, pattern in rows:
                with self.subTest(pattern):
                    server.reply = reply
                    self.assert_says(self.check(server), pattern)
            server.reply = http(answer, "202 Accepted")
            done = self.check(server)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("warning: the castgate that serves is version 9.9", done.stderr)

    def test_what_is_sent(self):
        """A request that no user could make, and no redirect or cookie."""
        with KeyServer(self.files, http(b"")) as server:
            self.check(server)
        head = server.requests[0]
        self.assertRegex(head, rf"^POST {PATH} HTTP/1.0\r\n")
        self.assertRegex(head, r"\r\nAuthorization: Bearer castgate-probe-[0-9a-f]{32}\r\n")
        self.assertNotIn(laravel.KEYS.secret, head)
        self.assertEqual(len(server.requests), 1)

    def test_certificates(self):
        with KeyServer(self.files) as server:
            self.assert_says(self.check(server, ca=False),
                             r"shows a certificate that is not good for this name.*\(")
            self.assert_says(self.check(server, "--ca", "/nonexistent", ca=False),
                             "cannot be asked: the file of --ca")
        with KeyServer(self.authority.issue("other", "DNS:other.example")) as server:
            self.assert_says(self.check(server), "shows a certificate that is not good for this name")

    def test_a_silent_server(self):
        with KeyServer(self.files) as server:
            server.mute = True
            self.assert_says(self.check(server, timeout=1), "did not answer in time")


class OverTls:
    """The whole way, through Apache with TLS."""

    def test_it_arrives(self):
        folder = self.system.scratch.directory("apache-tls", mode=0o755)
        authority = Authority(folder)
        key, certificate = authority.issue("here", "IP:127.0.0.1")

        class Tls(ApacheFcgid):
            modules = (*ApacheFcgid.modules, "socache_shmcb", "ssl")

            def prepare(self):
                return super().prepare() + (f'SSLEngine on\nSSLCertificateFile "{certificate}"\n'
                                            f'SSLCertificateKeyFile "{key}"\n')
        mount = self.start(Tls)
        done = self.check(f"https://127.0.0.1:{mount.port}{PATH}", "--ca", authority.certificate)
        self.assert_fine(done, "Apache, mod_fcgid (castgate-fcgid.conf)")


class Secrecy:
    """Nobody but who reads the configuration is answered, and nobody for long."""

    def sent(self):
        """The request that the tool makes, as headers and body."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}{PATH}"
            seen = []

            def serve():
                peer, _ = listener.accept()
                with peer:
                    data = b""
                    while b"\r\n\r\n" not in data:
                        data += peer.recv(65536)
                    head, _, body = data.partition(b"\r\n\r\n")
                    length = int(re.search(rb"Content-Length: (\d+)", head).group(1))
                    while len(body) < length:
                        body += peer.recv(65536)
                    seen.append((head.decode(), body))
            thread = threading.Thread(target=serve)
            thread.start()
            self.check(url)
            thread.join(20)
        head, body = seen[0]
        return dict(line.split(": ", 1) for line in head.split("\r\n")[1:]), body

    @functools.cached_property
    def responder(self):
        return self.enterContext(mounts.mount("memory", self.site, self.system.scratch))

    def ask(self, probe, body=None, **headers):
        return self.responder.send(Request("POST", PATH, [("X-Castgate-Probe", probe), *headers.items()],
                                           body if body is not None else b""))

    def test_a_good_probe_is_answered_by_header_or_body_alone(self):
        headers, body = self.sent()
        log = AuditLog(self.site)
        for reply in (self.ask(headers["X-Castgate-Probe"]),
                      self.responder.send(Request("POST", PATH, [], body))):
            self.assertEqual(reply.status, 202)
            self.assertEqual(json.loads(reply.body)["variables"], {})
            self.assertIsNone(reply.header("Access-Control-Allow-Origin"))
        self.assertEqual(log.reasons(2), ["probe_answered", "probe_answered"])

    def test_values_are_never_told(self):
        headers, _ = self.sent()
        reply = self.ask(headers["X-Castgate-Probe"], Authorization=f"Bearer {laravel.ALICE}",
                         Cookie="session=hidden")
        self.assertEqual(json.loads(reply.body)["variables"], {"HTTP_AUTHORIZATION": "changed"})
        for hidden in ("alice", "hidden", laravel.KEYS.secret, laravel.KEYS.key):
            self.assertNotIn(hidden.encode(), reply.body)

    def test_a_probe_allows_nothing(self):
        headers, body = self.sent()
        good = subscription(laravel.CHANNEL, laravel.ALICE)
        reply = self.responder.send(Request(
            "POST", PATH, [*good.headers, ("X-Castgate-Probe", headers["X-Castgate-Probe"])], good.body))
        self.assertEqual(reply.status, 202)
        self.assertNotIn(b'"auth"', reply.body)

    def test_what_is_no_good_probe_is_a_request_like_any_other(self):
        headers, _ = self.sent()
        probe = headers["X-Castgate-Probe"]
        seconds, nonce, signature = probe.split(".")
        turned = ("0" if signature[0] != "0" else "1") + signature[1:]
        rows = ("", "x", probe[:-1], probe + "0", f"{seconds}.{nonce.upper()}.{signature}",
                f"{seconds}.{nonce}.{turned}", f"{int(seconds) - 1}.{nonce}.{signature}",
                f"0{probe}", f"{seconds}.{nonce[::-1]}.{signature}", f"-{probe}",
                f".{nonce}.{signature}",
                f"{10 ** 19}.{nonce}.{signature}")
        for row in rows:
            with self.subTest(row):
                reply = self.ask(row)
                self.assertEqual(reply.status, 401, str(reply))
                self.assertEqual(reply.body, b'{"message":"Unauthenticated."}')

    def test_it_is_good_for_a_minute(self):
        """Signed with the very key, but for another time."""
        key = hmac.digest(laravel.KEYS.secret.encode(), b"castgate probe key 1", hashlib.sha256)

        def probe(seconds):
            message = f"{int(time.time()) + seconds}.{'ab' * 16}"
            return f"{message}.{hmac.new(key, message.encode(), hashlib.sha256).hexdigest()}"

        def answered(seconds):
            """An answer that did not take so long that the probe was another age by then; None for others."""
            asked = time.monotonic()
            reply = self.ask(probe(seconds))
            return reply if time.monotonic() - asked < 8 else None

        for seconds, status in ((0, 202), (-50, 202), (50, 202), (-70, 401), (70, 401)):
            with self.subTest(seconds):
                self.assertEqual(wait_until(lambda seconds=seconds: answered(seconds)).status, status)


class CheckUrl(Mounts, Cures, Troubles, OverTls, Secrecy, OneSite):
    """All of these over one site."""


del OneSite  # has no cases of its own

if __name__ == "__main__":
    suite.main()
