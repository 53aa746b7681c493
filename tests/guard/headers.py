#!/usr/bin/env python3
"""Headers: each one compiles after platform.h alone, and twice in a row."""
import os
import shlex
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import house


def compile_header(top, build, scratch, header):
    """The compiler's complaint about one header, or None."""
    name = Path(header).relative_to("src").as_posix()
    code = f'#include "platform.h"\n#include "{name}"\n#include "{name}"\n'
    command = shlex.split(os.environ.get("GUARD_CC", "cc"))
    command += shlex.split(os.environ.get("GUARD_CFLAGS", ""))
    command += ["-Werror", "-fsyntax-only", "-x", "c", f"-I{build}", f"-I{top / 'src'}",
                '-DCASTGATE_SYSCONFDIR="/etc"', "-"]
    result = subprocess.run(
        command, input=code, cwd=scratch, capture_output=True, text=True, check=False)
    if result.returncode == 0:
        return None
    first = next((line for line in result.stderr.split("\n") if "error" in line), result.stderr)
    return f"{header}: does not compile alone: {first.strip()}"


def check(top):
    build = house.BUILD if top == house.TOP else top
    headers = house.files_below(top, "src", ".h")
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(
            lambda header: compile_header(top, build, scratch, header), headers))
    return [complaint for complaint in found if complaint]


def guarded(body):
    return f"#ifndef A_H\n#define A_H\n{body}\n#endif\n"


SAMPLES = [
    ({"platform.h": "", "src/base/a.h": guarded("#include <stddef.h>\nstruct a { size_t n; };"),
      "src/base/b.h": '#ifndef B_H\n#define B_H\n#include "base/a.h"\nstruct b { struct a a; };\n'
                      "#endif\n"}, []),
    ({"platform.h": "", "src/base/a.h": guarded("struct a { size_t n; };")}, ["compile alone"]),
    ({"platform.h": "", "src/base/a.h": guarded("struct b { struct a a; };")}, ["compile alone"]),
    ({"platform.h": "", "src/base/a.h": "struct a { int n; };\n"}, ["compile alone"]),
    ({"platform.h": "", "src/base/a.h": guarded('#include "base/gone.h"')}, ["compile alone"]),
]

if __name__ == "__main__":
    house.run(check, SAMPLES)
