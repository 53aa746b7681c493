"""How long does a lookup take among ten thousand rows, and among ten million?

For each documented system, its conformance fixture stands among rows of filler. One allowed request of its
conformance file, and one refused, show which statements castgate sends; each is then prepared and run with
random keys of the filler. Prints a table: CPU time of the server and time at the client for one statement,
the median of several runs. Tables of a few rows, such as those of fixtures alone, stay as they are.
"""

import argparse
import contextlib
import hashlib
import pathlib
import random
import re
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import data
import measure
from harness import case_file, ending, filler, mariadb, statement_log, systems
from harness.mount_memory import Memory
from harness.system import System

LITERAL = re.compile(r"(?s)'(?:[^'\\]|\\.|'')*'|(?<![\w`.'])\d+(?![\w`.'])")
DATABASE_OPTIONS = {
    **statement_log.OPTIONS, "innodb-buffer-pool-size": "4G", "innodb-log-file-size": "1G",
    "innodb-sort-buffer-size": "64M"}


def number(n):
    return str(n)


def sha256(n):
    return f"'{hashlib.sha256(f'plain-{n}'.encode()).hexdigest()}'"


def key(n):
    return f"'id-{n}'"


def named(name):
    return lambda n: f"'{n}-{name}'"


def cookie(n):
    return f"X'{hashlib.sha256(f'cookie_hash-{n}'.encode()).hexdigest()}'"


# What stands in a statement about the fixture, and the same about row n of the filler. Other values
# stay: types of owners, times. The expressions are regular, of whole literals.
KEYS = {
    "laravel-sanctum": [(r"\d+", number), (r"'[0-9a-f]{64}'", sha256)],
    "nextjs-sockudo": [(r"'alice-token'", sha256), (r"'11111111-.*'", key), (r"'aliceId'", key)],
    "hotel-guest": [(r"'[0-9a-f]{64}'", sha256), (r"'grand-hotel'", named("slug"))],
    "better-auth": [(r"'[\w.-]*token'", sha256)],
    "supabase-bridge": [(r"'[a-f][0-9][0-9a-f]{30}'", key), (r"'https:.*'", named("provider")),
                        (r"'[a-z]+(-[a-z][0-9])?'", key), (r"\d", lambda n: "1"),
                        (r"(?s)'.*[^\x20-\x7e].*'", cookie)],
    "custom-orders": [(r"\d+", number), (r"'north-1'", named("slug"))],
}


class Lookups:
    """One system among so many rows, and the statements that it was seen to send. A context manager."""

    def __init__(self, description, rows):
        self.name = description.name
        self.rows = rows
        self._description = description
        self._stack = contextlib.ExitStack()
        self.statements = []

    def __enter__(self):
        with self._stack as stack:
            system = stack.enter_context(System(
                self._description, f"rows-{self.name}", options=DATABASE_OPTIONS))
            self.db = system.db
            started = time.monotonic()
            data.surround(self.db, self.name, self.rows)
            self.filled_seconds = time.monotonic() - started
            self.statements = self._observe(system)
            self.db.execute("SET GLOBAL slow_query_log = 0")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error):
        return self._stack.__exit__(*error)

    def _observe(self, system):
        """One SELECT of each shape."""
        log = statement_log.StatementLog(self.db)
        with Memory(system.site) as mount:
            for case in case_file.read(self._description.cases, self._description.keys):
                if not case.mounts and case.request.method != "HEAD":
                    mount.send(case.request)
        shapes = {}
        for statement in log.read(mariadb.USER):
            if (statement.sql.startswith("SELECT") and data.is_about(self.name, statement.sql)
                    and "IN (?, ?" not in statement.shape):
                shapes.setdefault(statement.shape, statement.sql)
        return list(shapes.values())

    def measure(self, sql, count, seed):
        """Microseconds of the server's CPU, and at the client, for one of `count` executions."""
        template, values = self._template(sql)
        chance = random.Random(seed)
        lines = [f"PREPARE s FROM '{quoted(template)}';"]
        for _ in range(count):
            n = filler.FIRST + 1 + chance.randrange(data.people(self.name, self.rows))
            lines.append(f"EXECUTE s USING {', '.join(value(n) for value in values)};")
        script = "\n".join(lines)
        with measure.Watch({"database": [self.db.pid]}) as watch:
            started = time.monotonic()
            found = len(self.db.execute(script))
            wall = time.monotonic() - started
        return 1e6 * watch.used["database"] / count, 1e6 * wall / count, found / count

    def _template(self, sql):
        """The statement with ? for what differs from row to row, and the functions that tell it."""
        values = []

        def replace(match):
            for pattern, value in KEYS[self.name]:
                if re.fullmatch(pattern, match[0]):
                    values.append(value)
                    return "?"
            return match[0]
        template = LITERAL.sub(replace, sql)
        if not values:
            raise SystemExit(f"{self.name}: no key in {sql}")
        return template, values


def quoted(text):
    return text.replace("\\", "\\\\").replace("'", "\\'")


def short(sql):
    """What a reader knows the statement by: its tables and its condition."""
    where = re.sub(r"castgate_|`", "", statement_log.shape(sql)).rpartition(" WHERE ")[2]
    return f"{', '.join(data.tables_of(sql))}: {where}"


def tell(results, sizes):
    print("\n| system | statement | " + " | ".join(f"{size:,}" for size in sizes) + " |")
    print("|---|---|" + "---|" * len(sizes))
    for (name, statement), cells in results.items():
        print(f"| {name} | `{statement}` | " + " | ".join(
            cells.get(size, "") for size in sizes) + " |")


def options_of():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10**4, 10**5, 10**6, 10**7])
    parser.add_argument("--systems", nargs="+", choices=list(KEYS), default=list(KEYS))
    parser.add_argument("--count", type=int, default=10000, help="executions in one run")
    parser.add_argument("--runs", type=int, default=5)
    return parser.parse_args()


def main():
    ending.unwind_on_signals()
    options = options_of()
    results = {}
    for description in systems.ALL:
        for size in options.rows if description.name in options.systems else ():
            with Lookups(description, size) as lookups:
                print(f"{description.name}, {size:,}: filled in {lookups.filled_seconds:.0f} s",
                      flush=True)
                for sql in lookups.statements:
                    runs = [lookups.measure(sql, options.count, seed) for seed in range(options.runs)]
                    cpu, wall, found = map(statistics.median, zip(*runs))
                    results.setdefault((description.name, short(sql)), {})[size] = (
                        f"{cpu:.0f} / {wall:.0f}" + ("" if found > 0.99 else f" ({found:.2f} rows)"))
    tell(results, options.rows)


if __name__ == "__main__":
    main()
