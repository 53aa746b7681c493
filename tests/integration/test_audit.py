"""Does every decision reach its log, in every format and place, and does none leave without it when it must?"""

import json
import pathlib
import re
import socket
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, mounts, suite
from harness.audit import AuditLog, parsed
from harness.exchange import Request, subscription
from harness.waiting import PATIENCE_SECONDS

TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"
STATUS = "".join(f'endpoint "/castgate/{action}" {{ action = "{action}" }}\n'
                 for action in ("live", "ready", "metrics"))
SHAPES = pathlib.Path(__file__).resolve().parent.parent / "vectors"


class Logger:
    """A system logger's socket that the account may write to."""

    def __init__(self, site):
        self.path = site.logs / "logger"
        self.socket = None

    def __enter__(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.path.unlink(missing_ok=True)
        self.socket.bind(str(self.path))
        self.path.chmod(0o666)
        self.socket.settimeout(PATIENCE_SECONDS)
        return self

    def __exit__(self, *_):
        self.socket.close()

    def line(self):
        text = self.socket.recv(65536).decode()
        head, _, line = text.partition(": ")
        return head, parsed(line)


class Audit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("audit"))
        cls.site = cls.system.site

    def start(self, head="", **changes):
        self.system.configure()
        (self.site.state / "metrics").unlink(missing_ok=True)
        self.site.log.unlink(missing_ok=True)
        text = self.site.config.read_text()
        for old, new in changes.values():
            self.assertIn(old, text)
            text = text.replace(old, new, 1)
        self.site.write_secret(self.site.config, head + text + STATUS)
        return self.enterContext(mounts.mount("memory", self.site, self.system.scratch))

    def to(self, destination):
        return (f'log = "{self.site.log}"', f'log = "{self.site.log}"\naudit = "{destination}"')

    def send(self, responder, token=laravel.ALICE, channel=laravel.CHANNEL, **headers):
        return responder.send(subscription(channel, token, headers=list(headers.items())))

    def test_a_caller_is_named_and_decides_nothing(self):
        responder = self.start()
        log = AuditLog(self.site)
        for header, trace in ((f"00-{TRACE}-{SPAN}-01", TRACE), (f"cc-{TRACE}-{SPAN}-01-x", TRACE),
                              (f"ff-{TRACE}-{SPAN}-01", None), (f"00-{'0' * 32}-{SPAN}-01", None),
                              ("\N{SNOWMAN}", None), ("x" * 4000, None)):
            reply = self.send(responder, traceparent=header)
            line, = log.decisions()
            self.assertEqual(reply.status, 200)
            self.assertEqual(line.get("trace.id"), trace)
            self.assertEqual(line.get("span.id"), trace and SPAN)
            self.assertNotIn(TRACE[:16], line["http.request.id"])

    def test_every_format_says_the_same(self):
        lines = []
        for written in ("ecs", "keyvalue", "ocsf"):
            responder = self.start(f'audit_format = "{written}"\n')
            log = AuditLog(self.site)
            self.send(responder, channel="private-chat.6.conversation.999",
                      traceparent=f"00-{TRACE}-{SPAN}-01")
            line, = log.decisions()
            lines.append({name: line[name] for name in (
                "event.reason", "http.response.status_code", "client.ip", "url.path", "trace.id",
                "span.id", "user.id", "castgate.rule", "castgate.channel", "castgate.credential",
                "message")})
        self.assertEqual(lines[0], lines[1])
        self.assertEqual(lines[0], lines[2])
        self.assertEqual(lines[0]["event.reason"], "no_row")

    def test_why_reads_every_format_by_request_and_by_trace(self):
        for written in ("ecs", "keyvalue", "ocsf"):
            responder = self.start(f'audit_format = "{written}"\n')
            trace = TRACE[::-1] if written == "ecs" else TRACE.replace("0", str(len(written)))
            ids = [self.send(responder, "99999|wrong", traceparent=f"00-{trace}-{SPAN}-01").header(
                "X-Request-Id") for _ in range(2)]
            stories = {}
            for word in (ids[0], trace):
                done = self.site.tool("why", word)
                self.assertEqual(done.returncode, 0, done.stderr)
                stories[word] = done.stdout
            for story, count in ((stories[ids[0]], 1), (stories[trace], 2)):
                self.assertEqual(len(re.findall(
                    r"(?m)^401 token_unknown   \S+Z  POST /broadcasting/auth  from 127.0.0.1$",
                    story)), count, story)
                self.assertIn(f"trace {trace}\n", story)

    def test_names_are_those_of_the_common_schema(self):
        responder = self.start()
        log = AuditLog(self.site)
        for token in (laravel.ALICE, "1|wrong", None):
            self.send(responder, token, traceparent=f"00-{TRACE}-{SPAN}-01", Origin="https://a.example")
        known = (SHAPES / "ecs_fields.txt").read_text().split()
        for line in log.decisions(at_least=3):
            for name in line:
                self.assertTrue(name.startswith("castgate.") or name in known, name)

    def test_events_have_the_shape_of_the_open_schema(self):
        responder = self.start('audit_format = "ocsf"\n')
        for token in (laravel.ALICE, "1|wrong", None):
            self.send(responder, token, traceparent=f"00-{TRACE}-{SPAN}-01")
        responder.send(Request("GET", "/nowhere", []))
        responder.send(Request("BREW", "/broadcasting/auth", []))
        shapes = json.loads((SHAPES / "ocsf_api_activity.json").read_text())
        events = [json.loads(line) for line in self.site.log_text().splitlines()
                  if line.startswith('{"time"')]
        self.assertEqual(len([event for event in events if event["class_uid"] == 6003]), 5)
        for event in events:
            self.check_shape(shapes, "event" if event["class_uid"] else "base_event", event)

    def check_shape(self, shapes, shape, value):
        """Against what the published schema says of an object: names, requirements, constraints."""
        if shape is None:
            return
        attributes = shapes[shape]["attributes"]
        for name, inside in value.items():
            self.assertIn(name, attributes, shape)
            for one in inside if isinstance(inside, list) else [inside]:
                if isinstance(one, dict):
                    self.check_shape(shapes, attributes[name], one)
        for name in shapes[shape]["required"]:
            self.assertIn(name, value, shape)
        if shapes[shape]["at_least_one"]:
            self.assertTrue(set(shapes[shape]["at_least_one"]) & set(value), (shape, value))

    def test_notes_and_decisions_may_go_apart(self):
        decisions = self.site.logs / "decisions.log"
        responder = self.start(audit=self.to(decisions))
        self.send(responder)
        self.send(responder, None)
        found = [json.loads(line) for line in decisions.read_text().splitlines()]
        self.assertEqual([line["event.reason"] for line in found],
                         ["allowed", "credential_missing"])
        self.assertNotIn("event.reason", self.site.log_text())

    def test_a_slow_statement_leads_to_its_rule_and_its_requests(self):
        server = self.system.db
        server.execute("SET GLOBAL log_output = 'TABLE', long_query_time = 0, slow_query_log = 1")
        self.addCleanup(server.execute, "SET GLOBAL slow_query_log = 0")
        for combine in ("true", "false"):
            responder = self.start(
                combine=("database {", f"database {{\n\tcombine = {combine}"))
            log = AuditLog(self.site)
            for _ in range(3):
                self.send(responder)
            lines = log.decisions(at_least=3)
            number, = {line["castgate.connection_id"] for line in lines}
            marks = self.slow_statements(server, number)
            self.assertIn("credential=sanctum", marks)
            place = marks["rule=chat.{company:id}.conversation.{conversation:id}"]
            for line in lines:
                self.assertTrue(line["castgate.rule"].endswith("/" + place), (line, place))

    def slow_statements(self, server, connection):
        """What the server's slow log has of one connection: the purposes in the comments, and the places."""
        found = {}
        for text, in server.execute("SELECT CONVERT(sql_text USING utf8mb4) FROM mysql.slow_log"
                                    f" WHERE thread_id = {connection}"):
            mark = re.match(r"/\* castgate (\S+)(?: at=(\S+))? \*/ (?:SELECT|EXPLAIN|UPDATE) ", text)
            if mark:
                found[mark.group(1)] = mark.group(2)
        return found

    def test_a_logger_gets_every_decision(self):
        with Logger(self.site) as logger:
            responder = self.start(f'syslog_socket = "{logger.path}"\n', audit=self.to("syslog"))
            self.send(responder)
            head, line = logger.line()
            self.assertRegex(head, r"^<30>castgate\[\d+\]$")
            self.assertEqual(line["event.reason"], "allowed")

    def test_what_cannot_be_recorded_is_not_allowed(self):
        responder = self.start("audit_required = true\n", audit=self.to("/dev/full"))
        batch = subscription([laravel.CHANNEL, "private-chat.6.conversation.999"], laravel.ALICE)
        for request in (subscription(laravel.CHANNEL, laravel.ALICE), batch,
                        subscription(laravel.CHANNEL, "1|wrong")):
            reply = responder.send(request)
            self.assertEqual(reply.status, 503)
            self.assertNotIn(b"auth", reply.body)
        for action, status in (("live", 200), ("ready", 503), ("metrics", 200)):
            self.assertEqual(responder.send(Request("GET", f"/castgate/{action}", [])).status,
                             status)
        text = responder.send(Request("GET", "/castgate/metrics", [])).body.decode()
        counts = re.findall(r'(?m)^castgate_decisions_total\{[^}]*reason="audit_failed"\} (\d+)$', text)
        self.assertEqual(sum(map(int, counts)), 4)
        self.assertNotRegex(text, r'reason="allowed"\} [1-9]')

    def test_without_that_a_full_disk_changes_no_decision(self):
        responder = self.start(audit=self.to("/dev/full"))
        self.assertEqual(self.send(responder).status, 200)
        self.assertEqual(self.send(responder, "1|wrong").status, 401)
        text = responder.send(Request("GET", "/castgate/metrics", [])).body.decode()
        lost, = re.findall(r"(?m)^castgate_log_lines_lost_total (\d+)$", text)
        self.assertGreaterEqual(int(lost), 2)

    def test_a_logger_that_comes_back_is_told_what_was_lost(self):
        with Logger(self.site) as logger:
            responder = self.start(f'audit_required = true\nsyslog_socket = "{logger.path}"\n',
                                   audit=self.to("syslog"))
            self.assertEqual(self.send(responder).status, 200)
            self.assertEqual(logger.line()[1]["event.reason"], "allowed")
        for _ in range(3):
            self.assertEqual(self.send(responder).status, 503)
        with Logger(self.site) as logger:
            self.assertEqual(self.send(responder).status, 200)
            self.assertRegex(logger.line()[1]["message"], r"^3 lines of this log were lost: ")
            self.assertEqual(logger.line()[1]["event.reason"], "allowed")


if __name__ == "__main__":
    suite.main()
