"""How many checks passed in the builds that were tested?

Reads what `make check` left behind in each build directory: libcheck's own count of a unit test
program, the last line of a Python one, and the verdict alone of anything else. Prints what failed
with what its log says of that, and as the last line `N passed, M failed, K skipped`. The exit
status is 1 when anything failed.
"""

import argparse
import pathlib
import re
import sys

LIBCHECK = re.compile(r"(?m)^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)$")
PYTHON = re.compile(r"(?m)^(\d+) passed, (\d+) failed, (\d+) skipped$")
VERDICT = re.compile(r"(?m)^:global-test-result: (\w+)$")
# How a line begins that says what went wrong: our own tests, Python, libcheck, a sanitizer, make.
TELLING = re.compile(r"FAIL|ERROR|  File |[\w.]*(Error|Exception)\b|.*:\d+:[FE]:|.*runtime error:|==\d+==ERR")
TOLD = 20
BY_VERDICT = {"PASS": (1, 0, 0), "SKIP": (0, 0, 1)}


def count(log, verdict):
    """(passed, failed, skipped) of one program."""
    libcheck = LIBCHECK.findall(log)
    python = PYTHON.findall(log)
    if libcheck:
        checks, failures, errors = map(sum, zip(*(map(int, row) for row in libcheck)))
        found = (checks - failures - errors, failures + errors, 0)
    elif python:
        found = tuple(map(int, python[-1]))
    else:
        found = BY_VERDICT.get(verdict, (0, 1, 0))
    if verdict not in BY_VERDICT and found[1] == 0:
        # It ended badly after its last check, which its own count cannot know.
        found = (found[0], 1, found[2])
    return found


def telling_lines(log):
    """The lines that say what went wrong, or the last ones where none does."""
    lines = log.splitlines()
    told = [line for line in lines if TELLING.match(line)] or lines
    return told[-TOLD:]


def read(directory):
    """The counts of all programs of one build and what their logs tell, by name."""
    programs = {}
    for trs in sorted(pathlib.Path(directory, "tests").rglob("*.trs")):
        verdict = VERDICT.search(trs.read_text())
        log = trs.with_suffix(".log")
        text = log.read_text(errors="replace") if log.exists() else ""
        name = f"{pathlib.Path(directory).name}/{trs.relative_to(directory).with_suffix('')}"
        counts = count(text, verdict.group(1) if verdict else "ERROR")
        programs[name] = counts, telling_lines(text) if counts[1] else []
    return programs


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--make-failed", choices=("yes", "no"), default="no")
    parser.add_argument("directories", nargs="+")
    arguments = parser.parse_args()
    totals = [0, 0, 0]
    for directory in arguments.directories:
        programs = read(directory)
        if not programs:
            programs = {f"{directory}: no test ran": ((0, 1, 0), [])}
        for name, (counts, told) in programs.items():
            totals = [total + more for total, more in zip(totals, counts)]
            if counts[1]:
                print(f"failed: {name} ({counts[1]}), see its .log")
                for line in told:
                    print(f"    {line[:200]}")
    if arguments.make_failed == "yes" and totals[1] == 0:
        print("failed: make check itself")
        totals[1] = 1
    print("{} passed, {} failed, {} skipped".format(*totals))
    sys.exit(1 if totals[1] else 0)


if __name__ == "__main__":
    main()
