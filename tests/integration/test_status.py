"""Do live, ready and metrics answer those who watch, and nobody else?"""

import json
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, mounts, suite
from harness.audit import AuditLog
from harness.exchange import Request, subscription

ENDPOINTS = "".join(f'endpoint "/castgate/{action}" {{ action = "{action}" CLIENTS }}\n'
                    for action in ("live", "ready", "metrics"))


class Status(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("status"))
        cls.site = cls.system.site

    def start(self, clients="", other=""):
        self.system.configure()
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
        self.start()
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
                self.assertEqual(log.reasons(), ["client_not_allowed"])

    def test_metrics_count_decisions_by_rule_and_reason(self):
        responder = self.start()
        before = self.counts(responder)
        for _ in range(3):
            responder.send(subscription(laravel.CHANNEL, laravel.ALICE))
        responder.send(subscription("private-chat.6.conversation.999", laravel.ALICE))
        responder.send(subscription(laravel.CHANNEL))
        after = self.counts(responder)
        grown = {key: after[key] - before.get(key, 0) for key in after if after[key] != before.get(key)}
        decisions = {(re.search('rule="([^"]*)"', key).group(1) != "",
                      re.search('status="([^"]*)",reason="([^"]*)"', key).groups()): value
                     for key, value in grown.items() if key.startswith("castgate_decisions")}
        self.assertEqual(decisions, {(True, ("200", "allowed")): 3, (True, ("403", "no_row")): 1,
                                     (False, ("401", "credential_missing")): 1})
        self.assertEqual(grown["castgate_request_duration_seconds_count"], 5)
        self.assertIn('castgate_request_duration_seconds_bucket{le="+Inf"}', grown)

    def test_another_process_sees_the_same_counts(self):
        responder = self.start()
        responder.send(subscription(laravel.CHANNEL, laravel.ALICE))
        seen = self.counts(responder)
        other = self.enterContext(mounts.mount("memory", self.site, self.system.scratch))
        self.assertEqual(self.counts(other), seen)

    def counts(self, responder):
        reply = self.get(responder, "metrics")
        self.assertEqual(reply.status, 200)
        self.assertEqual(reply.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8")
        self.assertNotRegex(reply.body.decode(), "alice|conversation\.123|127\\.0\\.0\\.1")
        lines = [line for line in reply.body.decode().splitlines() if not line.startswith("#")]
        for line in lines:
            self.assertRegex(line, r'^[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? [0-9.]+$')
        return {key: float(value) for key, value in (line.rsplit(" ", 1) for line in lines)}


if __name__ == "__main__":
    suite.main()
