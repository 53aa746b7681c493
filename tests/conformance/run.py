"""Does castgate give system 1 the same bytes through every mount?

Replays laravel-sanctum.cases over each mount. Arguments: `--mount NAME` (repeatable) and words that
choose cases by name.
"""

import argparse
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import case_file, laravel, mounts, suite, wire_rules
from harness.audit import AuditLog

CASES = case_file.read(laravel.CONFORMANCE / "laravel-sanctum.cases", laravel.KEYS)


class Conformance(unittest.TestCase):
    """One class for each mount is made from this one, with one test for each case."""

    mount_name = None

    @classmethod
    def setUpClass(cls):
        cls.site = SHARED.get().site
        cls.mount = suite.enter_for_class(
            cls, mounts.mount(cls.mount_name, cls.site, SHARED.get().scratch))
        cls.log = AuditLog(cls.site)

    def replay(self, case):
        reply = self.mount.send(case.request)
        decisions = self.log.decisions(case.lines)
        if case.request.method == "HEAD":
            reply.body = case.body
        wrong = wire_rules.violations(reply) + case_file.mismatches(case, reply)
        if len(decisions) != case.lines:
            wrong.append(f"{len(decisions)} decisions in the log instead of {case.lines}")
        for line in decisions:
            if line["http.request.id"] != reply.header("X-Request-Id"):
                wrong.append("the log has another request id")
            if case.reason and line["event.reason"] != case.reason:
                wrong.append(f"reason {line['event.reason']} instead of {case.reason}"
                             f" ({line.get('castgate.detail')})")
        if wrong:
            where = f"laravel-sanctum.cases:{case.line}"
            self.fail("\n".join([where, *wrong]))


class SharedSite:
    """One database and site for all mounts, made when the first one needs it."""

    def __init__(self):
        self._system = None

    def get(self):
        if self._system is None:
            system = laravel.Laravel("conformance")
            self._system = system.__enter__()
        return self._system

    def close(self):
        if self._system is not None:
            self._system.__exit__(None, None, None)


SHARED = SharedSite()


def tests_for(mount_name):
    """The class of one mount, its cases as methods in the order of the file."""
    members = {"mount_name": mount_name}
    names = []
    for number, case in enumerate(CASES):
        if case.mounts and mount_name not in case.mounts:
            continue
        name = f"test_{number:03}_{case.name}"
        members[name] = lambda self, case=case: self.replay(case)
        names.append(name)
    cls = type(mount_name, (Conformance,), members)
    return unittest.TestSuite(cls(name) for name in names)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mount", action="append", choices=mounts.ALL)
    parser.add_argument("words", nargs="*")
    arguments = parser.parse_args()
    tests = unittest.TestSuite(tests_for(name) for name in arguments.mount or mounts.ALL)
    try:
        suite.main(tests, arguments.words)
    finally:
        SHARED.close()


if __name__ == "__main__":
    main()
