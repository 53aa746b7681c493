#!/usr/bin/env python3
"""Sources: no forbidden call, nothing left to do, no mutable state, nothing too long."""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import house

MAX_LINES = 500
NM = os.environ.get("NM") or "nm"
AR = os.environ.get("AR") or "ar"

FORBIDDEN = re.compile(
    r"\b(strcpy|stpcpy|strcat|strncpy|strncat|sprintf|vsprintf|strtok|strtok_r|atoi|atol|atoll|"
    r"atof|gets|system|popen|alloca)\s*\(")
COMPARISON = re.compile(r"\b(strcmp|strncmp|strcasecmp|strncasecmp|memcmp|bcmp)\s*\(")
SECRET = re.compile(r"secret|token|signature|hash", re.IGNORECASE)
# Split, so that a search of the whole tree for these words finds only real ones.
LEFT_TO_DO = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")

# Comparisons that name a secret but compare none: (file, text on the line) to the reason.
PUBLIC_COMPARISONS = {}

# Objects that may be written at run time: (member of the archive, symbol) to the reason.
MUTABLE_OBJECTS = {
    ("fcgi_wire.o", "active"):
        "libfcgi passes only a descriptor to the reads and writes that are replaced",
}


def is_public(name, line):
    return any(name == file and piece in line for file, piece in PUBLIC_COMPARISONS)


def check_file(name, text):
    complaints = []
    if not text.startswith("/*"):
        complaints.append(f"{name}:1: does not begin with a comment")
    if text.count("\n") > MAX_LINES:
        complaints.append(f"{name}:{MAX_LINES}: is longer than {MAX_LINES} lines")
    for number, line in house.lines_of(text):
        match = LEFT_TO_DO.search(line)
        if match:
            complaints.append(f"{name}:{number}: something is left to do: {match.group()}")
    for number, line in house.lines_of(house.blank(text, strings=True)):
        for match in FORBIDDEN.finditer(line):
            complaints.append(f"{name}:{number}: {match.group(1)}() is forbidden")
        match = COMPARISON.search(line)
        if match and SECRET.search(line) and not is_public(name, line):
            complaints.append(f"{name}:{number}: {match.group(1)}() where secret_equal() belongs")
    return complaints


def symbols(archive):
    """Rows (member, symbol, class, section) of an archive's defined symbols."""
    output = subprocess.run(
        [NM, "--defined-only", "--format=sysv", str(archive)],
        check=True, capture_output=True, text=True).stdout
    member = ""
    rows = []
    for line in output.split("\n"):
        title = re.match(r"Symbols from .*\[(.*)\]:", line)
        if title:
            member = title.group(1)
        columns = [column.strip() for column in line.split("|")]
        if len(columns) == 7 and columns[0] != "Name":
            rows.append((member, columns[0], columns[2], columns[6]))
    return rows


def check_symbols(rows):
    """Complaints about mutable objects and about names defined twice. Constants that hold addresses
    are relocated once and then read-only: .data.rel.ro is no mutable state."""
    complaints = []
    used = set()
    owners = {}
    for member, symbol, kind, section in rows:
        if kind in "DdBbCcGgSs" and not section.startswith(".data.rel.ro"):
            used.add((member, symbol))
            if (member, symbol) not in MUTABLE_OBJECTS:
                complaints.append(f"{member}: {symbol} is mutable state at file scope ({section})")
        if kind.isupper() and owners.setdefault(symbol, member) != member:
            complaints.append(f"{member}: {symbol} is also defined in {owners[symbol]}")
    return complaints, set(MUTABLE_OBJECTS) - used


def check_archive(archive):
    if not archive.is_file():
        return [f"{archive}: is not built"]
    undefined = subprocess.run([NM, "--undefined-only", str(archive)],
                               check=True, capture_output=True, text=True).stdout
    if re.search(r"__asan_|__ubsan_|__gcov_|__llvm_prof", undefined):
        print("an instrumented build: symbols are not looked at")
        return []
    complaints, unused = check_symbols(symbols(archive))
    return complaints + [f"{member}: {symbol} is excused but does not exist"
                         for member, symbol in sorted(unused)]


def check(top):
    complaints = []
    for name in house.files_below(top, "src", ".c", ".h"):
        complaints += check_file(name, house.read(top, name))
    if top == house.TOP:
        complaints += check_archive(house.BUILD / "libcastgate.a")
    return complaints


C = "/* A file. */\n"
SAMPLES = [
    ({"src/a/a.c": C + 'x = "strcpy(a, b)"; /* system("x") */ my_atoi(1); // gets(\n'
      "snprintf(a); resystem(); strcmp(name, word);\ntext_equal(token, x);\n"}, []),
    ({"src/a/a.c": C + "strcpy(a, b);\n"}, ["a.c:2: strcpy()"]),
    ({"src/a/a.h": C + "return atoi (a) + system\t(b);\n"}, ["atoi()", "system()"]),
    ({"src/a/a.c": C + "if (strcmp(token, given) == 0)\n"}, ["secret_equal"]),
    ({"src/a/a.c": C + "if (memcmp(row.expected_hash, x, 32))\n"}, ["secret_equal"]),
    ({"src/a/a.c": C + 'if (strcmp(word, "token") == 0)\n'}, []),
    ({"src/a/a.c": C + "/* TO" "DO: later */\n"}, ["left to do"]),
    ({"src/a/a.h": C + 'x = "FIX' 'ME";\n'}, ["left to do"]),
    ({"src/a/a.c": "\n" + C}, ["does not begin with a comment"]),
    ({"src/a/a.h": "#ifndef A\n"}, ["does not begin with a comment"]),
    ({"src/a/a.c": C + "\n" * (MAX_LINES - 1)}, []),
    ({"src/a/a.c": C + "\n" * MAX_LINES}, ["longer than"]),
]


def symbols_self_test():
    """Compile objects that are wrong and one that is not, and look at them as at the archive."""
    sources = {
        "good.c": "static const char *const words[] = {\"a\"};\nconst int limit = 3;\n"
                  "const char *word(int i);\nconst char *word(int i) { return words[i]; }\n",
        "counter.c": "static int calls;\nint count(void);\nint count(void) { return ++calls; }\n",
        "table.c": "static int rows[] = {1};\nint *row(void);\nint *row(void) { return rows; }\n",
        "open.c": "int shared = 7;\n",
        "twice.c": "const char *word(int i);\n"
                   "const char *word(int i) { return i ? \"b\" : \"c\"; }\n",
    }
    compiler = os.environ.get("GUARD_CC", "cc").split()
    with tempfile.TemporaryDirectory() as folder:
        for name, code in sources.items():
            Path(folder, name).write_text(code, encoding="utf-8")
        subprocess.run(compiler + ["-O1", "-fPIE", "-c", *sources], cwd=folder, check=True)
        objects = [name.replace(".c", ".o") for name in sources]
        subprocess.run([AR, "rc", "x.a", *objects], cwd=folder, check=True)
        complaints, _ = check_symbols(symbols(Path(folder, "x.a")))
    wanted = ["counter.o: calls is mutable", "table.o: rows is mutable",
              "open.o: shared is mutable", "twice.o: word is also defined in good.o"]
    if len(complaints) != len(wanted) or not all(map(str.startswith, complaints, wanted)):
        sys.exit(f"{sys.argv[0]}: self-test: symbols: {complaints}")


if __name__ == "__main__":
    symbols_self_test()
    house.run(check, SAMPLES)
