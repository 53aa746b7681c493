"""How is one server program started, waited for, and stopped?"""

import os
import pathlib
import re
import signal
import subprocess
import time

from . import ending, evidence
from .waiting import PATIENCE_SECONDS

STOP_SECONDS = 60


class ServerProcess:
    """A process group of our own: the program and everything it starts."""

    def __init__(self, name, argv, log, environment=None, **popen_options):
        self.name = name
        self.log = pathlib.Path(log)
        self._argv = [str(word) for word in argv]
        self._environment = environment
        self._popen_options = popen_options
        self._process = None

    @property
    def pid(self):
        return self._process.pid

    @property
    def alive(self):
        return self._process is not None and self._process.poll() is None

    def start(self, is_ready):
        """Start, and return once is_ready() is true; fail with the log when that never happens."""
        ending.unwind_on_signals()
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(
                self._argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self._environment, start_new_session=True,
                preexec_fn=ending.die_with(os.getpid()), **self._popen_options)
        evidence.keep(self.log)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_ready():
            if not self.alive or time.monotonic() > deadline:
                how = "does not answer" if self.alive else "ended at once"
                self.stop()
                raise AssertionError(f"{self.name} {how}:\n{evidence.tail(self.log)}")
            time.sleep(0.02)

    def stop(self, number=signal.SIGTERM):
        """Ask, wait, then insist. What the program left behind in its group ends as well."""
        if self._process is None:
            return
        evidence.forget(self.log)
        if self.alive:
            self._process.send_signal(number)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        _sweep_group(self._process.pid)
        self._process = None


def _sweep_group(group):
    """End what is left of a process group that we started and whose leader is gone."""
    for number, seconds in ((signal.SIGTERM, 20), (signal.SIGKILL, 20)):
        deadline = time.monotonic() + seconds
        try:
            os.killpg(group, number)
            while time.monotonic() < deadline:
                time.sleep(0.02)
                os.killpg(group, 0)
        except ProcessLookupError:
            return


def stand_still(*pids):
    """Stop processes, and return once all of their threads stand still."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    for pid in pids:
        threads = pathlib.Path(f"/proc/{pid}/task")
        while any(" T " not in path.read_text().rpartition(")")[2][:4]
                  for path in threads.glob("*/stat")):
            time.sleep(0.001)


def takes_signals(pid):
    """Has a castgate come so far that signals are kept for it? Its main blocks them first of all; until then
    they would end it, or be lost between the fork and the exec of whoever starts it."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False  # ended by itself meanwhile
    blocked = int(re.search(r"(?m)^SigBlk:\s*([0-9a-f]+)$", status)[1], 16)
    return bool(blocked & 1 << (signal.SIGHUP - 1))


def serves(pid):
    """Has a worker of castgate's read all it needs, so that it takes requests and reads signals from a
    descriptor? Only root may look; others have to believe it."""
    try:
        names = [os.readlink(path) for path in pathlib.Path(f"/proc/{pid}/fd").iterdir()]
    except PermissionError:
        return True
    except OSError:
        return False  # ended by itself meanwhile, or still closing what it inherited
    # the first may be the parent's, for a moment; the second never is
    return {"anon_inode:[signalfd]", "anon_inode:[eventpoll]"} <= set(names)


def children_of(pid):
    """The processes that a process has started and not outlived, from /proc: ps may be missing."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            # After the name, which may hold anything but ends with the last parenthesis: state, parent.
            fields = path.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(path.parent.name))
    return sorted(found)
