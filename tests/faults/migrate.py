"""Does a migration that is killed anywhere end in the same schema, and one that waits hold nobody up for long?

Every set, by castgate migrate and by the plain client. Runs for many minutes and judges times, so it is not
part of `make check`: make check-faults. Short forms: tests/integration/test_migrate.py and test_migrate_load.py.
"""

import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import database_server, filler, suite
from harness.migration import LOCK_WAIT_SECONDS, SETS, SQL, MigrationCase
from harness.migration_load import MigrationLoad

# Beyond the server's own time limit: noticing it, and a machine with other work.
MORE_SECONDS = 2
DEADLINE_SECONDS = 1.5
ROWS = 300000
# What the headers of the down files claim, with room for a slow disk.
DROP_SECONDS = 5


class Kills(MigrationCase):
    def ways(self):
        later = self.copy_with_a_later_file()
        for by in (self.by_tool, self.by_client):
            for folder in SETS:
                yield f"{by.__name__} {folder}", by(folder)
            yield f"{by.__name__} with a later file", by("laravel", later)

    def test_the_client_at_each_statement(self):
        for name, way in self.ways():
            with self.subTest(name):
                self.check_kills(way, self.kill, lambda number: ("before", "after"))

    def test_the_server_after_each_statement(self):
        for name, way in self.ways():
            with self.subTest(name):
                self.check_kills(way, self.kill_server, lambda number: ("after",))

    def test_either_within_a_change(self):
        for name, way in self.ways():
            for strike in (self.kill, self.kill_server):
                with self.subTest(name, strike=strike.__name__):
                    self.check_kills(way, strike, lambda number: ("during",) * 3,
                                     lambda sql: sql.startswith(("CREATE", "EXECUTE")))


class UnderLoad(MigrationLoad):
    hold = None
    rows = ROWS
    clients = 16
    patience_seconds = 600
    options = {"innodb-buffer-pool-size": "1G", database_server.chosen().redo_log: "512M"}

    def tell(self, *loads):
        for load in loads:
            print(f"     {load}", flush=True)

    def test_a_table_is_changed(self):
        loads = self.check_change()
        self.tell(*loads)
        for load in loads:
            self.assertLess(load.slowest, LOCK_WAIT_SECONDS)

    def test_an_idle_transaction_holds_the_table(self):
        *loads, took = self.check_idle_transaction()
        self.tell(*loads)
        print(f"     gave up after {took:.1f} s", flush=True)
        self.assertLess(took, LOCK_WAIT_SECONDS + MORE_SECONDS)
        for load in loads:
            self.assertLess(load.slowest, DEADLINE_SECONDS + MORE_SECONDS)

    def test_files_that_make_tables(self):
        """Nothing is read or written, so the rows make no difference."""
        with self.load() as load, self.refused() as refused:
            started = time.monotonic()
            self.good("up")
            took = time.monotonic() - started
            load.wait_for(20)
            refused.wait_for(20)
        self.tell(load, refused)
        print(f"     three files in {took:.2f} s", flush=True)
        self.judge(load, refused, set())
        self.assertLess(max(load.slowest, refused.slowest), DEADLINE_SECONDS)


class Down(MigrationCase):
    def test_the_way_back_gives_up_in_its_time_and_takes_what_it_says(self):
        for folder in SETS:
            self.db.migrate(folder)
            everything = self.tables()
            tables = [table for table, _ in self.db.execute(
                "SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'")]
            with self.db.session() as session:
                session.execute("BEGIN")
                # the views, too: to drop those waits for who reads them
                for table in everything:
                    session.execute(f"SELECT COUNT(*) FROM `{table}`")
                # procedures and views are in nobody's way
                for path in self.ways_back(folder):
                    if "\nDROP TABLE " not in path.read_text():
                        continue
                    started = time.monotonic()
                    with self.assertRaisesRegex(AssertionError, "1205|1451"):
                        self.db.load(path)
                    self.assertLess(time.monotonic() - started, LOCK_WAIT_SECONDS + MORE_SECONDS)
                session.execute("ROLLBACK")
            self.assertEqual(self.tables(), everything)
            for table in tables:
                filler.add_rows(self.db, table, ROWS)
            for path in self.ways_back(folder):
                started = time.monotonic()
                self.db.load(path)
                took = time.monotonic() - started
                print(f"     {path.name}: {took:.2f} s", flush=True)
                self.assertLess(took, DROP_SECONDS)
            self.assertEqual(self.tables(), set())

    @staticmethod
    def ways_back(folder):
        return sorted((SQL / folder / "down").iterdir(), reverse=True)


if __name__ == "__main__":
    suite.main()
