"""Does the dashboard ask for what castgate exposes, all of it, and nothing else? And does stats tell the same?"""

import json
import os
import pathlib
import pty
import re
import select
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, mounts, places, suite
from harness.exchange import Request, subscription
from harness.prometheus import Metrics
from harness.waiting import PATIENCE_SECONDS

DASHBOARD = places.SOURCE / "grafana/castgate.json"
METRICS = 'endpoint "/castgate/metrics" { action = "metrics" }\n'
# A selector: a metric, and labels in braces; and the labels of an aggregation.
SELECTOR = re.compile(r"\b(castgate_\w+)(?:\{([^}]*)\})?")
BY = re.compile(r"\bby \(([^)]*)\)")
# Labels that the one who scrapes adds.
SCRAPED = {"job", "instance"}


class Dashboard(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("dashboard"))
        cls.site = cls.system.site
        cls.site.write_secret(cls.site.config, cls.site.config.read_text() + METRICS)
        cls.responder = suite.enter_for_class(
            cls, mounts.mount("memory", cls.site, cls.system.scratch))
        for channel, token in ((laravel.CHANNEL, laravel.ALICE), (laravel.CHANNEL, None),
                               ("private-chat.6.conversation.999", laravel.ALICE)):
            cls.responder.send(subscription(channel, token))
        cls.metrics = cls.scrape()
        cls.dashboard = json.loads(DASHBOARD.read_text())

    @classmethod
    def scrape(cls):
        return Metrics(cls.responder.send(Request("GET", "/castgate/metrics", [])).body.decode())

    def labels(self):
        """What each exposed name has for labels."""
        found = {}
        for name, labels in self.metrics.samples:
            found.setdefault(name, set()).update(label for label, _ in labels)
        return found

    def expressions(self):
        for panel in self.dashboard["panels"]:
            for target in panel["targets"]:
                yield panel["title"], target["expr"]
        for variable in self.dashboard["templating"]["list"]:
            if variable["type"] == "query":
                yield variable["name"], variable["query"]["query"]

    def test_every_expression_names_what_is_exposed(self):
        exposed = self.labels()
        for title, expression in self.expressions():
            with self.subTest(title):
                found = SELECTOR.findall(expression)
                self.assertTrue(found, expression)
                for name, matchers in found:
                    self.assertIn(name, exposed)
                    used = set(re.findall(r"(\w+)(?:=~|=|!=|!~)\"", matchers))
                    self.assertLessEqual(used - SCRAPED, exposed[name], expression)
                for names in BY.findall(expression):
                    used = set(re.split(r",\s*", names))
                    self.assertLessEqual(used, exposed[found[0][0]], expression)

    def test_everything_exposed_is_shown(self):
        shown = {name for _, expression in self.expressions()
                 for name, _ in SELECTOR.findall(expression)}
        self.assertEqual(set(self.labels()) - shown, set())

    def test_statuses_and_reasons_exist(self):
        manual = (places.build_directory() / "doc/castgate.fcgi.8").read_text()
        for title, expression in self.expressions():
            for status in re.findall(r'status=~?"([^"]*)"', expression):
                for one in status.split("|"):
                    self.assertIn(one, ("400", "401", "403", "404", "405", "413", "429", "503"), title)
            for reason in re.findall(r'reason=~?"([^"]*)"', expression):
                self.assertIn(reason, manual, title)

    def test_it_can_be_imported(self):
        panels = self.dashboard["panels"]
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        taken = set()
        for panel in panels:
            place = panel["gridPos"]
            self.assertLessEqual(place["x"] + place["w"], 24)
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                     for y in range(place["y"], place["y"] + place["h"])}
            self.assertFalse(cells & taken, panel["title"])
            taken |= cells
            for part in (panel, *panel["targets"]):
                self.assertEqual(part["datasource"], {"type": "prometheus", "uid": "${datasource}"})
        # whoever imports it chooses the data source; its id is left to Grafana
        self.assertNotIn("id", self.dashboard)
        variables = [variable["name"] for variable in self.dashboard["templating"]["list"]]
        used = set(re.findall(r"\$\{?([a-z]\w*)", DASHBOARD.read_text()))
        self.assertLessEqual(used, set(variables))

    def stats(self, *words):
        done = self.site.tool("stats", *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_stats_tells_the_same_numbers(self):
        line, = self.stats("--once", "--json").splitlines()
        told = json.loads(line)
        self.assertEqual(told["decisions"],
                         {"allowed": 1, "refused": 2, "throttled": 0, "outages": 0, "others": 0})
        for sample in told["samples"]:
            name = sample.pop("name")
            value = sample.pop("value")
            if "reason" in sample:
                sample = {"endpoint": sample.get("endpoint", ""), "rule": sample.get("rule", ""),
                          "status": str(sample["status"]), "reason": sample["reason"]}
            else:
                sample = dict(re.findall(r'(\w+)="([^"]*)"', sample.get("labels", "")))
            self.assertEqual(self.metrics.samples[name, tuple(sorted(sample.items()))], value, name)
        self.assertEqual(len(told["samples"]),
                         sum("duration_seconds" not in name for name, _ in self.metrics.samples))
        self.assertEqual(sum(count for _, count in told["durations"]),
                         self.metrics.value("castgate_request_duration_seconds_count"))
        text = self.stats("--once")
        self.assertRegex(text, r"(?m)^ +2  refused +0\.0/s$")
        self.assertRegex(text, r"(?m)^ +1  403 no_row +/broadcasting/auth \S+castgate\.conf:\d+$")

    def test_without_a_file_that_all_count_in_it_says_so(self):
        folder = self.system.scratch.directory("uncommon", self.site.account)
        (folder / "metrics").mkdir()
        good = self.site.config.read_text()
        self.addCleanup(self.site.write_secret, self.site.config, good)
        self.site.write_secret(self.site.config, good.replace(str(self.site.state), str(folder)))
        done = self.site.tool("stats", "--once")
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        self.assertIn("castgate stats: there is nothing to show: ", done.stderr)

    def run_stats(self, **options):
        return subprocess.Popen(
            [self.site.program("castgate"), "stats", "--interval", "1", "--config", self.site.config],
            cwd="/", env={"PATH": "/usr/bin:/bin", "TERM": "xterm"}, **options,
            **self.site.account.popen_options())

    def test_a_pipe_gets_a_line_for_each_look(self):
        with self.run_stats(stdout=subprocess.PIPE, text=True) as process:
            lines = [process.stdout.readline() for _ in range(2)]
            process.terminate()
        for line in lines:
            self.assertRegex(line, r"^\d{4}-\S+Z  allowed 1  refused 2  throttled 0  outages 0  ")
            self.assertNotIn("\033", line)
        self.assertIn("  0.0/s  ", lines[1])

    def test_a_terminal_gets_a_screen(self):
        ours, theirs = pty.openpty()
        with self.run_stats(stdout=theirs) as process:
            os.close(theirs)
            text = b""
            while text.count(b"\033[H\033[2J") < 2:
                self.assertTrue(select.select([ours], [], [], PATIENCE_SECONDS)[0], text)
                text += os.read(ours, 65536)
            process.terminate()
        os.close(ours)
        self.assertRegex(text, rb"(?m)^ +1  allowed +0\.0/s\r$")


if __name__ == "__main__":
    suite.main()
