"""What did processes cost, and what did wrk see?"""

import contextlib
import json
import os
import pathlib
import subprocess

from harness import places
from harness.processes import children_of, read_each
from harness.waiting import PATIENCE_SECONDS

_TICK = os.sysconf("SC_CLK_TCK")
_HERE = pathlib.Path(__file__).resolve().parent


def cpu_seconds(pids):
    """utime + stime of these processes."""
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICK


def run_microseconds(pids):
    """How long the threads of these processes ran, in finer steps than cpu_seconds."""
    total = 0
    for pid in pids:
        for _, times in read_each("schedstat", f"/proc/{pid}/task"):
            total += int(times.split()[0])
    return total / 1000


def pss_kilobytes(pids):
    """The proportional set size of each process; None for one that may not be looked at."""
    sizes = []
    for pid in pids:
        try:
            text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            return None
        sizes.append(next(int(line.split()[1]) for line in text.splitlines()
                          if line.startswith("Pss:")))
    return sizes


def tree(pid):
    """A process and all below it."""
    found = [pid]
    for child in children_of(pid):
        found += tree(child)
    return found


class Watch:
    """CPU time of named groups of processes over a block: {name: seconds} in `used`."""

    def __init__(self, groups):
        self._groups = groups
        self.used = {}

    def __enter__(self):
        self._before = {name: cpu_seconds(pids) for name, pids in self._groups.items()}
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.used = {name: cpu_seconds(pids) - self._before[name]
                         for name, pids in self._groups.items()}


def wrk(port, mode, users, connections, seconds, seed, batch=0):
    """One run of wrk; what load.lua printed at its end, with requests a second."""
    done = subprocess.run(
        [places.tool("wrk"), "-t", str(connections), "-c", str(connections),
         "-d", f"{seconds}s", "--timeout", f"{PATIENCE_SECONDS}s", "-s", str(_HERE / "load.lua"),
         f"http://127.0.0.1:{port}/broadcasting/auth", "--", mode, str(users), str(seed),
         str(batch)], capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or len(lines) != 1:
        raise AssertionError(f"wrk: {done.stdout}{done.stderr}")
    result = json.loads(lines[0])
    result["rate"] = result["answered"] / result["seconds"]
    return result


def storm(port, rows, users, channels, seconds):
    done = subprocess.run(
        [places.built("tests/bench/storm"), str(port), str(rows), str(users), str(channels),
         str(seconds)], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"storm: {done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def spawn_seconds(program, environment, body_file, count, expected=b"200"):
    """The wall time of starting a CGI program `count` times, one after another, and of each start. The
    status of every answer is looked at."""
    import time
    times = []
    for _ in range(count):
        with open(body_file, "rb") as body:
            out_read, out_write = os.pipe()
            started = time.perf_counter()
            pid = os.posix_spawn(program, [str(program)], environment, file_actions=[
                (os.POSIX_SPAWN_DUP2, body.fileno(), 0),
                (os.POSIX_SPAWN_DUP2, out_write, 1),
                (os.POSIX_SPAWN_CLOSE, out_read)])
            os.close(out_write)
            reply = b""
            while piece := os.read(out_read, 65536):
                reply += piece
            os.waitpid(pid, 0)
            times.append(time.perf_counter() - started)
            os.close(out_read)
        if not reply.startswith(b"Status: " + expected):
            raise AssertionError(f"{program}: {reply[:200]!r}")
    return times
