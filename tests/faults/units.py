"""Do the files of systemd/ hold under a real systemd: the socket, who may use it, restarts?

Boots a systemd of its own, in namespaces of its own, over a copy-on-write view of this machine that
is forgotten afterwards. Takes root, and a kernel that lets it; not part of `make check`.
"""

import collections
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import fastcgi, places, suite
from harness.exchange import parse_cgi
from harness.other_user import as_user, strangers
from harness.scratch import Scratch
from harness.waiting import wait_until

UNITS = places.SOURCE / "systemd"
SOCKET = pathlib.Path("/run/castgate/castgate.sock")
LOG = pathlib.Path("/var/log/castgate/castgate.log")
CONFIG = pathlib.Path("/usr/local/etc/castgate/castgate.conf")
SERVICE = pathlib.Path("/etc/systemd/system/castgate.service")
BOOT_SECONDS = 120

# $1: a folder of ours, for what changes. The rest are folders that may be mounts of their own.
_BOOT = r"""
set -e
at=$1
shift
mount -t tmpfs tmpfs "$at/overlay"
mkdir "$at/overlay/upper" "$at/overlay/work" "$at/overlay/root"
root=$at/overlay/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$at/overlay/upper,workdir=$at/overlay/work" "$root"
for folder in "$at/shared" "$@"; do
	mkdir -p "$root$folder"
	mount --bind "$folder" "$root$folder"
done
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/dev"
for device in null zero full random urandom tty; do
	touch "$root/dev/$device"
	mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
cp -r "$at/files/." "$root/"
: >"$root/etc/fstab"
mkdir -p "$root/old-root"
cd "$root"
pivot_root . old-root
umount -l /old-root
systemd-sysusers castgate.conf
chown root:castgate /usr/local/etc/castgate/castgate.conf
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system \
	--unit=castgate-test.target --log-target=null --show-status=false
"""

_TEST_SERVICE = """[Unit]
Requires=castgate.socket
After=castgate.socket castgate.service
[Service]
Type=oneshot
Environment=CI={ci} CASTGATE_BUILD={build}
ExecStart={python} -B {program} --inside
ExecStopPost=/bin/sh -c 'echo $EXIT_STATUS >{shared}/status'
ExecStopPost=/bin/systemctl poweroff --force --force
StandardOutput=append:{shared}/output
StandardError=append:{shared}/output
TimeoutStartSec=90
"""

_TEST_TARGET = """[Unit]
Requires=basic.target
After=basic.target
Wants=castgate-test.service castgate.service castgate.socket
"""

_CONFIG = """log = "/var/log/castgate/castgate.log"
state_dir = "/run/castgate/state"
app "chat" { key = "key"  secret = "secret" }
database { socket = "/nonexistent"  name = "x"  user = "x"  password = "x" }
credential "sanctum" { kind = "sanctum"  owner 'u' { table = "users" } }
endpoint "/broadcasting/auth" {
	app = "chat"  credentials = {"sanctum"}  dialect = "laravel"
	channel "a.{id:id}" { allow = "SELECT id FROM a WHERE id = :id" }
}
"""

# What such a machine has no use for, or must not touch.
_MASKED = ("systemd-udevd", "systemd-udev-trigger", "systemd-networkd", "systemd-resolved",
           "systemd-timesyncd", "systemd-logind")


class Booted(unittest.TestCase):
    """From the outside: boot, wait, and report what was found inside."""

    def cgroup(self):
        """A group below ours for all of its processes; removed at the end."""
        for top in ("/sys/fs/cgroup/unified", "/sys/fs/cgroup"):
            if os.path.exists(f"{top}/cgroup.procs"):
                group = pathlib.Path(top) / f"castgate-test-{os.getpid()}"
                try:
                    group.mkdir()
                except OSError as error:
                    self.skipTest(f"no control group can be made: {error}")
                self.addCleanup(self.remove, group)
                return group
        self.skipTest("there are no control groups of the second version")

    @staticmethod
    def remove(group):
        for folder, _, _ in os.walk(group, topdown=False):
            os.rmdir(folder)

    def write(self, folder, name, text, mode=0o644):
        path = folder / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def fill(self, files, shared):
        """What a person does by castgate.service's comment, and what starts the test inside."""
        program = files / "usr/local/libexec/castgate/castgate.fcgi"
        program.parent.mkdir(parents=True)
        shutil.copy(places.built("castgate.fcgi"), program)
        for name, target in (("sysusers", "/etc/sysusers.d/castgate.conf"),
                             ("tmpfiles", "/etc/tmpfiles.d/castgate.conf"),
                             ("service", SERVICE),
                             ("socket", "/etc/systemd/system/castgate.socket")):
            self.write(files, str(target), (UNITS / f"castgate.{name}").read_text())
        self.write(files, str(CONFIG), _CONFIG, 0o640)
        self.write(files, "/etc/systemd/system/castgate-test.target", _TEST_TARGET)
        self.write(files, "/etc/systemd/system/castgate-test.service", _TEST_SERVICE.format(
            ci=os.environ.get("CI", ""), build=places.build_directory(), python=sys.executable,
            program=pathlib.Path(__file__).resolve(), shared=shared))
        for name in _MASKED:
            (files / f"etc/systemd/system/{name}.service").symlink_to("/dev/null")

    def test_units(self):
        strangers()
        if places.is_instrumented():
            self.skipTest("sanitizers need more than the unit allows")
        if not os.access("/lib/systemd/systemd", os.X_OK):
            raise places.missing("systemd-analyze")
        at = self.enterContext(Scratch("boot")).path
        for name in ("overlay", "shared", "files"):
            (at / name).mkdir()
        self.fill(at / "files", at / "shared")
        group = self.cgroup()
        done = subprocess.run(
            ["/bin/sh", "-c", 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"', "sh", group,
             "unshare", "--cgroup", "--mount", "--pid", "--fork", "--kill-child", "--ipc", "--uts",
             "--net", "/bin/sh", "-c", _BOOT, "sh", at, places.SOURCE, places.build_directory(),
             sys.prefix], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            timeout=BOOT_SECONDS)
        status = at / "shared/status"
        if not status.exists() and "ermission denied" in done.stderr + done.stdout:
            self.skipTest(f"not allowed here: {done.stderr.strip().splitlines()[-1]}")
        output = at / "shared/output"
        text = output.read_text() if output.exists() else done.stdout + done.stderr
        print("".join(f"     {line}\n" for line in text.splitlines()), end="", flush=True)
        self.assertTrue(status.exists(), "the test inside never ran")
        self.assertEqual(status.read_text(), "0\n")


def systemctl(*words):
    done = subprocess.run(["systemctl", *words], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def ask():
    """The status of a preflight, which needs no database; or what became of the connection."""
    environment = {"GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1",
                   "REQUEST_METHOD": "OPTIONS", "REQUEST_URI": "/broadcasting/auth",
                   "REMOTE_ADDR": "127.0.0.1"}
    try:
        with fastcgi.connect(SOCKET) as peer:
            peer.sendall(fastcgi.request_bytes(environment))
            return parse_cgi(fastcgi.read_reply(peer)).status
    except PermissionError:
        return "forbidden"
    except (OSError, AssertionError):
        return "closed"


class Inside(unittest.TestCase):
    """On the machine that was booted. In this order: the last case spoils the unit."""

    def main_pid(self):
        return systemctl("show", "-p", "MainPID", "--value", "castgate.service")

    def test_1_who_may_ask(self):
        self.assertEqual(systemctl("is-active", "castgate.socket", "castgate.service"),
                         "active\nactive")
        one, _ = strangers()
        server = pwd.getpwnam("www-data")
        self.assertEqual(as_user(server, ask), 204)
        self.assertEqual(as_user(one, ask), "forbidden")
        SOCKET.chmod(0o666)
        self.assertEqual(as_user(one, ask), "closed")
        self.assertEqual(as_user(server, ask), 204)

    def test_2_reload(self):
        before = self.main_pid()
        systemctl("reload", "castgate.service")
        wait_until(lambda: "was read anew" in LOG.read_text())
        self.assertEqual(self.main_pid(), before)

    def test_3_restarts_cost_no_request(self):
        seen = collections.Counter()
        stop = threading.Event()

        def keep_asking():
            while not stop.is_set():
                seen[ask()] += 1

        asking = [threading.Thread(target=keep_asking) for _ in range(4)]
        for thread in asking:
            thread.start()
        try:
            for _ in range(3):
                before = self.main_pid()
                systemctl("restart", "castgate.service")
                self.assertNotEqual(self.main_pid(), before)
                time.sleep(0.3)
        finally:
            stop.set()
            for thread in asking:
                thread.join()
        self.assertEqual(set(seen), {204}, seen)

    def test_4_it_comes_back(self):
        before = self.main_pid()
        systemctl("kill", "-s", "KILL", "--kill-whom=main", "castgate.service")
        # what its workers still had may be lost with them
        wait_until(lambda: ask() == 204 and self.main_pid() not in ("0", before))
        self.assertEqual(systemctl("show", "-p", "NRestarts", "--value", "castgate.service"), "1")

    def test_5_what_it_may(self):
        status = pathlib.Path(f"/proc/{self.main_pid()}/status").read_text()
        for line in ("CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1",
                     "Seccomp:\t2"):
            self.assertIn(line, status)

    def test_6_its_own_sandbox_inside_of_systemds(self):
        CONFIG.write_text('sandbox = "strict"\n' + CONFIG.read_text())
        systemctl("restart", "castgate.service")
        self.assertEqual(ask(), 204)
        self.assertNotIn("sandbox", LOG.read_text())

    def test_7_a_request_starts_it(self):
        systemctl("stop", "castgate.service")
        self.assertEqual(systemctl("is-active", "castgate.service"), "inactive")
        self.assertEqual(ask(), 204)
        self.assertEqual(systemctl("is-active", "castgate.service"), "active")

    def test_8_a_wrong_command_line_is_not_tried_again(self):
        SERVICE.write_text(SERVICE.read_text().replace("--workers 4", "--workers 0"))
        systemctl("daemon-reload")
        systemctl("restart", "castgate.service")
        wait_until(lambda: systemctl("is-active", "castgate.service") == "failed")
        time.sleep(2)
        self.assertEqual(systemctl("show", "-p", "NRestarts", "-p", "ExecMainStatus", "--value",
                                   "castgate.service"), "0\n2")


if __name__ == "__main__":
    inside = sys.argv[1:] == ["--inside"]
    suite.main(unittest.defaultTestLoader.loadTestsFromTestCase(Inside if inside else Booted),
               only=[] if inside else None)
