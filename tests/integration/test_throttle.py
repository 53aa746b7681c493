"""Does the throttle stop those who fail, and nobody else, through real servers, kills and restarts?"""

import concurrent.futures
import itertools
import os
import pathlib
import re
import signal
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, suite
from harness.audit import AuditLog
from harness.exchange import Request, subscription
from harness.mount_apache import ApacheProxy
from harness.mount_cgi import DirectCgi
from harness.mount_lighttpd import LighttpdSocket
from harness.mount_socket import OwnSocket, Sandboxed
from harness.processes import children_of
from harness.site import BRIEF_HOLD, PATIENT_HOLD
from harness.waiting import wait_until

ENDPOINT = 'endpoint "/broadcasting/auth" {'
USER_ENDPOINT = 'endpoint "/broadcasting/user-auth" {'
ORIGIN = "https://chat.example"
# One comes back in three seconds.
FAILURES = 20
TOKENS = itertools.count()


def asking(address, token=laravel.ALICE, channel=laravel.CHANNEL, **more):
    """A subscription as a trusted proxy passes it on."""
    return subscription(channel, token, headers=[("X-Forwarded-For", address), ("Origin", ORIGIN)],
                        **more)


def failing(address):
    """The same with a token that nobody ever had; another one each time."""
    return asking(address, f"1|wrong-{next(TOKENS)}")


class Throttle(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("throttle"))
        cls.site = cls.system.site

    def setUp(self):
        plain = self.site.config.read_text()
        self.addCleanup(self.site.write_secret, self.site.config, plain)
        self.site.forget_throttle()
        self.configure(f"failures = {FAILURES}")

    def configure(self, limits, endpoint=ENDPOINT, proxies='"127.0.0.1"', hold=PATIENT_HOLD):
        self.system.configure(hold=hold)
        text = self.site.config.read_text()
        self.assertIn(endpoint, text)
        text = text.replace(endpoint, f"{endpoint}\n\tthrottle {{ {limits} }}")
        if proxies:
            text = f"trusted_proxies = {{{proxies}}}\n{text}"
        self.site.write_secret(self.site.config, text)

    def start(self, kind=OwnSocket):
        mount = kind(self.site, self.system.scratch)
        mount.__enter__()
        self.addCleanup(mount.__exit__, None, None, None)
        self.log = AuditLog(self.site)
        return mount

    def fail_on(self, mount, address, make=failing, most=FAILURES):
        """Fail until it is refused to look; how often, and the 429."""
        for failed in range(10 * most):
            reply = mount.send(make(address))
            if reply.status == 429:
                return failed, reply
            self.assertEqual(reply.status, 401)
        self.fail("nobody stopped it")

    def exhaust(self, mount, address, make=failing, most=FAILURES):
        """The same from the start; the 429. Never more failures than the limit lets."""
        start = time.monotonic()
        failed, reply = self.fail_on(mount, address, make, most)
        self.assertLessEqual(failed, most + most * (time.monotonic() - start) / 60 + 1)
        self.assertGreaterEqual(failed, most)
        return reply

    def assert_refused(self, mount, request, *how):
        """Nobody looks at it. What has come back on a slow machine is used up again, as `how` says."""
        for _ in range(20):
            if mount.send(request).status == 429:
                return
            self.fail_on(mount, *how)
        self.fail("it was looked at again and again")

    def refused_batch(self, mount, address, count, good=0):
        """The reply to a batch of `count` channels that there are no rules for, and `good` others."""
        names = ["private-none.%d" % n for n in range(count)] + [laravel.CHANNEL] * good
        request = asking(address)
        request.body = "&".join(
            ["socket_id=1.2", *(f"channel_name[]={name}" for name in names)]).encode()
        return mount.send(request)

    def assert_throttled(self, reply, policy, quota, window):
        self.assertEqual(reply.status, 429, str(reply))
        wait = int(reply.header("Retry-After"))
        self.assertGreaterEqual(wait, 1)
        self.assertEqual(reply.header("RateLimit-Policy"), f'"{policy}";q={quota};w={window}')
        self.assertEqual(reply.header("RateLimit"), f'"{policy}";r=0;t={wait}')
        self.assertEqual(reply.header("X-RateLimit-Limit"), str(quota))
        self.assertEqual(reply.header("X-RateLimit-Remaining"), "0")
        self.assertEqual(reply.body, b'{"message":"Too Many Requests"}')
        self.assertEqual(reply.header("Access-Control-Allow-Origin"), ORIGIN)
        self.assertIn("Retry-After", reply.header("Access-Control-Expose-Headers"))
        return wait

    def check_a_penalty(self, mount):
        reply = self.exhaust(mount, "203.0.113.9")
        wait = self.assert_throttled(reply, "failures", FAILURES, 60)
        last = self.log.decision_of(reply)
        self.assertEqual(last["event.reason"], "too_many_failures")
        self.assertEqual(last["castgate.detail"], "failures of the address")
        self.assertEqual(last["client.ip"], "203.0.113.9")
        # a proper user of the address has to wait as well; one of another address has not
        self.assert_refused(mount, asking("203.0.113.9"), "203.0.113.9")
        self.assertEqual(mount.send(asking("203.0.113.10")).status, 200)
        self.assertEqual(mount.send(asking("2001:db8::1")).status, 200)
        preflight = Request("OPTIONS", headers=[("X-Forwarded-For", "203.0.113.9"),
                                                ("Origin", ORIGIN)])
        self.assertEqual(mount.send(preflight).status, 204)
        time.sleep(wait)
        wait_until(lambda: mount.send(asking("203.0.113.9")).status == 200)

    def test_failures_through_lighttpd(self):
        self.check_a_penalty(self.start(LighttpdSocket))

    def test_failures_through_apache(self):
        self.check_a_penalty(self.start(ApacheProxy))

    def test_failures_within_the_sandbox(self):
        mount = self.start(Sandboxed)
        self.exhaust(mount, "203.0.113.9")
        # what reads the configuration anew opens the same file again
        before = self.site.log_text().count("read anew")
        mount.server._process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.site.log_text().count("read anew") >= before + mount.workers)
        self.assert_refused(mount, failing("203.0.113.9"), "203.0.113.9")
        self.assertEqual(mount.send(asking("203.0.113.10")).status, 200)

    def test_an_ipv6_network_is_one_address(self):
        mount = self.start()
        how = "2001:db8:1:2::", lambda prefix: failing(f"{prefix}{next(TOKENS):x}")
        self.exhaust(mount, *how)
        self.assert_refused(mount, asking("2001:db8:1:2:ffff::1"), *how)
        self.assertEqual(mount.send(asking("2001:db8:1:3::1")).status, 200)

    def test_a_bad_token_is_stopped_before_its_address(self):
        mount = self.start()
        bad = "1|the-same-again"
        how = "203.0.113.9", lambda address: asking(address, bad), FAILURES // 4
        reply = self.exhaust(mount, *how)
        self.assert_throttled(reply, "failures", FAILURES // 4, 60)
        self.assertEqual(self.log.decision_of(reply)["castgate.detail"], "failures of the credential")
        for _ in range(FAILURES):
            self.assert_refused(mount, asking("203.0.113.9", bad), *how)
        self.assertEqual(mount.send(asking("203.0.113.9")).status, 200)
        # from wherever it comes
        self.assert_refused(mount, asking("203.0.113.10", bad), *how)

    def test_who_is_no_trusted_proxy_cannot_choose_an_address(self):
        self.configure(f"failures = {FAILURES}", proxies=None)
        mount = self.start()
        how = "203.0.113.", lambda prefix: failing(f"{prefix}{next(TOKENS) % 256}")
        self.exhaust(mount, *how)
        self.assert_refused(mount, asking("203.0.113.10"), *how)
        self.assertEqual({line["client.ip"] for line in self.log.decisions()}, {"127.0.0.1"})

    def test_a_reconnect_storm_of_valid_users_is_served(self):
        self.configure("failures = 1")
        mount = self.start()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(lambda _: mount.send(asking("203.0.113.9")).status,
                                     range(2000)))
        self.assertEqual(set(statuses), {200})

    def test_what_is_no_refusal_costs_nothing(self):
        self.configure("failures = 4", hold=BRIEF_HOLD)
        mount = self.start()
        for request, status in ((asking("203.0.113.9", socket_id="x"), 400),
                                (asking("203.0.113.9", None), 401),
                                (asking("203.0.113.9", target="/nowhere"), 404),
                                (Request("GET", headers=[("X-Forwarded-For", "203.0.113.9")]), 405)):
            for _ in range(20):
                self.assertEqual(mount.send(request).status, status)
        text = self.site.config.read_text()
        self.site.write_secret(self.site.config, re.sub(r'socket = ".*"', 'socket = "/nowhere"', text))
        mount.server.stop()
        mount = self.start()
        for _ in range(20):
            self.assertEqual(mount.send(asking("203.0.113.9")).status, 503)
        self.site.write_secret(self.site.config, text)
        # others learn within half a second that the database is back
        cgi = DirectCgi(self.site)

        def answered():
            status = cgi.send(asking("203.0.113.9")).status
            self.assertIn(status, (200, 503))
            return status == 200

        wait_until(answered)

    def test_each_refused_channel_of_a_batch_counts(self):
        mount = self.start()
        # 4 of the 5 that a credential may have
        self.assertEqual(self.refused_batch(mount, "203.0.113.9", 4, good=1).status, 200)
        self.assertEqual(mount.send(asking("203.0.113.9")).status, 200)
        self.assertEqual(self.refused_batch(mount, "203.0.113.9", 50).status, 200)
        # what went beyond is paid for, too: the 34th of 20, and the 49th of 5; a minute goes by at most
        reply = mount.send(asking("203.0.113.9"))
        self.assertEqual(reply.status, 429)
        self.assertIn(int(reply.header("Retry-After")), range(45, 106))
        reply = mount.send(asking("203.0.113.10"))
        self.assertEqual(reply.status, 429)
        self.assertIn(int(reply.header("Retry-After")), range(480, 601))

    def test_processes_share_and_restarts_remember(self):
        self.configure("failures = 1")
        mount = self.start()
        # so far beyond the limit that the next one comes back after many minutes
        self.assertEqual(self.refused_batch(mount, "203.0.113.9", 50).status, 200)
        self.assertGreaterEqual(
            int(mount.send(failing("203.0.113.9")).header("Retry-After")), 600)
        self.assertEqual(DirectCgi(self.site).send(failing("203.0.113.9")).status, 429)
        for pid in children_of(mount.server.pid):
            os.kill(pid, signal.SIGKILL)
        self.assertEqual(mount.send(failing("203.0.113.9")).status, 429)
        mount.server.stop()
        self.assertEqual(self.start().send(failing("203.0.113.9")).status, 429)

    def test_processes_of_one_request_count_together(self):
        # each CGI process counts one and is gone
        self.configure("failures = 12")
        cgi = DirectCgi(self.site)
        started = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            statuses = list(pool.map(lambda _: cgi.send(failing("203.0.113.9")).status, range(40)))
        # four are looked at together before one of them is charged, and 12 a minute come back
        self.assertGreaterEqual(statuses.count(401), 12)
        self.assertLessEqual(statuses.count(401), 12 + 4 + 1 + (time.monotonic() - started) / 5)
        self.assertEqual(statuses.count(401) + statuses.count(429), 40)

    def test_requests_are_limited_where_asked(self):
        self.configure("requests = 1  burst = 5", USER_ENDPOINT)
        mount = self.start()

        def user(address, token=laravel.ALICE):
            return mount.send(asking(address, token, target="/broadcasting/user-auth"))

        first = user("203.0.113.9")
        self.assertEqual(first.status, 200, str(first))
        self.assertEqual(first.header("RateLimit-Policy"), '"requests";q=5;w=300')
        self.assertEqual(first.header("RateLimit"), '"requests";r=4;t=60')
        self.assertEqual(first.header("X-RateLimit-Remaining"), "4")
        self.assertEqual(user("203.0.113.9").status, 200)

        def spend():
            """Use up what is left of the address and the token; the 429."""
            for _ in range(9):
                reply = user("203.0.113.9")
                if reply.status == 429:
                    return reply
            return self.fail("nobody stopped it")

        def assert_limited(*others):
            """One of those is refused though it is new: one request may come back between the two, once in a minute."""
            statuses = []
            for other in others:
                spend()
                statuses.append(user(*other).status)
                if statuses[-1] == 429:
                    return
            self.fail(f"others were served: {statuses}")

        last = spend()
        self.assertIn(int(last.header("Retry-After")), range(1, 61))
        self.assertEqual(self.log.decision_of(last)["event.reason"], "too_many_requests")
        # the token is limited wherever it is used, and the address whatever it uses
        assert_limited(["203.0.113.10"], ["203.0.113.11"], ["203.0.113.12"])
        assert_limited(*(["203.0.113.9", f"1|other-{number}"] for number in range(3)))
        self.assertEqual(user("203.0.113.13", "1|other").status, 401)
        # other endpoints have nothing to do with it
        untouched = mount.send(asking("203.0.113.9"))
        self.assertEqual(untouched.status, 200)
        self.assertEqual(untouched.values("RateLimit"), [])

    def test_the_file_holds_no_address_and_no_token(self):
        mount = self.start()
        self.exhaust(mount, "203.0.113.9")
        held = (self.site.state / "throttle").read_bytes()
        self.assertNotEqual(held.count(0), len(held))
        for word in (b"wrong-", b"203.0.113", bytes([203, 0, 113, 9]), b"broadcasting"):
            self.assertNotIn(word, held)


if __name__ == "__main__":
    suite.main()
