"""Do all processes together keep to max_connections, and does everybody still get an answer?"""

import contextlib
import os
import pathlib
import signal
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import fastcgi, laravel, places, suite
from harness.audit import AuditLog
from harness.exchange import parse_cgi, subscription
from harness.load import Load
from harness.mount_cgi import DirectCgi, cgi_environment
from harness.mount_memory import Memory
from harness.mount_socket import OwnSocket
from harness.processes import descriptors, stand_still
from harness.site import BRIEF_HOLD, PATIENT_HOLD
from harness.waiting import wait_until

GOOD = subscription(laravel.CHANNEL, laravel.ALICE)
MAX_CONNECTIONS = 2
WORKERS = 6


class SixWorkers(OwnSocket):
    workers = WORKERS


class Connections(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("connections"))
        cls.db = cls.system.db
        cls.site = cls.system.site
        cls.set_database(f"max_connections = {MAX_CONNECTIONS}")
        cls.log = AuditLog(cls.site)

    @classmethod
    def set_database(cls, lines, state=None, hold=PATIENT_HOLD):
        cls.system.configure(hold=hold)
        text = cls.site.config.read_text().replace("database {\n", f"database {{\n\t{lines}\n")
        if state is not None:
            text = text.replace(f'"{cls.site.state}"', f'"{state}"')
        cls.site.write_secret(cls.site.config, text)

    def start(self):
        server = SixWorkers(self.site, self.system.scratch)
        server.__enter__()
        self.addCleanup(server.__exit__, None, None, None)
        return server

    def load(self, server, count=12):
        environment = cgi_environment(GOOD, self.site)
        return Load(server.path, environment, GOOD.body, 200, count)

    def test_under_load_nobody_goes_without(self):
        server = self.start()
        workers = server.serving()
        held = []
        with self.load(server) as load:
            for _ in range(20):
                load.wait_for(50)
                held.append(connections_held(workers))
        self.assertEqual(set(load.statuses), {200}, load.wrong)
        self.assertEqual(load.broken, {})
        if os.geteuid() == 0:
            self.assertLessEqual(max(held), MAX_CONNECTIONS, held)
            self.assertGreater(max(held), 0, "looked in the wrong place")
        wait_until(lambda: len(self.db.connections()) <= MAX_CONNECTIONS)

    def ask(self, peer, wire):
        peer.sendall(wire)
        return parse_cgi(fastcgi.read_reply(peer)).status

    def wire(self, request=GOOD):
        return fastcgi.request_bytes(cgi_environment(request, self.site), request.body, keep=True)

    def connect_to(self, server, pid, workers):
        """A connection that one worker keeps: all others stand still while it is accepted."""
        others = [other for other in workers if other != pid]
        # one that is woken for a connection and then stopped would take it along
        stand_still(*others)
        try:
            peer = fastcgi.connect(server.path)
            self.addCleanup(peer.close)
            self.assertEqual(self.ask(peer, self.wire(subscription(laravel.CHANNEL))), 401)
        finally:
            signal_all(others, signal.SIGCONT)
        return peer

    def connect_to_each_worker(self, server):
        workers = server.serving()
        return [self.connect_to(server, pid, workers) for pid in workers]

    def test_idle_processes_give_way(self):
        """Each worker is asked in turn, while others sit on all there is and have nothing to do."""
        self.assert_idle_processes_give_way(self.start())

    def test_idle_processes_give_way_in_the_sandbox(self):
        """Also after a reload, for which everything is opened once more, from within."""
        if places.is_instrumented():
            self.skipTest("sanitizers need calls that the sandbox refuses")
        text = self.site.config.read_text()
        self.addCleanup(self.site.write_secret, self.site.config, text)
        self.site.write_secret(self.site.config, f'sandbox = "strict"\n{text}')
        server = self.start()
        server.serving()
        before = self.site.log_text().count("read anew")
        os.kill(server.server.pid, signal.SIGHUP)
        wait_until(lambda: self.site.log_text().count("read anew") >= before + WORKERS)
        self.assert_idle_processes_give_way(server)

    def assert_idle_processes_give_way(self, server):
        peers = self.connect_to_each_worker(server)
        wire = self.wire()
        for peer in peers + peers:
            self.assertEqual(self.ask(peer, wire), 200)
            wait_until(lambda: len(self.db.connections()) <= MAX_CONNECTIONS)

    def test_a_busy_process_gives_way(self):
        """One worker is never without a request; another one needs the only connection."""
        self.set_database("max_connections = 1")
        self.addCleanup(self.set_database, f"max_connections = {MAX_CONNECTIONS}")
        slow = self.site.config.read_text().replace(
            "WHERE c.id = :conversation", "WHERE SLEEP(0.05) = 0 AND c.id = :conversation")
        self.site.write_secret(self.site.config, slow)
        server = self.start()
        busy, other, *_ = workers = server.serving()
        peers = [self.connect_to(server, busy, workers) for _ in range(4)]
        waiting = self.connect_to(server, other, workers)
        wire = self.wire()
        stop = threading.Event()
        statuses = []

        def keep_busy(peer):
            while not stop.is_set():
                statuses.append(self.ask(peer, wire))

        threads = [threading.Thread(target=keep_busy, args=(peer,)) for peer in peers]
        for thread in threads:
            thread.start()
        try:
            self.assertEqual([self.ask(waiting, wire) for _ in range(5)], [200] * 5)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(set(statuses), {200})

    def test_a_holder_that_waits_for_a_slow_client_gives_way(self):
        peers = self.connect_to_each_worker(self.start())
        wire = self.wire()
        for peer in peers[:MAX_CONNECTIONS]:
            self.assertEqual(self.ask(peer, wire), 200)
            peer.sendall(wire[:-20])
        for peer in peers[MAX_CONNECTIONS:]:
            self.assertEqual(self.ask(peer, wire), 200)
        for peer in peers[:MAX_CONNECTIONS]:
            self.assertEqual(self.ask(peer, wire[-20:]), 200)

    def test_a_killed_holder_holds_nothing(self):
        server = self.start()
        self.assertEqual(server.send(GOOD).status, 200)
        for _ in range(3):
            with self.load(server, 6) as load:
                load.wait_for(100)
                signal_all(server.serving()[:WORKERS - 1], signal.SIGKILL)
                load.wait_for(100)
            self.assertEqual(set(load.statuses), {200}, load.wrong)
        self.assertEqual(server.send(GOOD).status, 200)

    def test_all_taken_is_said(self):
        """A holder that can do nothing about it keeps its slot: the others say why they cannot."""
        self.set_database(f"max_connections = {MAX_CONNECTIONS}", hold=BRIEF_HOLD)
        self.addCleanup(self.set_database, f"max_connections = {MAX_CONNECTIONS}")
        with Memory(self.site) as first, Memory(self.site) as second, Memory(self.site) as third:
            self.assertEqual(first.send(GOOD).status, 200)
            self.assertEqual(second.send(GOOD).status, 200)
            reply = third.send(GOOD)
            self.assertEqual(reply.status, 503)
            self.assertEqual(reply.header("Retry-After"), "1")
            entry = self.log.decision_of(reply)
            self.assertEqual(entry["event.reason"], "database_full")
            self.assertIn("max_connections", str(entry))
            # it was no outage: nobody fails fast because of it
            self.assertEqual(first.send(GOOD).status, 200)
            self.assertEqual(second.send(GOOD).status, 200)
            # the server may still have some of an earlier case's, whose processes have ended
            wait_until(lambda: len(self.db.connections()) == MAX_CONNECTIONS)

    def test_one_connection_is_enough_for_a_reload(self):
        self.set_database("max_connections = 1")
        self.addCleanup(self.set_database, f"max_connections = {MAX_CONNECTIONS}")
        server = self.start()
        with self.load(server, 4) as load:
            for _ in range(2):
                load.wait_for(100)
                before = self.site.log_text().count("read anew")
                os.kill(server.server.pid, signal.SIGHUP)
                wait_until(lambda: self.site.log_text().count("read anew") >= before + WORKERS)
            load.wait_for(100)
        self.assertEqual(set(load.statuses), {200}, load.wrong)
        self.assertNotIn("not used", self.site.log_text())

    def test_plain_cgi_programs_wait_for_each_other(self):
        self.set_database("max_connections = 1")
        self.addCleanup(self.set_database, f"max_connections = {MAX_CONNECTIONS}")
        mount = DirectCgi(self.site)
        statuses = []

        def ask():
            statuses.extend(mount.send(GOOD).status for _ in range(3))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        with mount:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual(statuses, [200] * 12)

    def test_without_a_common_folder_there_is_a_warning(self):
        self.set_database("max_connections = 1", state="/nonexistent/state")
        self.addCleanup(self.set_database, f"max_connections = {MAX_CONNECTIONS}")
        done = self.site.tool("check")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("each process works on its own", done.stderr)
        with Memory(self.site) as first, Memory(self.site) as second:
            self.assertEqual(first.send(GOOD).status, 200)
            self.assertEqual(second.send(GOOD).status, 200)


def connections_held(pids):
    """How many connections to the database processes have, all at the same moment; 0 for who may not look.
    The database notices later that one is closed. Only who connects has a socket without a path."""
    stand_still(*pids)
    try:
        mine = {name for pid in pids for name in descriptors(pid).values()}
        lines = pathlib.Path("/proc/net/unix").read_text().splitlines()[1:]
    except PermissionError:
        return 0
    finally:
        signal_all(pids, signal.SIGCONT)
    return sum(f"socket:[{inode}]" in mine for *_, inode in (line.split() for line in lines))


def signal_all(pids, number):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):  # killed before, and ended only now
            os.kill(pid, number)


if __name__ == "__main__":
    suite.main()
