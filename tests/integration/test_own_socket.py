"""Does castgate.fcgi hold as a server of its own: prefork, signals, activation, odd peers?"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import fastcgi, laravel, suite
from harness.exchange import parse_cgi, subscription
from harness.mount_cgi import cgi_environment
from harness.mount_socket import OwnSocket, SystemdSocket
from harness.processes import children_of
from harness.waiting import wait_until

REQUEST = subscription(laravel.CHANNEL, laravel.ALICE)


class Server(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("own-socket"))
        cls.site = cls.system.site

    def start(self, kind=OwnSocket):
        mount = kind(self.site, self.system.scratch)
        mount.__enter__()
        self.addCleanup(mount.__exit__, None, None, None)
        return mount

    def environment(self):
        return cgi_environment(REQUEST, self.site)

    def test_it_answers_and_leaves_nothing(self):
        mount = self.start()
        self.assertEqual(mount.send(REQUEST).status, 200)
        self.assertEqual(mount.path.stat().st_mode & 0o777, 0o660)
        pid = mount.server.pid
        children = children_of(pid)
        self.assertEqual(len(children), mount.workers)
        mount.server.stop()
        self.assertFalse(mount.path.exists())
        for child in children:
            self.assertFalse(os.path.exists(f"/proc/{child}"))

    def test_systemd_keeps_its_socket(self):
        mount = self.start(SystemdSocket)
        self.assertEqual(mount.send(REQUEST).status, 200)
        mount.server.stop()
        self.assertTrue(mount.path.exists())

    def test_a_killed_worker_is_replaced(self):
        mount = self.start()
        before = children_of(mount.server.pid)
        os.kill(before[0], signal.SIGKILL)
        wait_until(lambda: len(set(children_of(mount.server.pid)) - set(before)) == 1)
        for _ in range(10):
            self.assertEqual(mount.send(REQUEST).status, 200)

    def test_sighup_reads_the_configuration_anew(self):
        mount = self.start()
        self.assertEqual(mount.send(REQUEST).status, 200)
        good = self.site.config.read_text()
        self.addCleanup(self.site.write_secret, self.site.config, good)
        self.site.write_secret(self.site.config, good.replace('"thisisaauthkey"', '"anotherkey"'))
        mount.server._process.send_signal(signal.SIGHUP)
        wait_until(lambda: b"anotherkey:" in mount.send(REQUEST).body)

    def put_back_later(self):
        good = self.site.config.read_text()
        self.addCleanup(self.site.write_secret, self.site.config, good)
        return good

    def log_lines(self, word):
        return [line for line in self.site.log_text().splitlines() if word in line]

    def test_a_broken_new_configuration_keeps_the_old_one(self):
        mount = self.start()
        # Every worker has read the good one and talked to the database.
        mount.serving()
        wait_until(lambda: len(self.system.db.connections()) >= mount.workers)
        good = self.put_back_later()
        for broken in (good + "\nnonsense = 1\n", good.replace("c.id = :conversation", "c.nope = 1")):
            before = len(self.log_lines("stays in force"))
            self.site.write_secret(self.site.config, broken)
            mount.server._process.send_signal(signal.SIGHUP)
            wait_until(lambda: len(self.log_lines("stays in force")) >= before + mount.workers)
            for _ in range(4):
                self.assertEqual(mount.send(REQUEST).status, 200)

    def test_a_touched_configuration_is_read_without_a_signal(self):
        mount = self.start()
        self.assertEqual(mount.send(REQUEST).status, 200)
        good = self.put_back_later()
        self.site.write_secret(self.site.config, good.replace('"thisisaauthkey"', '"touchedkey"'))
        wait_until(lambda: b"touchedkey:" in mount.send(REQUEST).body)

    def test_a_configuration_broken_at_start_is_served_once_mended(self):
        good = self.put_back_later()
        self.site.write_secret(self.site.config, good + "\nnonsense = 1\n")
        mount = self.start()
        reply = mount.send(REQUEST)
        self.assertEqual(reply.status, 503)
        self.assertEqual(reply.header("Retry-After"), "1")
        self.assertTrue(self.log_lines("configuration_broken") or "nonsense" in mount.log_text())
        self.site.write_secret(self.site.config, good)
        wait_until(lambda: mount.send(REQUEST).status == 200)

    def test_a_renamed_log_is_made_anew(self):
        mount = self.start()
        self.assertEqual(mount.send(REQUEST).status, 200)
        old = self.site.log.with_suffix(".1")
        self.site.log.rename(old)
        self.addCleanup(lambda: old.unlink(missing_ok=True))
        mount.server._process.send_signal(signal.SIGHUP)
        wait_until(lambda: mount.send(REQUEST).status == 200 and self.log_lines("allowed"))

    def test_a_kept_connection_serves_again(self):
        mount = self.start()
        wire = fastcgi.request_bytes(self.environment(), REQUEST.body, keep=True)
        with fastcgi.connect(mount.path) as peer:
            for _ in range(5):
                peer.sendall(wire)
                self.assertEqual(parse_cgi(fastcgi.read_reply(peer)).status, 200)

    def test_a_signal_in_the_middle_of_a_request(self):
        """Neither lost nor served without what had not come yet, wherever the signals come."""
        mount = self.start(lambda site, scratch: OwnSocket(site, scratch, workers=1))
        wire = fastcgi.request_bytes(self.environment(), REQUEST.body)
        [worker] = children_of(mount.server.pid)
        for cut in range(4, len(wire), len(wire) // 20):
            with self.subTest(cut), fastcgi.connect(mount.path) as peer:
                peer.sendall(wire[:cut])
                for number in (signal.SIGHUP, signal.SIGSTOP, signal.SIGCONT):
                    os.kill(worker, number)
                time.sleep(0.01)
                os.kill(worker, signal.SIGHUP)
                peer.sendall(wire[cut:])
                self.assertEqual(parse_cgi(fastcgi.read_reply(peer)).status, 200)
        self.assertEqual(children_of(mount.server.pid), [worker])

    def test_lines_are_there_before_the_reply(self):
        """Also those of a batch, if the worker is killed as soon as anything of the reply is seen."""
        mount = self.start(lambda site, scratch: OwnSocket(site, scratch, workers=1))
        channels = [f"private-chat.6.conversation.{number}" for number in range(1000, 1030)]
        batch = subscription("", laravel.ALICE)
        batch.body = urllib.parse.urlencode(
            [("socket_id", "1.1")] + [("channel_name[]", channel) for channel in channels]).encode()
        self.addCleanup(self.site.forget_throttle)
        for request, told in ((REQUEST, [laravel.CHANNEL]), (batch, channels)):
            with fastcgi.connect(mount.path) as peer:
                peer.sendall(fastcgi.request_bytes(cgi_environment(request, self.site), request.body))
                self.assertEqual(len(peer.recv(1)), 1)
                os.kill(children_of(mount.server.pid)[0], signal.SIGKILL)
            lines = [json.loads(line) for line in self.site.log_text().splitlines()]
            self.assertEqual([line["castgate.channel"] for line in lines
                              if "castgate.channel" in line][-len(told):], told)
            wait_until(lambda: children_of(mount.server.pid))

    def test_many_idle_connections_block_nobody(self):
        mount = self.start()
        wire = fastcgi.request_bytes(self.environment(), REQUEST.body, keep=True)
        idle = []
        for _ in range(32):
            peer = fastcgi.connect(mount.path)
            self.addCleanup(peer.close)
            peer.sendall(wire)
            self.assertEqual(parse_cgi(fastcgi.read_reply(peer)).status, 200)
            idle.append(peer)
        self.assertEqual(mount.send(REQUEST).status, 200)

    def test_a_body_that_is_not_what_was_announced_is_refused(self):
        mount = self.start()
        for length in ("0", "5", "100000", "abc", ""):
            with self.subTest(length):
                environment = {**self.environment(), "CONTENT_LENGTH": length}
                with fastcgi.connect(mount.path) as peer:
                    peer.sendall(fastcgi.request_bytes(environment, REQUEST.body))
                    reply = parse_cgi(fastcgi.read_reply(peer))
                self.assertIn(reply.status, (400, 413))
                self.assertNotIn(b"auth", reply.body)

    def test_nonsense_ends_the_connection_and_nothing_else(self):
        mount = self.start()
        good = self.environment()
        twice = fastcgi.pairs(good) + fastcgi.pairs({"HTTP_AUTHORIZATION": "Bearer 2|x"})
        begin = fastcgi.record(fastcgi.BEGIN, b"\0\1\0\0\0\0\0\0")
        end = fastcgi.record(fastcgi.STDIN)
        no_more = fastcgi.record(fastcgi.PARAMS)
        for name, wire in (
                ("management", fastcgi.record(9, b"", 0)),
                ("garbage", b"GET / HTTP/1.1\r\n\r\n"),
                ("two credentials", begin + fastcgi.record(fastcgi.PARAMS, twice) + no_more + end),
                ("no parameters", begin + no_more + end),
                ("pipelined", fastcgi.request_bytes(good, REQUEST.body) * 2)):
            with self.subTest(name), fastcgi.connect(mount.path) as peer:
                peer.sendall(wire)
                self.assertEqual(peer.recv(100), b"")
        self.assertEqual(mount.send(REQUEST).status, 200)

    def test_wrong_command_lines_are_told(self):
        program = self.site.program("castgate.fcgi")
        for words in ([], ["--workers", "2"], ["--listen", "127.0.0.1:9000"],
                      ["--listen", "unix:/x", "--workers", "0"], ["--nonsense"], ["word"]):
            with self.subTest(" ".join(words)):
                done = subprocess.run([program, *words], stdin=subprocess.DEVNULL,
                                      capture_output=True, text=True, timeout=60, check=False)
                self.assertNotEqual(done.returncode, 0)
                self.assertTrue(done.stderr)


if __name__ == "__main__":
    suite.main()
