"""Do the systems' own checkers accept the files of systemd/, and does the log really rotate?"""

import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, places, suite
from harness.audit import AuditLog
from harness.copied_file import with_texts
from harness.exchange import subscription
from harness.mount_socket import OwnSocket
from harness.scratch import Scratch
from harness.waiting import PATIENCE_SECONDS, wait_until

SYSTEMD = places.SOURCE / "systemd"
PROGRAM = "/usr/local/libexec/castgate/castgate.fcgi"
GOOD = subscription(laravel.CHANNEL, laravel.ALICE)


def run(*words):
    """The finished process, its two outputs as one text."""
    return subprocess.run([str(word) for word in words], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=PATIENCE_SECONDS, check=False,
                          env={"PATH": places.TOOL_PATH, "LC_ALL": "C"})


class Units(unittest.TestCase):
    """The units, in a folder of their own, with a program that exists."""

    @classmethod
    def setUpClass(cls):
        cls.analyze = places.tool("systemd-analyze")
        cls.path = suite.enter_for_class(cls, Scratch("units")).path

    def verify(self, change=None):
        """What systemd-analyze says about the units, the service's text changed first."""
        for name in ("castgate.socket", "castgate.service"):
            text = with_texts(SYSTEMD / name, {PROGRAM: "/bin/true"} if "service" in name else {})
            (self.path / name).write_text(change(text) if change else text)
        # The manual pages are not installed here.
        return run(self.analyze, "verify", "--man=no", self.path / "castgate.socket",
                   self.path / "castgate.service")

    def test_systemd_accepts_them(self):
        done = self.verify()
        ours = [line for line in done.stdout.splitlines() if "castgate" in line]
        self.assertEqual(ours, [])
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_systemd_would_complain(self):
        """Else the case above would prove nothing."""
        done = self.verify(lambda text: text.replace("KillMode=mixed", "KillMode=gently"))
        self.assertIn("Failed to parse kill mode", done.stdout)

    def test_hardening(self):
        """systemd's own measure of what a unit may do: 10 is everything."""
        self.verify()
        done = run(self.analyze, "security", "--offline=true", "--threshold=20",
                   self.path / "castgate.service")
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_hardening_would_fail(self):
        self.verify(lambda text: text.replace("NoNewPrivileges=yes", "").replace(
            "CapabilityBoundingSet=\n", "").replace("ProtectSystem=strict", ""))
        done = run(self.analyze, "security", "--offline=true", "--threshold=20",
                   self.path / "castgate.service")
        self.assertNotEqual(done.returncode, 0)

    def test_the_command_line_is_one_of_castgates(self):
        line, = [line for line in (SYSTEMD / "castgate.service").read_text().splitlines()
                 if line.startswith("ExecStart=")]
        words = line.partition("=")[2].split()
        done = subprocess.run([places.built("castgate.fcgi"), *words[1:]], capture_output=True,
                              stdin=subprocess.DEVNULL, text=True, timeout=PATIENCE_SECONDS, check=False,
                              env={"PATH": "/usr/bin:/bin"})
        # Without systemd's socket there is nothing to listen on, which is said; no word is unknown.
        self.assertEqual(done.returncode, 2)
        self.assertNotIn("unrecognized", done.stderr)


class Account(unittest.TestCase):
    """The account and the folders, made below a folder instead of the system's root."""

    def setUp(self):
        self.root = self.enterContext(Scratch("account")).path
        for name in ("sysusers", "tmpfiles"):
            folder = self.root / "usr/lib" / f"{name}.d"
            folder.mkdir(parents=True)
            shutil.copyfile(SYSTEMD / f"castgate.{name}", folder / "castgate.conf")
        (self.root / "etc").mkdir()

    def make_account(self):
        done = run(places.tool("systemd-sysusers"), f"--root={self.root}", "castgate.conf")
        self.assertEqual(done.returncode, 0, done.stdout)
        line, = [line for line in (self.root / "etc/passwd").read_text().splitlines()
                 if line.startswith("castgate:")]
        return line.split(":")

    def test_sysusers(self):
        if os.geteuid() != 0:
            self.skipTest("only root may make accounts, even below a folder")
        fields = self.make_account()
        self.assertEqual(fields[5:], ["/nonexistent", "/usr/sbin/nologin"])
        self.assertLess(int(fields[2]), 1000)

    def test_tmpfiles(self):
        tmpfiles = places.tool("systemd-tmpfiles")
        if os.geteuid() != 0:
            self.skipTest("only root may give folders away")
        uid, gid = map(int, self.make_account()[2:4])
        done = run(tmpfiles, "--create", f"--root={self.root}", "castgate.conf")
        self.assertEqual(done.returncode, 0, done.stdout)
        for name, mode in (("run/castgate", 0o755), ("var/log/castgate", 0o750)):
            status = (self.root / name).stat()
            self.assertEqual((status.st_uid, status.st_gid, status.st_mode & 0o7777),
                             (uid, gid, mode), name)


class Rotation(unittest.TestCase):
    """systemd/castgate.logrotate, with other paths and a signal in systemctl's place."""

    @classmethod
    def setUpClass(cls):
        cls.logrotate = places.logrotate()
        cls.system = suite.enter_for_class(cls, laravel.Laravel("rotate"))
        cls.site = cls.system.site

    def write(self, pid):
        account = self.site.account
        file = self.system.scratch.path / "logrotate.conf"
        text = with_texts(SYSTEMD / "castgate.logrotate", {
            "\n/var/log/castgate/*.log {": f"\n{self.site.log} {{",
            "su castgate castgate": f"su {account.user} {account.group}",
            "create 0640 castgate castgate": f"create 0640 {account.user} {account.group}",
            "systemctl try-reload-or-restart castgate.service": f"kill -HUP {pid}"})
        file.write_text(text)
        file.chmod(0o644)
        return file

    def rotate(self, *words):
        return run(self.logrotate, *words, "--state", self.system.scratch.path / "rotate-state",
                   self.write(self.mount.server.pid))

    def setUp(self):
        self.mount = self.enterContext(OwnSocket(self.site, self.system.scratch))

    def test_logrotate_accepts_it(self):
        done = self.rotate("-d")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotIn("error:", done.stdout)

    def test_new_decisions_go_into_the_new_file(self):
        self.assertEqual(self.mount.send(GOOD).status, 200)
        done = self.rotate("--force", "--verbose")
        self.assertEqual(done.returncode, 0, done.stdout)
        old = self.site.log.with_name(self.site.log.name + ".1")
        self.assertIn('"event.reason":"allowed"', old.read_text())
        self.assertEqual(self.site.log.stat().st_mode & 0o777, 0o640)
        self.assertEqual(self.site.log.stat().st_uid, self.site.account.uid)
        log = AuditLog(self.site)
        # Each worker opens the new file when it sees the signal, which takes a moment, and says so there.
        wait_until(lambda: self.site.log_text().count("read anew") == self.mount.workers,
                   "a worker stays with the old file")
        before = len(old.read_text())
        for _ in range(20):
            self.assertEqual(self.mount.send(GOOD).status, 200)
        self.assertEqual(log.reasons(20), ["allowed"] * 20)
        self.assertEqual(len(old.read_text()), before, "somebody still writes into the old file")


if __name__ == "__main__":
    suite.main()
