"""How does castgate fare while databases, workers and servers are killed, stopped and replaced under load?

Runs the programs of this folder one after another, or those whose names contain a word of the command
line; that is `make check-faults`, whose FAULT_OPTIONS are such words. Each has its time and is then ended
with all that it started. The last part of the output has the figures of each case, a line for each program,
and `N passed, M failed, K skipped`; the exit status is 1 when anything failed, 77 when nothing could run.
"""

import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from harness import ending, places
from harness.suite import EXIT_SKIPPED

# What each program may take, in minutes; usually it is done in a third of that.
MINUTES = {"cluster": 15, "database": 10, "migrate": 60, "peers": 15, "process": 30, "session": 30, "units": 10}
# For a program to stop its servers and remove its files.
ENDING_SECONDS = 90
COUNTS = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$")


class Program:
    """One of them: its counts and figures once it has run."""

    def __init__(self, name):
        self.name = name
        self.counts = None
        self.figures = []
        self.seconds = 0
        self.trouble = ""
        self._log = places.build_directory() / "tests/faults" / f"{name}.log"

    def run(self):
        started = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-B", HERE / f"{self.name}.py"], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            env={**os.environ, "PYTHONUNBUFFERED": "1"}, preexec_fn=ending.die_with(os.getpid()))
        limit = threading.Timer(60 * MINUTES[self.name], self._too_long, [process])
        limit.start()
        try:
            self._read(process.stdout)
            status = process.wait()
        finally:
            limit.cancel()
            self._end(process)
            self.seconds = time.monotonic() - started
        if status not in (0, EXIT_SKIPPED) and not self.failed:
            self.trouble = self.trouble or f"ended with {status}"

    def _read(self, output):
        """Show what it says, keep it, and pick out counts and figures: those are indented."""
        figures = []
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with open(self._log, "w", encoding="utf-8") as log:
            for line in output:
                print(line, end="", flush=True)
                log.write(line)
                log.flush()
                found = COUNTS.match(line)
                if found:
                    self.counts = tuple(map(int, found.groups()))
                elif line.startswith("     "):
                    figures.append(line)
                elif line.startswith(("ok ", "FAIL ")):
                    self.figures += [line, *figures] if figures else []
                    figures = []

    def _too_long(self, process):
        self.trouble = f"not done in {MINUTES[self.name]} minutes"
        process.send_signal(signal.SIGTERM)

    def _end(self, process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(ENDING_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        process.stdout.close()

    @property
    def failed(self):
        return (self.counts[1] if self.counts else 0) or bool(self.trouble)

    def __str__(self):
        counts = "{} passed, {} failed, {} skipped".format(*self.counts) if self.counts else "no result"
        trouble = f", {self.trouble}" if self.trouble else ""
        return f"{self.name:9} {self.seconds:5.0f} s  {counts}{trouble}; {self._log}"


def tell_of_the_machine():
    load, processors = os.getloadavg()[0], os.cpu_count()
    print(f"load {load:.1f} on {processors} processors", flush=True)
    if load > processors / 2:
        print("warning: this machine has other work; times are judged as if it had none", flush=True)


def summarize(programs):
    print("\n== figures")
    for program in programs:
        if program.figures:
            print(f"{program.name}:")
            print("".join(f"  {line}" for line in program.figures), end="")
    print("\n== programs")
    for program in programs:
        print(program)
    totals = [sum(program.counts[which] for program in programs if program.counts) for which in range(3)]
    totals[1] += sum(bool(program.trouble) for program in programs)
    print("{} passed, {} failed, {} skipped".format(*totals), flush=True)
    return totals


def main():
    ending.unwind_on_signals()
    words = sys.argv[1:]
    names = [name for name in MINUTES if not words or any(word in name for word in words)]
    if not names:
        sys.exit(f"usage: run.py [WORD]...\nno program of {', '.join(MINUTES)} has {' or '.join(words)} in its name")
    programs = []
    try:
        for number, name in enumerate(names, 1):
            print(f"\n== tests/faults/{name}.py, {number} of {len(names)}, at most {MINUTES[name]} minutes",
                  flush=True)
            tell_of_the_machine()
            programs.append(Program(name))
            programs[-1].run()
    except ending.Stopped as stopped:
        summarize(programs)
        print(f"stopped by {stopped}", flush=True)
        sys.exit(128 + stopped.number)
    passed, failed, _ = summarize(programs)
    sys.exit(1 if failed else 0 if passed else EXIT_SKIPPED)


if __name__ == "__main__":
    main()
