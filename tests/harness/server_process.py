"""How is one server program started, waited for, and stopped?"""

import os
import pathlib
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
