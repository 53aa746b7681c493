"""Does fail2ban find in castgate's log those who should be banned, and can nobody forge another's ban?"""

import collections
import datetime
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import audit, laravel, places, suite
from harness.exchange import Request, subscription
from harness.mount_socket import OwnSocket

FILTER = places.SOURCE / "fail2ban/filter.d/castgate.conf"
JAIL = places.SOURCE / "fail2ban/jail.d/castgate.conf"
ENDPOINT = 'endpoint "/broadcasting/auth" {'
VICTIM = "198.51.100.99"
ATTACKER = "203.0.113.9"

# A whole line as castgate writes it, about somebody else.
FORGED = ('{"@timestamp":"2026-01-01T00:00:00.000Z","log.level":"info",'
          '"ecs.version":"9.4.0","event.module":"castgate",'
          '"event.outcome":"failure","event.reason":"too_many_failures",'
          '"http.response.status_code":429,"event.duration":1,"http.request.id":"0",'
          f'"client.ip":"{VICTIM}"')


def escaped(text):
    return "".join(f"%{byte:02X}" for byte in text.encode())


def hostile_requests(address):
    """Requests that carry the forged line wherever a client's text can get into the log."""
    forwarded = ("X-Forwarded-For", address)
    for text in (FORGED, "\n" + FORGED, "\r\n" + FORGED + "\n", '"' + FORGED[1:],
                 f'","client.ip":"{VICTIM}"', f"\u2028{FORGED}", f"\\n{FORGED}\\"):
        flat = text.replace("\r", "").replace("\n", "").encode().decode("latin-1")
        yield subscription(laravel.CHANNEL, flat, headers=[forwarded])
        yield subscription(laravel.CHANNEL, laravel.ALICE, headers=[forwarded, ("Origin", flat)])
        yield subscription(escaped(text), "1|wrong", headers=[forwarded])
        yield subscription("private-x", f"{escaped(text)}|wrong", headers=[forwarded])
        yield subscription(laravel.CHANNEL, "1|wrong", headers=[forwarded],
                           target="/broadcasting/auth?x=" + escaped(text))
        yield subscription(laravel.CHANNEL, "1|wrong", headers=[forwarded],
                           target="/broadcasting/auth/" + escaped(text))
        yield Request(flat, headers=[forwarded])
        yield subscription(laravel.CHANNEL, "1|wrong",
                           headers=[("X-Forwarded-For", f"{VICTIM}, {flat}, {address}")])
        # whoever writes what is no address speaks for himself
        yield subscription(laravel.CHANNEL, "1|wrong",
                           headers=[("X-Forwarded-For", f"{VICTIM}, {flat}")])


FORMATS = ("ecs", "keyvalue", "ocsf")


class Fail2ban(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.programs, cls.configuration, cls.variables = places.fail2ban()
        cls.system = suite.enter_for_class(cls, laravel.Laravel("fail2ban"))
        site = cls.site = cls.system.site
        cls.plain = site.config.read_text().replace(
            ENDPOINT, f"{ENDPOINT}\n\tthrottle {{ failures = 20 }}")
        cls.logs = {written: cls.write_log(written) for written in FORMATS}
        cls.lines = {written: [audit.parsed(line) for line in log.read_text().splitlines()]
                     for written, log in cls.logs.items()}

    @classmethod
    def write_log(cls, written):
        """The log of the same requests in one format."""
        site = cls.site
        site.write_secret(site.config, 'trusted_proxies = {"127.0.0.1"}\n'
                          f'audit_format = "{written}"\n' + cls.plain)
        (site.state / "throttle").unlink(missing_ok=True)
        mount = suite.enter_for_class(cls, OwnSocket(site, cls.system.scratch))
        for address in (ATTACKER, "2001:db8::9"):
            # one of them comes back in three seconds
            for number in range(60):
                mount.send(subscription(laravel.CHANNEL, f"1|wrong-{number}",
                                        headers=[("X-Forwarded-For", address)]))
        # in penalty, and by somebody who is in none
        for address in (ATTACKER, "203.0.113.77"):
            for request in hostile_requests(address):
                mount.send(request)
        mount.send(subscription(laravel.CHANNEL, laravel.ALICE,
                                headers=[("X-Forwarded-For", VICTIM)]))
        mount.server.stop()
        return site.log.rename(site.log.with_name(f"{written}.log"))

    def run_program(self, name, *words):
        return subprocess.run([self.programs / name, *map(str, words)], capture_output=True,
                              text=True, timeout=120, env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1",
                                   **self.variables})

    def found(self, written, mode):
        """The addresses that the filter finds in a log, each as often as it does."""
        done = self.run_program("fail2ban-regex", "-o", "ip", self.logs[written],
                                f"{FILTER}[mode={mode}]")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return collections.Counter(done.stdout.split())

    def logged(self, written, *statuses):
        return collections.Counter(line["client.ip"] for line in self.lines[written]
                                   if line.get("http.response.status_code") in statuses)

    def test_the_logs_are_worth_it(self):
        for written in FORMATS:
            with self.subTest(written):
                self.assertGreater(self.logs[written].read_text().count(VICTIM), 10)
                self.assertEqual(self.logged(written, 200)[VICTIM], 1)
                self.assertGreater(self.logged(written, 429)[ATTACKER], 20)
                self.assertGreater(self.logged(written, 429)["2001:db8::9"], 1)
                self.assertGreater(self.logged(written, 401, 403)["203.0.113.77"], 10)

    def test_who_goes_on_in_penalty_is_found(self):
        for written in FORMATS:
            with self.subTest(written):
                self.assertEqual(self.found(written, "penalty"), self.logged(written, 429))
                self.assertNotIn(VICTIM, self.found(written, "penalty"))

    def test_who_is_refused_is_found_when_asked(self):
        for written in FORMATS:
            with self.subTest(written):
                self.assertEqual(self.found(written, "refused"),
                                 self.logged(written, 401, 403, 429))
                self.assertNotIn(VICTIM, self.found(written, "refused"))

    def test_times_are_read_as_utc(self):
        for written in FORMATS:
            with self.subTest(written):
                done = self.run_program("fail2ban-regex", "-o", "<time>", self.logs[written],
                                        f"{FILTER}[mode=refused]")
                first = next(line for line in self.lines[written]
                             if line.get("http.response.status_code") == 401)
                moment = datetime.datetime.fromisoformat(
                    first["@timestamp"].replace("Z", "+00:00"))
                self.assertEqual(int(float(done.stdout.split()[0])), int(moment.timestamp()))

    def test_the_jail_is_understood(self):
        folder = self.system.scratch.directory("fail2ban-jail")
        shutil.copytree(self.configuration, folder / "etc", ignore=shutil.ignore_patterns("*.local"))
        etc = folder / "etc"
        shutil.copyfile(FILTER, etc / "filter.d/castgate.conf")
        jail = JAIL.read_text()
        self.assertIn("logpath  = /var/log/castgate/castgate.log\n", jail)
        (etc / "jail.d/castgate.conf").write_text(
            jail.replace("/var/log/castgate/castgate.log", str(self.logs["ecs"])))
        done = self.run_program("fail2ban-client", "-c", etc, "-d")
        for words in ("['add', 'castgate', 'auto']", f"'{self.logs['ecs']}'",
                      "['set', 'castgate', 'maxretry', 60]", "too_many_failures"):
            self.assertIn(words, done.stdout, done.stderr)


if __name__ == "__main__":
    suite.main()
