#!/usr/bin/env python3
"""Registration: every source is built, every test runs, and all that tests need is shipped."""
import re

import house

ASSIGNMENT = re.compile(r"^([A-Za-z0-9_]+)\s*\+?=[ \t]*(.*)$", re.MULTILINE)
START = re.compile(r"\bSTART_TEST\(\s*(\w+)\s*\)")
ADD = re.compile(r"\btcase_add_(?:loop_)?(?:exit_)?test(?:_raise_signal)?\(\s*\w+\s*,\s*(\w+)")
PROGRAM = re.compile(r"/test_\w+\.py$|^tests/guard/(?!house\.py$)")
BUILT = re.compile(r"\.(o|a|log|trs|gcda|gcno|pyc|swp)$|~$|/\.|/__pycache__/")


def makefiles(top, name="Makefile.am"):
    """The text of a makefile and of everything that it includes."""
    text = house.read(top, name).replace("\\\n", " ") if (top / name).is_file() else ""
    included = re.findall(r"^include\s+(\S+)", text, re.MULTILINE)
    return "\n".join([text] + [makefiles(top, other) for other in included])


class Variables:
    """The words of every makefile variable, conditionals taken as true."""

    def __init__(self, text):
        self.words = {}
        for name, value in ASSIGNMENT.findall(text):
            self.words.setdefault(name, []).extend(value.split())

    def expand(self, name, seen=()):
        result = set()
        for word in self.words.get(name, []):
            reference = re.fullmatch(r"\$[({](\w+)[)}]", word)
            if not reference:
                result.add(word)
            elif reference.group(1) not in seen:
                result |= self.expand(reference.group(1), (*seen, name))
        return result

    def matching(self, pattern):
        names = [name for name in self.words if re.fullmatch(pattern, name)]
        return set().union(*map(self.expand, names)) if names else set()


def check_registered(name, code):
    code = house.blank(code)
    added = ADD.findall(code)
    started = START.findall(code)
    complaints = [f"{name}: {test} is written but never added" for test in started
                  if test not in added]
    complaints += [f"{name}: {test} is written twice" for test in sorted(set(started))
                   if started.count(test) > 1]
    if not started:
        complaints.append(f"{name}: has no test")
    return complaints


def check_fuzzed(top, name, variables):
    """A fuzz target is replayed by `make check` over seeds of its own, and `make fuzz` knows it."""
    target = re.fullmatch(r"tests/fuzz/fuzz_(\w+)\.c", name).group(1)
    replay = f"tests/fuzz/replay_{target}"
    seeds = [seed for seed in house.files_below(top, f"tests/fuzz/corpus/{target}", "")
             if "/." not in seed]
    sources = variables.expand(replay.replace("/", "_") + "_SOURCES")
    complaints = []
    if name not in sources or replay not in variables.expand("TESTS"):
        complaints.append(f"{name}: is never replayed")
    if name[:-2] not in variables.expand("check_PROGRAMS") or \
            target not in variables.expand("fuzz_targets"):
        complaints.append(f"{name}: is never fuzzed")
    if not seeds:
        complaints.append(f"{name}: has no seed")
    return complaints


def is_shipped(name, shipped):
    """True when the file, or a folder that holds it, is in the distribution."""
    parts = name.split("/")
    return any("/".join(parts[:count]) in shipped for count in range(1, len(parts) + 1))


def check(top):
    text = makefiles(top)
    variables = Variables(text)
    sources = variables.matching(r"\w+_SOURCES")
    tests = variables.matching(r"TESTS|check_PROGRAMS")
    shipped = sources | variables.matching(r"EXTRA_DIST|dist_\w+") | set(
        re.findall(r"^include\s+(\S+)", text, re.MULTILINE))
    complaints = [f"{name}: is in no local.mk" for name in house.files_below(top, "src", ".c", ".h")
                  if name not in sources]
    for name in house.files_below(top, "tests/unit", ".c"):
        if not name.rsplit("/", 1)[1].startswith("test_"):
            continue
        if name not in sources or name[:-2] not in variables.expand("TESTS"):
            complaints.append(f"{name}: is never run")
        complaints += check_registered(name, house.read(top, name))
    for name in house.files_below(top, "tests/fuzz", ".c"):
        if name.startswith("tests/fuzz/fuzz_"):
            complaints += check_fuzzed(top, name, variables)
    for name in house.files_below(top, "tests", ".py"):
        if PROGRAM.search(name) and name not in variables.expand("TESTS"):
            complaints.append(f"{name}: is never run")
    for name in house.files_below(top, "tests", ""):
        if BUILT.search("/" + name) or name in tests or is_shipped(name, shipped):
            continue
        complaints.append(f"{name}: is not distributed")
    return complaints


MAKE = ("include src/local.mk\nTESTS =\nEXTRA_DIST =\nunit =\ninclude tests/u.mk\n"
        "TESTS += $(unit)\n")
UNIT = ("unit += tests/unit/test_a\ntests_unit_test_a_SOURCES = tests/unit/test_a.c \\\n"
        "\ttests/unit/help.h\nEXTRA_DIST += tests/data tests/x.py\n")
GOOD = {
    "Makefile.am": MAKE,
    "src/local.mk": "libx_a_SOURCES = src/a.c \\\n\tsrc/a.h\n",
    "src/a.c": "", "src/a.h": "",
    "tests/u.mk": UNIT,
    "tests/unit/test_a.c": "START_TEST(one)\nSTART_TEST(two)\ntcase_add_test(t, one);\n"
                           "tcase_add_loop_test(t, two, 0, 3);\n",
    "tests/unit/help.h": "", "tests/data/deep/rows.txt": "", "tests/x.py": "",
    "tests/unit/test_a": "", "tests/unit/test_a.o": "", "tests/unit/.deps/x.Po": "",
    "tests/__pycache__/x.cpython-311.pyc": "", "tests/unit/test_a.log": "",
}
FUZZ = ("fuzz_targets = a\nTESTS += tests/fuzz/replay_a\n"
        "check_PROGRAMS += $(programs)\nprograms = tests/fuzz/fuzz_a\n"
        "tests_fuzz_replay_a_SOURCES = tests/fuzz/fuzz_a.c $(shared)\n"
        "shared = tests/fuzz/replay.c\nEXTRA_DIST += tests/fuzz/corpus\n")
FUZZED = {
    **GOOD, "tests/u.mk": UNIT + FUZZ, "tests/fuzz/fuzz_a.c": "", "tests/fuzz/replay.c": "",
    "tests/fuzz/corpus/a/seed": "", "tests/fuzz/fuzz_a": "", "tests/fuzz/replay_a": "",
}
SAMPLES = [
    (GOOD, []),
    ({**GOOD, "src/b.c": ""}, ["src/b.c: is in no local.mk"]),
    ({**GOOD, "src/b.h": "", "src/local.mk": GOOD["src/local.mk"] + "EXTRA_DIST += src/b.h\n"},
     ["src/b.h: is in no local.mk"]),
    ({**GOOD, "Makefile.am": MAKE.replace("include src/local.mk\n", "")},
     ["src/a.c: is in no local.mk", "src/a.h: is in no local.mk"]),
    ({**GOOD, "tests/unit/test_b.c": "START_TEST(x)\ntcase_add_test(t, x);\n"},
     ["test_b.c: is never run", "test_b.c: is not distributed"]),
    ({**GOOD, "tests/u.mk": UNIT.replace("unit +=", "other +=")}, ["test_a.c: is never run",
                                                                  "test_a: is not distributed"]),
    ({**GOOD, "tests/unit/test_a.c": "START_TEST(one)\nSTART_TEST(two)\ntcase_add_test(t, one);\n"
      "/* tcase_add_test(t, two); */\n"}, ["two is written but never added"]),
    ({**GOOD, "tests/unit/test_a.c": "START_TEST(one)\nSTART_TEST(one)\ntcase_add_test(t, one);\n"},
     ["one is written twice"]),
    ({**GOOD, "tests/unit/test_a.c": "int main(void)\n"}, ["has no test"]),
    ({**GOOD, "tests/y.py": ""}, ["tests/y.py: is not distributed"]),
    ({**GOOD, "tests/data2/rows.txt": ""}, ["tests/data2/rows.txt: is not distributed"]),
    ({**GOOD, "tests/guard/new.py": "", "tests/u.mk": UNIT + "EXTRA_DIST += tests/guard\n"},
     ["tests/guard/new.py: is never run"]),
    ({**GOOD, "tests/data/test_x.py": ""}, ["tests/data/test_x.py: is never run"]),
    (FUZZED, []),
    ({**FUZZED, "tests/fuzz/fuzz_b.c": ""},
     ["fuzz_b.c: is never replayed", "fuzz_b.c: is never fuzzed", "fuzz_b.c: has no seed",
      "fuzz_b.c: is not distributed"]),
    ({**FUZZED, "tests/u.mk": UNIT + FUZZ.replace("TESTS +=", "check_PROGRAMS +=")},
     ["fuzz_a.c: is never replayed"]),
    ({**FUZZED, "tests/u.mk": UNIT + FUZZ.replace("targets = a", "targets =")},
     ["fuzz_a.c: is never fuzzed"]),
    ({name: FUZZED[name] for name in FUZZED if name != "tests/fuzz/corpus/a/seed"},
     ["fuzz_a.c: has no seed"]),
]

if __name__ == "__main__":
    house.run(check, SAMPLES)
