"""Does castgate give every documented system the same bytes through every mount?

Replays each system's cases over each mount. Arguments: `--system NAME` and `--mount NAME` (both
repeatable) and words that choose cases by name. An instrumented build replays the first system over
every mount and the others over those where castgate reads requests in different ways: what a web server
does is the same there as in a build that tests all of it. With another database server than the
machine's own that is so for every system.
"""

import argparse
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import case_file, database_server, mounts, places, suite, systems, wire_rules
from harness.audit import AuditLog
from harness.system import System

SYSTEMS = {description.name: description for description in systems.ALL}
DIRECT = ("memory", "cgi", "own-socket")


class Conformance(unittest.TestCase):
    """One class for each system and mount is made from this one, with one test for each case."""

    description = None
    mount_name = None

    @classmethod
    def setUpClass(cls):
        system = SHARED.get(cls.description)
        cls.mount = suite.enter_for_class(
            cls, mounts.mount(cls.mount_name, system.site, system.scratch))
        # All mounts of a system come from one address and share its state.
        system.site.forget_throttle()
        cls.log = AuditLog(system.site)

    def replay(self, case):
        reply = self.mount.send(case.request)
        decisions = self.log.decisions(case.lines)
        if case.request.method == "HEAD":
            reply.body = case.body
        wrong = wire_rules.violations(reply, case.sets_cookies) + case_file.mismatches(case, reply)
        if len(decisions) != case.lines:
            wrong.append(f"{len(decisions)} decisions in the log instead of {case.lines}")
        for line in decisions:
            if line["http.request.id"] != reply.header("X-Request-Id"):
                wrong.append("the log has another request id")
            if case.reason and line["event.reason"] != case.reason:
                wrong.append(f"reason {line['event.reason']} instead of {case.reason}"
                             f" ({line.get('castgate.detail')})")
        if wrong:
            where = f"{self.description.cases.name}:{case.line}"
            self.fail("\n".join([where, *wrong]))


class SharedSystem:
    """One database and site for all mounts of a system, made when the first one needs it, and gone
    when another system's turn comes."""

    def __init__(self):
        self._system = None

    def get(self, description):
        if self._system is None or self._system.description is not description:
            self.close()
            system = System(description)
            self._system = system.__enter__()
        return self._system

    def close(self):
        system, self._system = self._system, None
        if system is not None:
            system.__exit__(None, None, None)


SHARED = SharedSystem()


def tests_for(description, mount_name):
    """The class of one system and mount, its cases as methods in the order of the file."""
    members = {"description": description, "mount_name": mount_name}
    names = []
    for number, case in enumerate(case_file.read(description.cases, description.keys)):
        if case.mounts and mount_name not in case.mounts:
            continue
        name = f"test_{number:03}_{case.name}"
        members[name] = lambda self, case=case: self.replay(case)
        names.append(name)
    cls = type(f"{description.name}/{mount_name}", (Conformance,), members)
    return unittest.TestSuite(cls(name) for name in names)


def mounts_for(description):
    """Those that are replayed over unless others are asked for."""
    names = description.mounts or mounts.ALL
    if database_server.folder() is None and (
            description is systems.ALL[0] or not places.is_instrumented()):
        return names
    return [name for name in names if name in DIRECT]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--system", action="append", choices=SYSTEMS)
    parser.add_argument("--mount", action="append", choices=mounts.ALL)
    parser.add_argument("words", nargs="*")
    arguments = parser.parse_args()
    tests = unittest.TestSuite(
        tests_for(SYSTEMS[system], mount)
        for system in arguments.system or SYSTEMS
        for mount in arguments.mount or mounts_for(SYSTEMS[system])
        if mount in (SYSTEMS[system].mounts or mounts.ALL))
    try:
        suite.main(tests, arguments.words)
    finally:
        SHARED.close()


if __name__ == "__main__":
    main()
