"""Do the mounts keep what their files promise: kept connections, restarts, logs without tokens?"""

import concurrent.futures
import pathlib
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, places, suite, ticket
from harness.audit import AuditLog
from harness.copied_file import with_apache_values, with_lighttpd_values
from harness.exchange import subscription
from harness.mount_apache import (ApacheCgiBin, ApacheExact, ApacheFcgid, ApacheHtaccess,
                                  ApacheProxy, ApacheProxyHtaccess, ApacheProxyReuse)
from harness.mount_lighttpd import LighttpdFastcgi, LighttpdSocket
from harness.mount_nginx import Nginx
from harness.waiting import PATIENCE_SECONDS, wait_until

GOOD = subscription(laravel.CHANNEL, laravel.ALICE)
CLIENTS = 16
BESIDE = (ApacheProxy, ApacheProxyReuse, ApacheProxyHtaccess, LighttpdSocket, Nginx)


class OneSite(unittest.TestCase):
    started = 0

    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("mounts"))
        cls.site = cls.system.site

    def start(self, kind):
        """A mount in a directory of its own, until the end of the case."""
        OneSite.started += 1
        kind = type(kind.__name__, (kind,), {"name": f"{kind.name}-{OneSite.started}"})
        mount = kind(self.site, self.system.scratch)
        mount.__enter__()
        self.addCleanup(mount.__exit__, None, None, None)
        return mount

    def assert_signed(self, reply):
        self.assertEqual(reply.status, 200, str(reply))
        ticket.check(reply.body, laravel.KEYS.key, laravel.KEYS.secret, "1234.5678",
                     laravel.CHANNEL)


def connections_to(path):
    """How many connections castgate's socket has; the listening one does not count."""
    count = 0
    for line in pathlib.Path("/proc/net/unix").read_text().splitlines()[1:]:
        words = line.split()
        # A flag marks the listening one; 02 still waits to be accepted, 03 is connected.
        if words[-1] == str(path) and words[3] == "00000000" and words[5] in ("02", "03"):
            count += 1
    return count


class KeptConnections(OneSite):
    """More connections stay open than there are workers; none may cost a worker."""

    def ask_together(self, mount, meanwhile=lambda: None):
        """One request from each client, all before the first reply."""
        barrier = threading.Barrier(CLIENTS)

        def ask(_):
            barrier.wait(PATIENCE_SECONDS)
            return mount.send(GOOD)

        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            replies = pool.map(ask, range(CLIENTS))
            meanwhile()
            return list(replies)

    def check_kept(self, kind):
        mount = self.start(kind)
        self.assertLess(mount.workers, CLIENTS)

        def hold_the_workers():
            # No request can be decided before the others have come and made connections.
            wait_until(lambda: connections_to(mount.castgate.path) >= CLIENTS)

        with self.system.db.session() as session:
            session.execute("LOCK TABLES personal_access_tokens WRITE")
            replies = self.ask_together(
                mount, lambda: (hold_the_workers(), session.execute("UNLOCK TABLES")))
        for reply in replies:
            self.assert_signed(reply)
        kept = connections_to(mount.castgate.path)
        for _ in range(5):
            for reply in self.ask_together(mount):
                self.assert_signed(reply)
        return mount, kept

    def test_apache(self):
        mount, kept = self.check_kept(ApacheProxyReuse)
        self.assertGreater(kept, mount.workers, "the case proves nothing")

    def test_nginx(self):
        mount, kept = self.check_kept(Nginx)
        self.assertGreater(kept, mount.workers, "the case proves nothing")

    def test_apache_without_reuse(self):
        mount, _ = self.check_kept(ApacheProxy)
        wait_until(lambda: not connections_to(mount.castgate.path), "a connection stays open")


class Restarts(OneSite):
    """castgate ends and comes back behind a web server that stays."""

    def test_back_at_once(self):
        """A failed connection does not shut castgate out for a while. lighttpd looks once a second."""
        for kind in BESIDE:
            with self.subTest(kind.name):
                mount = self.start(kind)
                self.assert_signed(mount.send(GOOD))
                mount.castgate.__exit__(None, None, None)
                for _ in range(3):
                    self.assertIn(mount.send(GOOD).status, (502, 503))
                mount.castgate.__enter__()
                if kind is LighttpdSocket:
                    wait_until(lambda mount=mount: mount.send(GOOD).status == 200)
                self.assert_signed(mount.send(GOOD))


class AccessLogs(OneSite):
    """The shipped formats have the path and never the query."""

    def check(self, mount, log, others):
        mount.send(subscription(laravel.CHANNEL, laravel.ALICE,
                                target="/broadcasting/auth?token=hidden",
                                headers=[("Referer", "http://127.0.0.1/chat?token=hidden")]))
        def logged():
            # lighttpd writes its log in blocks, and when something comes after a while.
            mount.send(GOOD)
            return log.exists() and "/broadcasting/auth" in log.read_text()

        wait_until(logged, "nothing is logged")
        for file in (log, *others):
            self.assertNotIn("hidden", file.read_text())

    def test_apache(self):
        class Logging(ApacheFcgid):
            def prepare(self):
                log = with_apache_values(places.SOURCE / "apache/castgate-log.conf", {
                    "CASTGATE_ACCESS_LOG": self.directory / "castgate.log"})
                return (super().prepare() + log + f'CustomLog "{self.directory}/access.log" '
                        '"%r %{Referer}i" env=!castgate_path\n')
        mount = self.start(Logging)
        self.check(mount, mount.directory / "castgate.log", [mount.directory / "access.log"])

    def test_apache_in_front_of_an_htaccess(self):
        """The request is logged under the path that the client asked."""
        class Logging(ApacheHtaccess):
            def prepare(self):
                return super().prepare() + with_apache_values(
                    places.SOURCE / "apache/castgate-log.conf",
                    {"CASTGATE_ACCESS_LOG": self.directory / "castgate.log"})
        mount = self.start(Logging)
        self.check(mount, mount.directory / "castgate.log", [])

    def test_lighttpd(self):
        class Logging(LighttpdFastcgi):
            def mount_lines(self, sockets):
                return super().mount_lines(sockets) + with_lighttpd_values(
                    places.SOURCE / "lighttpd/castgate-log.conf",
                    {"castgate_access_log": sockets / "access.log"})
        mount = self.start(Logging)
        self.check(mount, mount.directory / "sockets/access.log", [])

    def test_nginx(self):
        mount = self.start(Nginx)
        self.check(mount, mount.access_log, [])


class Storm(OneSite):
    """What is set for thousands of clients that come at once; make bench sends them."""

    def test_apache_takes_it_as_it_is(self):
        class Prepared(ApacheProxy):
            def _main_config(self):
                before, mark, host = super()._main_config().rpartition("<VirtualHost ")
                return before + (places.SOURCE / "apache/castgate-storm.conf").read_text() + mark + host
        mount = self.start(Prepared)
        self.assert_signed(mount.send(GOOD))
        self.assertNotRegex(mount.log_text(), "WARNING")


class AuthorizationLine(OneSite):
    """Each of Apache's files needs its one line; without it the log has the cure."""

    LINE = 'SetEnvIf Authorization "(.+)" HTTP_AUTHORIZATION=$1'

    def test_without(self):
        line = self.LINE
        for kind in (ApacheProxy, ApacheProxyHtaccess, ApacheExact, ApacheCgiBin):
            class Without(kind):
                def prepare(self):
                    text = super().prepare()
                    for file in (self.directory / "www").rglob(".htaccess"):
                        file.write_text(file.read_text().replace(line, ""))
                    return text.replace(line, "")
            with self.subTest(kind.name):
                mount = self.start(Without)
                log = AuditLog(self.site)
                reply = mount.send(GOOD)
                self.assertEqual(reply.status, 401)
                decision = log.decision_of(reply)
                self.assertEqual(decision["event.reason"], "credential_missing")
                self.assertIn(line, decision["castgate.cure"])


class OwnPath(OneSite):
    """A program that a rewrite leads to can be asked under its own path as well; that is no endpoint."""

    def test_it_is_not_found(self):
        for kind, targets in (
                (ApacheHtaccess, ("/castgate.fcgi", "/castgate.fcgi/broadcasting/auth")),
                (ApacheProxyHtaccess, ("/castgate.fcgi", "/castgate.fcgi/broadcasting/auth")),
                (ApacheCgiBin, ("/cgi-bin/castgate.fcgi", "/cgi-bin/castgate.fcgi/broadcasting/auth"))):
            mount = self.start(kind)
            for target in targets:
                with self.subTest(f"{kind.name} {target}"):
                    reply = mount.send(subscription(laravel.CHANNEL, laravel.ALICE, target=target))
                    self.assertNotIn(laravel.KEYS.key.encode(), reply.body)
                    # without a file of that name it is the application's to answer
                    self.assertIn(reply.status, (200,) if kind is ApacheProxyHtaccess else (404,))
            self.assert_signed(mount.send(GOOD))


class ProxyHeader(OneSite):
    """A client's Proxy header stays a header: nothing fails and nobody is asked."""

    def test_it_changes_nothing(self):
        for kind in BESIDE:
            with self.subTest(kind.name):
                mount = self.start(kind)
                self.assert_signed(mount.send(subscription(
                    laravel.CHANNEL, laravel.ALICE, headers=[("Proxy", "http://127.0.0.1:1/")])))


if __name__ == "__main__":
    suite.main()
