"""Do live, ready and metrics answer those who watch, and nobody else?"""

import collections
import contextlib
import json
import os
import pathlib
import signal
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, mounts, suite
from harness.audit import AuditLog
from harness.exchange import Request, subscription
from harness.mount_socket import OwnSocket
from harness.prometheus import Metrics
from harness.processes import children_of
from harness.site import BRIEF_HOLD, PATIENT_HOLD
from harness.waiting import wait_until

ENDPOINTS = "".join(f'endpoint "/castgate/{action}" {{ action = "{action}" CLIENTS }}\n'
                    for action in ("live", "ready", "metrics"))


TOKEN = "a-token-of-more-than-16"
# What each reason is asked for with.
TOKENS = {"allowed": laravel.ALICE, "credential_missing": None}


class Status(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("status"))
        cls.site = cls.system.site

    def start(self, clients="", other="", hold=PATIENT_HOLD):
        self.system.configure(hold=hold)
        text = self.site.config.read_text() + ENDPOINTS.replace("CLIENTS", clients)
        self.site.write_secret(self.site.config, other + text)
        return self.enterContext(mounts.mount("memory", self.site, self.system.scratch))

    def get(self, responder, action, **headers):
        return responder.send(Request("GET", f"/castgate/{action}", list(headers.items())))

    def test_live_and_ready_answer_on_loopback(self):
        responder = self.start()
        for action in ("live", "ready"):
            reply = self.get(responder, action)
            self.assertEqual((reply.status, json.loads(reply.body)), (200, {"status": action}))

    def test_ready_is_an_outage_without_the_database_and_live_is_not(self):
        self.start(hold=BRIEF_HOLD)
        text = self.site.config.read_text()
        self.site.write_secret(self.site.config, text.replace(
            str(self.system.db.socket), "/nonexistent/socket").replace(
                str(self.site.state), f"{self.system.scratch.path}/other-state"))
        responder = self.enterContext(
            mounts.mount("memory", self.site, self.system.scratch))
        self.assertEqual(self.get(responder, "ready").status, 503)
        self.assertEqual(self.get(responder, "live").status, 200)

    def test_others_are_refused(self):
        for clients, headers in (('clients = {"192.0.2.0/24"}', {}), ("", {"X-Forwarded-For": "192.0.2.1"})):
            responder = self.start(clients)
            log = AuditLog(self.site)
            for action in ("live", "ready", "metrics"):
                reply = self.get(responder, action, **headers)
                self.assertEqual(reply.status, 403)
                self.assertNotIn(b"castgate_", reply.body)
                self.assertEqual(log.decision_of(reply)["event.reason"], "client_not_allowed")

    def test_a_token_opens_them_from_anywhere_and_alone(self):
        for clients, address, other in (("", "127.0.0.1", 403), ('clients = {"127.0.0.1"} ', None, 200)):
            responder = self.start(f'{clients}token = "{TOKEN}"')
            for action in ("live", "ready", "metrics"):
                for authorization, status in ((f"Bearer {TOKEN}", 200), (f"bearer {TOKEN}", 200),
                                              (f"Bearer {TOKEN}x", other), (f"Bearer {TOKEN[:-1]}", other),
                                              ("Bearer ", other), (f"Basic {TOKEN}", other)):
                    reply = self.get(responder, action, Authorization=authorization)
                    self.assertEqual(reply.status, status, (action, authorization))
                self.assertEqual(self.get(responder, action).status, other)
                # whose address is in doubt has nothing but the token
                forwarded = {"X-Forwarded-For": "127.0.0.1"}
                self.assertEqual(self.get(responder, action, **forwarded).status, 403)
                self.assertEqual(self.get(responder, action, Authorization=f"Bearer {TOKEN}",
                                          **forwarded).status, 200)
            self.assertNotIn(TOKEN, self.site.log_text())

    def test_a_token_that_can_be_guessed_or_not_be_sent_is_an_error(self):
        for token in ("short", "x" * 15, "x" * 15 + ",y", "x" * 15 + " y", "ü" * 16):
            self.system.configure()
            self.site.write_secret(self.site.config, self.site.config.read_text() + ENDPOINTS.replace(
                "CLIENTS", f'token = "{token}"'))
            done = self.site.tool("check", "--offline")
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, r'castgate.conf:\d+: error: "token" must have at least 16')
            self.assertNotIn(token, done.stderr)

    def test_metrics_count_decisions_by_rule_and_reason(self):
        responder = self.start()
        before = self.counts(responder)
        for _ in range(3):
            responder.send(subscription(laravel.CHANNEL, laravel.ALICE))
        responder.send(subscription("private-chat.6.conversation.999", laravel.ALICE))
        responder.send(subscription(laravel.CHANNEL))
        after = self.counts(responder)
        grown = {key: value - before.samples.get(key, 0) for key, value in after.samples.items()
                 if value != before.samples.get(key)}
        decisions = {(dict(labels)["rule"] != "", dict(labels)["status"], dict(labels)["reason"]): value
                     for (name, labels), value in grown.items() if name == "castgate_decisions_total"}
        self.assertEqual(decisions, {(True, "200", "allowed"): 3, (True, "403", "no_row"): 1,
                                     (False, "401", "credential_missing"): 1})
        self.assertEqual(grown["castgate_request_duration_seconds_count", ()], 5)
        self.assertEqual(grown["castgate_throttle_charged_total", ()], 1)

    def test_another_process_sees_the_same_counts(self):
        responder = self.start()
        responder.send(subscription(laravel.CHANNEL, laravel.ALICE))
        seen = self.counts(responder)
        other = self.enterContext(mounts.mount("memory", self.site, self.system.scratch))
        self.assertEqual(self.counts(other).samples, seen.samples)

    def test_metrics_tell_how_the_database_fares(self):
        responder = self.start(hold=BRIEF_HOLD)
        responder.send(subscription(laravel.CHANNEL, laravel.ALICE))
        before = self.counts(responder)
        self.assertGreaterEqual(before.value("castgate_database_connects_total", server="primary"), 1)
        self.assertEqual(before.value("castgate_database_outage", server="primary"), 0)
        self.system.db.kill_connections()
        self.assertEqual(responder.send(subscription(laravel.CHANNEL, laravel.ALICE)).status, 200)
        held = self.counts(responder)
        for name, more in (("connects", {"server": "primary"}), ("failures", {"server": "primary"}),
                           ("holds", {})):
            name = f"castgate_database_{name}_total"
            self.assertEqual(held.value(name, **more) - before.value(name, **more), 1, name)
        self.system.db.stop()
        try:
            # the first waits for the whole hold, the next is told at once
            for _ in range(3):
                self.assertEqual(
                    responder.send(subscription(laravel.CHANNEL, laravel.ALICE)).status, 503)
            away = self.counts(responder)
        finally:
            self.system.db.start()
        self.assertEqual(away.value("castgate_database_outage", server="primary"), 1)
        self.assertGreaterEqual(away.value("castgate_database_fast_failures_total"), 1)
        self.assertEqual(away.sum("castgate_decisions_total", reason="database_unavailable") -
                         held.sum("castgate_decisions_total", reason="database_unavailable"), 3)

    def test_counts_are_exact_after_workers_were_killed(self):
        reader = self.start()
        before = self.counts(reader)
        known = collections.Counter()
        known += self.work_until_killed()
        after = self.counts(reader)
        for reason, token in TOKENS.items():
            found = (after.sum("castgate_decisions_total", reason=reason) -
                     before.sum("castgate_decisions_total", reason=reason))
            # what was answered was counted; what was under way in a worker may have been
            self.assertGreaterEqual(found, known[reason], reason)
            self.assertLessEqual(found, known[reason] + known[reason, "unanswered"], reason)
        self.assertGreater(sum(known[reason] for reason in TOKENS), 50)

    def work_until_killed(self):
        """Ask from several threads until the workers are killed; how many answers of each kind came."""
        known = collections.Counter()
        lock = threading.Lock()
        mount = OwnSocket(self.site, self.system.scratch)
        ended = threading.Event()

        def ask(reason, token):
            while not ended.is_set():
                try:
                    mount.send(subscription(laravel.CHANNEL, token))
                except Exception:
                    with lock:
                        known[reason, "unanswered"] += 1
                    if ended.wait(0.01):
                        return
                    continue
                with lock:
                    known[reason] += 1

        with mount:
            threads = [threading.Thread(target=ask, args=item) for item in TOKENS.items()]
            for thread in threads:
                thread.start()
            try:
                for _ in range(3):
                    self.kill_amid_work(mount, known)
            finally:
                ended.set()
                for thread in threads:
                    thread.join()
        return known

    def kill_amid_work(self, mount, known):
        wanted = sum(known[reason] for reason in TOKENS) + 20
        wait_until(lambda: sum(known[reason] for reason in TOKENS) >= wanted)
        for worker in children_of(mount.server.pid):
            with contextlib.suppress(ProcessLookupError):  # killed before, and ended only now
                os.kill(worker, signal.SIGKILL)

    def counts(self, responder):
        reply = self.get(responder, "metrics")
        self.assertEqual(reply.status, 200)
        self.assertEqual(reply.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8")
        self.assertNotRegex(reply.body.decode(), "alice|conversation\\.123|127\\.0\\.0\\.1")
        return Metrics(reply.body.decode())


if __name__ == "__main__":
    suite.main()
