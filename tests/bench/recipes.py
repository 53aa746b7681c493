"""What does a request of each documented system cost, as a ratio to system 1?

Each system has a database and one worker on a socket of its own. The same allowed request of its
conformance file is sent in blocks, system after system, so that neighbours in time are compared. Prints
a table: CPU time of worker and database for a request, statements for a request, ratio to Sanctum.
"""

import argparse
import contextlib
import pathlib
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import measure
from harness import case_file, ending, systems
from harness.mount_socket import OwnSocket
from harness.processes import children_of
from harness.system import System

BASE = "laravel-sanctum"


class Subject:
    """One system, started. A context manager."""

    def __init__(self, description):
        self.name = description.name
        cases = case_file.read(description.cases, description.keys)
        self._case = next(case for case in cases if case.status == 200 and not case.sets_cookies
                          and "HEAD" != case.request.method)
        self._system = System(description, f"bench-{self.name}")
        self._stack = contextlib.ExitStack()
        self.costs = []

    def __enter__(self):
        with self._stack as stack:
            system = stack.enter_context(self._system)
            self._mount = stack.enter_context(OwnSocket(system.site, system.scratch, workers=1))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error):
        return self._stack.__exit__(*error)

    def block(self, count):
        """Send the request so often and remember what it cost, in microseconds and statements."""
        db = self._system.db
        groups = {"worker": children_of(self._mount.server.pid), "database": [db.pid]}
        self._system.site.forget_throttle()
        before = db.executions()
        with measure.Watch(groups) as watch:
            for _ in range(count):
                reply = self._mount.send(self._case.request)
                if reply.status != 200:
                    raise SystemExit(f"{self.name}: {reply}")
        self.costs.append((*(1e6 * watch.used[name] / count for name in groups),
                           (db.executions() - before) / count))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--blocks", type=int, default=7)
    parser.add_argument("--requests", type=int, default=1500, help="in one block")
    options = parser.parse_args()
    ending.unwind_on_signals()
    with contextlib.ExitStack() as stack:
        subjects = [stack.enter_context(Subject(description)) for description in systems.ALL]
        for subject in subjects:
            subject.block(50)
            subject.costs.clear()
        for _ in range(options.blocks):
            for subject in subjects:
                subject.block(options.requests)
    base = next(subject for subject in subjects if subject.name == BASE)
    print("| system | worker us | database us | statements | x system 1 (extremes) |\n|---|---|---|---|---|")
    for subject in subjects:
        worker, database, statements = map(statistics.median, zip(*subject.costs))
        ratios = sorted((cost[0] + cost[1]) / (other[0] + other[1])
                        for cost, other in zip(subject.costs, base.costs))
        print(f"| {subject.name} | {worker:.0f} | {database:.0f} | {statements:.2f} | "
              f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}) |")


if __name__ == "__main__":
    main()
