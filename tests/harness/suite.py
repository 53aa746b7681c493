"""How does a test program run its cases, and what does it tell the person and the build?

One line a case, the evidence after a failure, and a last line `N passed, M failed, K skipped`. The
exit status is 0, 1 on any failure, and 77 (automake's "skipped") when nothing could run at all.
"""

import sys
import time
import traceback
import unittest

from . import ending, evidence

EXIT_SKIPPED = 77
# Logs say much; after so many failures they have said it.
FAILURES_WITH_EVIDENCE = 3


def enter_for_class(cls, manager):
    """Enter a context manager in setUpClass; it is left when the class's tests are done."""
    value = manager.__enter__()
    cls.addClassCleanup(manager.__exit__, None, None, None)
    return value


def enter_for_module(manager):
    """The same in setUpModule, for all classes of a program."""
    value = manager.__enter__()
    unittest.addModuleCleanup(manager.__exit__, None, None, None)
    return value


class _Report(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.passed = 0
        self.failed = 0
        self.left_out = 0
        self.stopped = None
        self._started = 0.0
        self._subtests_failed = False

    def startTest(self, test):
        super().startTest(test)
        self._started = time.monotonic()
        self._subtests_failed = False

    def _line(self, word, test, more=""):
        took = time.monotonic() - self._started if self._started else 0
        slow = f" ({took:.1f} s)" if took > 1 else ""
        print(f"{word:4} {_name(test)}{slow}{': ' + more if more else ''}", flush=True)

    def _fail(self, test, error):
        if isinstance(error[1], ending.Stopped):
            # unittest takes it for an error of the case; no further case begins.
            self.stopped = error[1]
            self.stop()
            return
        self.failed += 1
        self._line("FAIL", test)
        print("".join(traceback.format_exception(*error)).rstrip(), flush=True)
        if self.failed <= FAILURES_WITH_EVIDENCE:
            print(evidence.shown(), flush=True)

    def addSuccess(self, test):
        if not self._subtests_failed:
            self.passed += 1
            self._line("ok", test)

    def addFailure(self, test, err):
        self._fail(test, err)

    def addError(self, test, err):
        self._fail(test, err)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self._subtests_failed = True
            self._fail(subtest, err)

    def addSkip(self, test, reason):
        self.left_out += 1
        self._line("skip", test, reason)

    def addUnexpectedSuccess(self, test):
        self.failed += 1
        self._line("FAIL", test, "passed, which was not expected")


def _name(test):
    """class.case, without the module; unittest's own wrapper for fixtures says its name itself."""
    if isinstance(test, unittest.TestCase):
        return ".".join(test.id().split(".")[1:])
    return str(test)


def main(tests=None, only=None):
    """Run the cases of the calling program (or `tests`) and leave with the right exit status.

    Words on the command line choose the cases whose name contains one of them.
    """
    ending.unwind_on_signals()
    if tests is None:
        tests = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    words = sys.argv[1:] if only is None else only
    if words:
        tests = unittest.TestSuite(
            case for case in _flatten(tests) if any(word in case.id() for word in words))
    classes = {type(case) for case in _flatten(tests)}
    report = _Report()
    try:
        tests.run(report)
    except ending.Stopped as stopped:
        report.stopped = stopped
        # It came while fixtures were made, which unittest leaves as they are.
        for cls in classes:
            cls.doClassCleanups()
        unittest.case.doModuleCleanups()
    if report.stopped:
        print(f"stopped by {report.stopped}", flush=True)
        sys.exit(128 + report.stopped.number)
    print(f"{report.passed} passed, {report.failed} failed, {report.left_out} skipped", flush=True)
    if report.failed:
        sys.exit(1)
    if report.passed == 0:
        sys.exit(EXIT_SKIPPED)
    sys.exit(0)


def _flatten(tests):
    for entry in tests:
        if isinstance(entry, unittest.TestSuite):
            yield from _flatten(entry)
        else:
            yield entry
