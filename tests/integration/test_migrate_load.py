"""Who notices when tables are migrated while clients ask, or while somebody holds them?

The short form of tests/faults/migrate.py: counts, and no clock.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import filler, suite
from harness.migration import SETS, MigrationCase
from harness.migration_load import MigrationLoad


class Held(MigrationCase):
    """What the headers say of locks: the files that make tables wait for nobody."""

    def test_files_wait_for_no_transaction_on_tables_that_are_there(self):
        for folder in SETS:
            with self.subTest(folder):
                self.db.migrate(folder)
                filler.surround(self.db, 1000)
                tables = [table for table, _ in self.db.execute(
                    "SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'")]
                with self.db.session() as session:
                    session.execute("BEGIN")
                    for table in tables:
                        session.execute(f"DELETE FROM `{table}` LIMIT 1")
                    self.good("up", folder=folder)
                    session.execute("ROLLBACK")
                self.start_over()

    def test_a_foreign_key_waits_for_a_transaction_on_its_parent_with_mysql_alone(self):
        self.db.migrate("supabase")
        self.db.execute("DROP TABLE refresh_tokens")
        filler.surround(self.db, 1000)
        with self.db.session() as session:
            session.execute("BEGIN")
            session.execute("UPDATE user_sessions SET last_seen_at = created_at")
            if self.db.kind.name == "MySQL":
                self.assertRegex(self.bad("up", folder="supabase").stderr,
                                 r"create_refresh_tokens.*statement 2 of 2: Lock wait timeout.*\(1205\)")
                self.assertNotIn("refresh_tokens", self.tables())
                session.execute("ROLLBACK")
            self.good("up", folder="supabase")
        self.assertIn("refresh_tokens", self.tables())


class UnderLoad(MigrationLoad):
    def test_a_table_is_changed(self):
        self.check_change()

    def test_an_idle_transaction_holds_the_table(self):
        self.check_idle_transaction()


if __name__ == "__main__":
    suite.main()
