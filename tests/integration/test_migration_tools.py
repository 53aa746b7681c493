"""Do the files of sql/ give the same tables through the tools that companies settled on?"""

import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import mariadb, node, places, scratch, suite

SQL = places.SOURCE / "sql"
SETS = sorted(path.parent for path in SQL.glob("*/verify.sql"))
UPS = sorted((path for folder in SETS for path in folder.glob("*.up.sql")), key=lambda path: path.name)


def down(path):
    return path.parent / "down" / path.name.replace(".up.", ".down.")


class Names(unittest.TestCase):
    """golang-migrate takes what its file source's expression matches, each number once for each direction."""

    TAKEN = re.compile(r"^([0-9]+)_(.*)\.(down|up)\.(.*)$")

    def test_golang_migrate_takes_each_file_once_and_nothing_else(self):
        for folder in SETS:
            for place, direction in ((folder, "up"), (folder / "down", "down")):
                with self.subTest(str(place)):
                    names = sorted(path.name for path in place.iterdir() if path.is_file())
                    taken = [match for match in map(self.TAKEN.match, names) if match]
                    self.assertEqual({match[3] for match in taken}, {direction})
                    self.assertEqual({match[4] for match in taken}, {"sql"})
                    numbers = [int(match[1]) for match in taken]
                    self.assertEqual(sorted(set(numbers)), numbers)
                    self.assertLess(max(numbers), 2 ** 63)
                    self.assertEqual({match[0] for match in taken} ^ set(names),
                                     {"verify.sql", "describe.sql"} & set(names))


class Tools(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.scratch = suite.enter_for_class(cls, scratch.Scratch("tools"))
        cls.db = suite.enter_for_class(cls, mariadb.MariaDB(cls.scratch))
        cls.db.load(*UPS)
        cls.wanted = cls.db.schema()

    def setUp(self):
        self.db.execute(f"DROP DATABASE {mariadb.DATABASE}; CREATE DATABASE {mariadb.DATABASE}"
                        " CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", database=None)
        self.home = self.scratch.directory(self.id().rsplit(".", 1)[1])

    def run_tool(self, program, *words):
        done = subprocess.run(
            [program, *map(str, words)], capture_output=True, text=True, cwd=self.home, timeout=120,
            env={"PATH": os.environ["PATH"], "HOME": str(self.home), "SQITCH_FULLNAME": "A DBA",
                 "SQITCH_EMAIL": "dba@shop.example"})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def url(self, scheme, option):
        return f"{scheme}://{self.db.administrator}@/{mariadb.DATABASE}?{option}={self.db.socket}"

    def test_dbmate(self):
        machine = {"x86_64": "x64"}.get(platform.machine(), platform.machine())
        program = node.package(f"@dbmate/linux-{machine}") / "bin/dbmate"
        if not program.exists():
            raise places.absent(f"there is no dbmate for {machine} among the packages")
        options = ["--url", self.url("mysql", "socket"), "--no-dump-schema",
                   "--migrations-table", "applied_by_dbmate"]
        for folder in SETS:
            options += ["--migrations-dir", folder]
        told = self.run_tool(program, *options, "migrate")
        self.assertEqual(re.findall("Applied: ([^ ]+)", told), [path.name for path in UPS])
        self.assertEqual(self.run_tool(program, *options, "migrate"), "")
        self.assertEqual(self.db.execute("SELECT version FROM applied_by_dbmate ORDER BY version"),
                         [[path.name[:14]] for path in UPS])
        self.assert_schema("applied_by_dbmate")
        # the way back is by hand, as the README says: dbmate's own forgets and drops nothing
        self.run_tool(program, *options, "rollback")
        self.assert_schema("applied_by_dbmate")

    def test_sqitch(self):
        program = places.tool("sqitch")
        (self.home / "sqitch.conf").write_text(
            f"[core]\n\tengine = mysql\n[engine \"mysql\"]\n\tclient = {places.tool('mariadb', 'mysql')}\n")
        plan = "%syntax-version=1.0.0\n%project=castgate\n\n"
        for direction in ("deploy", "revert"):
            (self.home / direction).mkdir()
        for path in UPS:
            name = path.name.removesuffix(".up.sql")
            shutil.copy(path, self.home / f"deploy/{name}.sql")
            shutil.copy(down(path), self.home / f"revert/{name}.sql")
            plan += f"{name} 2026-11-21T09:00:00Z A DBA <dba@shop.example>\n"
        (self.home / "sqitch.plan").write_text(plan)
        told = self.run_tool(program, "deploy", self.url("db:mysql", "mysql_socket"))
        self.assertEqual(len(re.findall(r"(?m)^  \+ .* ok$", told)), len(UPS), told)
        self.assert_schema()
        told = self.run_tool(program, "revert", "-y", self.url("db:mysql", "mysql_socket"))
        self.assertEqual(len(re.findall(r"(?m)^  - .* ok$", told)), len(UPS), told)
        self.assertEqual(self.db.schema(), {})

    def test_pasted_into_the_plain_client(self):
        """All that was ever on the clipboard, into one client that stays open, twice over."""
        text = "".join(path.read_text() for path in UPS)
        self.db.execute(text + text)
        self.assert_schema()
        self.assertEqual(self.db.execute("SET SESSION sql_mode = 'ANSI_QUOTES';" + text
                                         + "SELECT @@SESSION.sql_mode"), [["ANSI_QUOTES"]])
        self.db.execute("".join(down(path).read_text() for path in reversed(UPS)))
        self.assertEqual(self.db.schema(), {})

    def assert_schema(self, *more):
        found = self.db.schema()
        self.assertEqual({name: made for name, made in found.items() if name not in more}, self.wanted)
        self.assertEqual(set(found) - set(self.wanted), set(more))
        self.assertEqual(self.db.execute((SQL / "verify.sql").read_text()), [])


if __name__ == "__main__":
    suite.main()
