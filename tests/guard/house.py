"""What every guard shares: the tree's files, C without its comments, and one way to run.

A guard is a function from a tree to complaints. Before it looks at the real tree it is shown
samples that are wrong in a known way, and must complain about exactly those: a guard that cannot
fail guards nothing.
"""
import os
import re
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("CASTGATE_BUILD") or ".").resolve()

C_TOKENS = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def blank(code, strings=False):
    """C with its comments, and on request the contents of its literals, turned into spaces."""
    def replace(match):
        token = match.group()
        if token[0] in "\"'":
            if not strings:
                return token
            return token[0] + " " * (len(token) - 2) + token[0]
        return re.sub(r"[^\n]", " ", token)
    return C_TOKENS.sub(replace, code)


def files_below(top, folder, *suffixes):
    """Relative POSIX paths of the files below a folder that end in one of the suffixes, sorted."""
    # unlike rglob(), walk() is not upset by what goes away meanwhile
    return sorted(Path(place, name).relative_to(top).as_posix()
                  for place, _, names in os.walk(top / folder) for name in names
                  if name.endswith(suffixes))


def read(top, name):
    return (top / name).read_text(encoding="utf-8")


def lines_of(code):
    return enumerate(code.split("\n"), start=1)


def self_test(check, samples):
    """Show the samples, each (files, wanted), to the guard: `wanted` lists a piece of every
    complaint it must make, in order, and no other."""
    for number, (files, wanted) in enumerate(samples):
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, encoding="utf-8")
            complaints = check(Path(folder))
        if len(complaints) != len(wanted) or not all(map(str.__contains__, complaints, wanted)):
            sys.exit(f"{sys.argv[0]}: self-test: sample {number}: wanted {wanted}, "
                     f"got {complaints}")


def run(check, samples):
    """The main program of a guard; with --self-test the real tree is left alone."""
    self_test(check, samples)
    if sys.argv[1:] == ["--self-test"]:
        return
    complaints = check(TOP)
    for complaint in complaints:
        print(complaint)
    sys.exit(1 if complaints else 0)
