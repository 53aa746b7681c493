#!/usr/bin/env python3
"""Reasons: every row of the outcome table is reached by a test that goes through a request."""
import re

import house

ROW = re.compile(r'\[OUTCOME_\w+\]\s*=\s*\{"(\w+)"')
TABLE = "src/base/verdict.c"

# The few that no test reaches through a request, and why.
UNREACHED = {
    "undecided": "zeroed memory: only a defect could show it",
    "resources_exhausted": "memory must run out between two small pieces; unit tests of ticket/ do that",
    "database_behind": "a Galera node must answer between two writes; it is too rare to wait for",
}


def check(top):
    tests = [house.read(top, name) for name in house.files_below(top, "tests", ".py", ".cases")
             if not name.startswith("tests/guard/")]
    complaints = []
    for reason in ROW.findall(house.read(top, TABLE)):
        named = re.compile(rf"@reason {reason}$|[\"' (^]{reason}\b", re.MULTILINE)
        reached = any(named.search(text) for text in tests)
        if not reached and reason not in UNREACHED:
            complaints.append(f"{reason}: no test reaches it")
        if reached and reason in UNREACHED:
            complaints.append(f"{reason}: a test reaches it, so it is no exception")
    return complaints


ROWS = '[OUTCOME_A] = {"no_a", 1},\n[OUTCOME_B] =\n    {"no_b", 2},\n[OUTCOME_U] = {"undecided"},\n'
SAMPLES = [
    ({TABLE: ROWS, "tests/a.cases": "@reason no_a\n", "tests/b.py": 'x == "no_b"'}, []),
    ({TABLE: ROWS, "tests/a.cases": "@reason no_ab\n", "tests/b.py": "no_bc(no_b_)"},
     ["no_a: no test", "no_b: no test"]),
    ({TABLE: ROWS, "tests/a.cases": "@reason no_a\n@reason no_b\n", "tests/b.py": '"undecided"'},
     ["undecided: a test reaches it"]),
    ({TABLE: ROWS, "tests/guard/a.py": '"no_a" "no_b"'}, ["no_a: no test", "no_b: no test"]),
]

if __name__ == "__main__":
    house.run(check, SAMPLES)
