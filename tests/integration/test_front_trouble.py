"""Does castgate serve on when strangers connect, peers stall, and things run out?"""

import os
import pathlib
import pwd
import re
import resource
import signal
import socket
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import fastcgi, laravel, places, suite, ticket
from harness.audit import AuditLog
from harness.between import PREPARES, Between
from harness.exchange import parse_cgi, subscription
from harness.mount_cgi import cgi_environment
from harness.mount_socket import OwnSocket, Sandboxed, Spawned, SystemdSocket
from harness.other_user import as_user, strangers
from harness.processes import children_of, status_of
from harness.waiting import wait_until

REQUEST = subscription(laravel.CHANNEL, laravel.ALICE)


class OneSite(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("trouble"))
        cls.site = cls.system.site

    def setUp(self):
        # what another case made castgate say is not to be taken for this one's
        for log in self.site.logs.iterdir():
            os.truncate(log, 0)

    def start(self, kind=OwnSocket, **attributes):
        kind = type(kind.__name__, (kind,), attributes)
        mount = kind(self.site, self.system.scratch)
        mount.__enter__()
        self.addCleanup(mount.__exit__, None, None, None)
        return mount

    def wire(self, keep=False):
        environment = cgi_environment(REQUEST, self.site)
        return fastcgi.request_bytes(environment, REQUEST.body, keep)

    def configure(self, change):
        """Write the configuration as `change` makes it, until the end of the case."""
        good = self.site.config.read_text()
        self.addCleanup(self.site.write_secret, self.site.config, good)
        changed = change(good)
        self.assertNotEqual(changed, good)
        self.site.write_secret(self.site.config, changed)
        return good

    def assert_signed(self, reply):
        self.assertEqual(reply.status, 200, str(reply))
        ticket.check(reply.body, laravel.KEYS.key, laravel.KEYS.secret, "1234.5678",
                     laravel.CHANNEL)

    def said(self, words):
        return [line for line in self.site.log_text().splitlines() if words in line]


def ask(path, wire):
    """The reply to a request, or None when the connection was closed instead."""
    with fastcgi.connect(path) as peer:
        try:
            peer.sendall(wire)
            if peer.recv(1, socket.MSG_PEEK) == b"":
                return None
        except (BrokenPipeError, ConnectionResetError):
            return None
        return parse_cgi(fastcgi.read_reply(peer))


class Strangers(OneSite):
    """A socket whose file anybody may open; the list alone decides."""

    def open_up(self, **attributes):
        folder = self.system.scratch.directory(self.id().rsplit(".", 1)[1], self.site.account)
        mount = OwnSocket if "kind" not in attributes else attributes.pop("kind")
        mount = type(mount.__name__, (mount,), attributes)(self.site, self.system.scratch)
        mount.path = folder / "socket"
        mount.__enter__()
        self.addCleanup(mount.__exit__, None, None, None)
        mount.path.chmod(0o777)
        return mount

    def test_who_is_not_named_is_not_heard(self):
        one, other = strangers()
        mount = self.open_up()
        self.assert_signed(mount.send(REQUEST))
        before = len(self.said("a connection by user"))
        started = time.monotonic()
        for _ in range(20):
            self.assertIsNone(as_user(one, ask, mount.path, self.wire()))
        self.assertIsNone(as_user(other, ask, mount.path, self.wire()))
        told = self.said("a connection by user")[before:]
        self.assertTrue(any(f"user {one.pw_uid} was closed" in line for line in told), told)
        # each of them speaks once in ten seconds
        most = mount.workers * (2 + (time.monotonic() - started) // 10)
        self.assertLessEqual(len(told), most, "the log can be filled")
        self.assert_signed(mount.send(REQUEST))

    def test_who_is_named_is_served(self):
        one, other = strangers()
        for number, peers in enumerate((one.pw_name, f"root,{one.pw_uid}")):
            with self.subTest(peers):
                mount = OwnSocket(self.site, self.system.scratch)
                mount.peers = peers
                mount.path = self.system.scratch.directory(
                    f"named-{number}", self.site.account) / "socket"
                with mount:
                    mount.path.chmod(0o777)
                    self.assert_signed(as_user(one, ask, mount.path, self.wire()))
                    self.assertIsNone(as_user(other, ask, mount.path, self.wire()))

    def test_anybody(self):
        one, _ = strangers()
        mount = self.open_up(peers="any")
        self.assert_signed(as_user(one, ask, mount.path, self.wire()))

    def test_systemds_socket(self):
        one, _ = strangers()
        mount = self.open_up(kind=SystemdSocket)
        self.assertIsNone(as_user(one, ask, mount.path, self.wire()))
        self.assert_signed(mount.send(REQUEST))

    def test_a_web_servers_own_socket_is_its_own_to_guard(self):
        """mod_fcgid with suexec connects as another user than the program's; argv names nobody."""
        one, _ = strangers()
        mount = self.open_up(kind=Spawned)
        self.assert_signed(as_user(one, ask, mount.path, self.wire()))

    def test_tcp_is_not_served(self):
        mount = self.start(Spawned, family=socket.AF_INET)
        with socket.create_connection(mount.socket.getsockname(), timeout=120) as peer:
            try:
                peer.sendall(self.wire())
                received = peer.recv(100)
            except (BrokenPipeError, ConnectionResetError):
                received = b""
        self.assertEqual(received, b"")
        wait_until(lambda: self.said("a connection over TCP was closed"))

    def test_a_list_that_is_none(self):
        for peers in ("nobody-of-that-name", "", "www-data,", "-1"):
            with self.subTest(peers):
                mount = OwnSocket(self.site, self.system.scratch)
                with self.assertRaisesRegex(AssertionError, f"--peers {peers}: .*user"):
                    mount.command = lambda mount=mount, peers=peers: [
                        *OwnSocket.command(mount), "--peers", peers]
                    mount.__enter__()


class Stalled(OneSite):
    def test_idle_peers_block_nobody(self):
        """More of them than workers; each used to cost a worker a deadline."""
        mount = self.start()
        idle = [fastcgi.connect(mount.path) for _ in range(12)]
        for peer in idle:
            self.addCleanup(peer.close)
        for _ in range(10):
            self.assert_signed(mount.send(REQUEST))
        # and are served when they ask at last
        for peer in idle:
            peer.sendall(self.wire())
            self.assert_signed(parse_cgi(fastcgi.read_reply(peer)))

    def test_half_a_record_costs_one_worker(self):
        mount = self.start()
        with fastcgi.connect(mount.path) as peer:
            peer.sendall(self.wire()[:20])
            for _ in range(20):
                self.assert_signed(mount.send(REQUEST))


class Cut(OneSite):
    """A request that ends early, after any byte of it."""

    def cut(self, mount, keep, end):
        log = AuditLog(self.site)
        self.assert_signed(mount.send(REQUEST))
        wire = self.wire(keep)
        for count in range(len(wire)):
            with fastcgi.connect(mount.path) as peer:
                peer.sendall(wire[:count])
                self.assertEqual(end(peer), b"", f"an answer after {count} bytes")
        self.assert_signed(mount.send(REQUEST))
        # none but the first and the last; a third would have been logged by now
        self.assertEqual(log.reasons(2), ["allowed", "allowed"])
        self.assertEqual(log.decisions(seconds=1), [])

    def test_half_closed(self):
        def end(peer):
            peer.shutdown(socket.SHUT_WR)
            return peer.recv(100)
        mount = self.start()
        self.cut(mount, False, end)
        self.cut(mount, True, end)

    def test_closed(self):
        self.cut(self.start(), False, lambda peer: b"")


class Exhausted(OneSite):
    LIMIT = 24

    def limited(self):
        """castgate with few descriptors."""
        limit = self.LIMIT

        class Limited(OwnSocket):
            def command(self):
                return ["/bin/sh", "-c", f'ulimit -n {limit}; exec "$@"', "sh", *super().command()]

        return self.start(Limited)

    def limit(self, workers, count):
        """Change the limit of running processes; their own user may do that."""
        def change():
            for pid in workers:
                resource.prlimit(pid, resource.RLIMIT_NOFILE, (count, self.LIMIT))
        if self.site.account.drops:
            as_user(pwd.getpwuid(self.site.account.uid), change)
        else:
            change()

    def test_few_descriptors_and_many_kept_connections(self):
        """Every request is answered whole; idle connections are given up for it."""
        mount = self.limited()
        self.assert_signed(mount.send(REQUEST))
        for _ in range(3 * self.LIMIT):
            peer = fastcgi.connect(mount.path)
            self.addCleanup(peer.close)
            peer.sendall(self.wire(keep=True))
            self.assert_signed(parse_cgi(fastcgi.read_reply(peer)))

    def test_no_descriptor_left(self):
        """A limit that leaves none for another connection; then there are some again."""
        mount = self.limited()
        self.assert_signed(mount.send(REQUEST))
        workers = mount.serving()
        self.limit(workers, 3)
        with fastcgi.connect(mount.path) as peer:
            peer.sendall(self.wire())
            wait_until(lambda: self.said("a connection has to wait: Too many open"))
            self.limit(workers, self.LIMIT)
            self.assert_signed(parse_cgi(fastcgi.read_reply(peer)))
        self.assertEqual(children_of(mount.server.pid), workers)


class FullLog(OneSite):
    def test_a_device_without_room(self):
        self.configure(lambda text: text.replace(f'log = "{self.site.log}"', 'log = "/dev/full"'))
        mount = self.start()
        for _ in range(5):
            self.assert_signed(mount.send(REQUEST))

    def test_a_limit_is_reached_and_lifted(self):
        """Losses are told in the file that follows."""
        class Limited(OwnSocket):
            def command(self):
                # in blocks of 512 bytes
                return ["/bin/sh", "-c", 'ulimit -f 16; exec "$@"', "sh", *super().command()]

        mount = self.start(Limited)
        for _ in range(60):
            self.assert_signed(mount.send(REQUEST))
        self.assertEqual(self.site.log.stat().st_size, 16 * 512)
        self.site.log.rename(self.site.log.with_suffix(".full"))
        os.kill(mount.server.pid, signal.SIGHUP)

        def told():
            self.assert_signed(mount.send(REQUEST))
            return self.site.log.exists() and self.said("lines of this log were lost: ")

        wait_until(told)
        self.assertEqual(len(children_of(mount.server.pid)), mount.workers)


class BrokenConfiguration(OneSite):
    """A worker that starts while the configuration is broken leaves requests to its siblings."""

    def check(self, change, words):
        mount = self.start()
        # both have read the good one; the server may have connections of an earlier case still
        killed, kept = mount.serving()
        wait_until(lambda: len(self.system.db.connections()) >= mount.workers)
        good = self.configure(change)

        def told():
            return (mount.log_text() + self.site.log_text()).count(words)

        before = told()
        os.kill(killed, signal.SIGKILL)
        # The new one says what is wrong before it serves; the other keeps to what it has.
        wait_until(lambda: told() > before
                   and len(set(children_of(mount.server.pid)) - {killed, kept}) == 1)
        mount.serving()
        for _ in range(40):
            self.assert_signed(mount.send(REQUEST))
        return mount, kept, good

    def broken(self, text):
        return text + "\nnonsense = 1\n"

    def test_siblings_serve(self):
        self.check(self.broken, "nonsense")

    def test_siblings_serve_what_the_database_knows(self):
        self.check(lambda text: text.replace("c.id = :conversation", "c.nope = :conversation"),
                   "nope")

    def test_the_last_good_one_ends(self):
        """Then a 503 is better than silence; and a mended file is served again."""
        mount, kept, good = self.check(self.broken, "nonsense")
        os.kill(kept, signal.SIGKILL)
        wait_until(lambda: mount.send(REQUEST).status == 503)
        self.site.write_secret(self.site.config, good)
        wait_until(lambda: mount.send(REQUEST).status == 200)
        for _ in range(10):
            self.assert_signed(mount.send(REQUEST))

    def test_its_errors_are_told_once(self):
        mount, _, _ = self.check(self.broken, "nonsense")
        time.sleep(3)
        self.assertLessEqual(mount.log_text().count("nonsense"), 2)
        # a file that was touched is another matter, even when it is broken in the same way
        before = len(self.said("stays in force"))
        os.utime(self.site.config)
        wait_until(lambda: mount.send(REQUEST).status == 200
                   and len(self.said("stays in force")) > before)


# The client library's words, as it lost a connection or could not get another.
GONE = "(Lost connection|Can't connect)"


class ReloadInAnOutage(OneSite):
    """A configuration that the database could not be asked about is no worse than before."""

    def reload(self, change, words="old_tokens"):
        """With `change`, and a database that goes at a statement with these words: as it stands, the
        credential of an endpoint whose rules ask nothing. The mount, where the new configuration looks
        for the database, what was said."""
        path = self.system.scratch.directory(self._testMethodName, self.site.account) / "socket"
        server = self.system.db.socket

        def break_off(_, text):
            if words in text:
                path.unlink()
                raise ConnectionError

        mount = self.start(workers=1)
        self.assert_signed(mount.send(REQUEST))
        before = self.site.log_text()
        with Between(path, server, break_off, commands=PREPARES):
            path.chmod(0o777)
            self.configure(lambda text: re.sub("hold = .*", "hold = 1s", change(text))
                           .replace(f'"{server}"', f'"{path}"'))
            os.kill(mount.server.pid, signal.SIGHUP)
            wait_until(lambda: re.search(
                "read anew|stays in force", self.site.log_text()[len(before):]))
        return mount, path, self.site.log_text()[len(before):]

    def test_a_credential_that_could_not_be_asked_about(self):
        mount, path, said = self.reload(
            lambda text: text.replace('"thisisaauthkey"', '"anotherkey"'))
        self.assertRegex(said, r'credential \\"old\\": the database says: ' + GONE)
        self.assertIn("read anew", said)
        self.assertEqual(mount.send(REQUEST).status, 503)
        path.symlink_to(self.system.db.socket)
        wait_until(lambda: b"anotherkey:" in mount.send(REQUEST).body)

    def test_a_rule_was_wrong_before(self):
        mount, _, said = self.reload(lambda text: text.replace("c.id AS conversation",
                                                               "c.id AS other"))
        self.assertRegex(said, "(?s)is not proven.*the database says: " + GONE)
        self.assertIn("stays in force", said)
        # as soon as nobody believes any more that the database is away
        wait_until(lambda: mount.send(REQUEST).status == 200)

    def test_the_rule_itself_was_wrong_before(self):
        deny = ('\t\tdeny "OTHER_COMPANY" {\n\t\t\twhen = "SELECT company_id FROM conversations '
                'WHERE id = :conversation AND company_id <> :company"\n\t\t}\n')
        rule = 'p.user_id = :user"\n'
        mount, _, said = self.reload(
            lambda text: text.replace("c.id AS conversation", "c.id AS other").replace(rule, rule + deny, 1),
            "company_id <>")
        self.assertRegex(said, "(?s)is not proven.*the database says: " + GONE)
        self.assertIn("stays in force", said)
        wait_until(lambda: mount.send(REQUEST).status == 200)


class SandboxedReload(OneSite):
    """A changed file, read from inside the sandbox."""

    def setUp(self):
        super().setUp()
        if places.is_instrumented():
            self.skipTest("sanitizers need calls that the sandbox refuses")

    def test_a_changed_key(self):
        mount = self.start(Sandboxed)
        self.assert_signed(mount.send(REQUEST))
        self.configure(lambda text: text.replace('"thisisaauthkey"', '"anotherkey"'))
        os.kill(mount.server.pid, signal.SIGHUP)
        wait_until(lambda: b"anotherkey:" in mount.send(REQUEST).body)

    def test_a_file_elsewhere(self):
        """What the sandbox does not let in is said, and the old configuration stays."""
        mount = self.start(Sandboxed)
        self.assert_signed(mount.send(REQUEST))
        elsewhere = self.system.scratch.directory("elsewhere", self.site.account) / "key"
        self.site.write_secret(elsewhere, "foreignkey")
        self.configure(lambda text: text.replace('"thisisaauthkey"', f'"file:{elsewhere}"'))
        os.kill(mount.server.pid, signal.SIGHUP)
        wait_until(lambda: self.said("only after a restart"))
        self.assertTrue(self.said(str(elsewhere)))
        for _ in range(4):
            self.assert_signed(mount.send(REQUEST))

    def test_it_is_entered_when_the_configuration_says_so(self):
        mount = self.start()
        self.assert_signed(mount.send(REQUEST))
        if os.geteuid() != 0:
            self.skipTest("only root may look into a process that is not dumpable")
        self.configure(lambda text: text + '\nsandbox = "strict"\n')
        os.kill(mount.server.pid, signal.SIGHUP)

        def confined(pid):
            return "Seccomp:\t2" in status_of(pid)

        wait_until(lambda: [*map(confined, children_of(mount.server.pid))] == [True] * mount.workers)
        self.assert_signed(mount.send(REQUEST))


if __name__ == "__main__":
    suite.main()
