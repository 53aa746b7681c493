"""Is every privilege that sql/grants.sql.in gives the application needed by some documented system?

The conformance cases run with these privileges, so they are enough.
"""

import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import grants, mariadb, places, suite, systems
from harness.system import System


# What no server asks for when a statement is prepared, only when it runs: test_last_used and test_session do.
AT_WORK = {("personal_access_tokens", "UPDATE (last_used_at)"), ("personal_access_tokens", "UPDATE (updated_at)"),
           ("api_tokens", "UPDATE (last_used_at)"), ("api_tokens", "UPDATE (updated_at)"),
           ("refresh_tokens", "SELECT (expires_at)")}
# What expiration_minutes needs, which no system sets for this table; see test_sanctum_sql.
BY_AGE = {("personal_access_tokens", "SELECT (created_at)")}
UNSEEN = AT_WORK | BY_AGE


def privileges():
    """The application's, one column at a time: ("users", "SELECT (name)"), ..."""
    for table, texts in grants.of_application().items():
        for text in texts:
            kind, columns = re.fullmatch(r"([A-Z]+) \(([^)]*)\)", text).groups()
            for column in re.split(r",\s+", columns):
                yield table, f"{kind} ({column})"


class Grants(unittest.TestCase):

    def test_each_privilege_is_needed(self):
        if places.is_instrumented():
            self.skipTest("it is the file that is looked at, not the program")
        left = set(privileges())
        self.assertTrue(left > UNSEEN)
        for description in systems.ALL:
            with System(description, name="grants") as system:
                tables = {table for table, in system.db.execute("SHOW TABLES")}
                for table, privilege in sorted(left - UNSEEN):
                    if table in tables and self.is_needed(system, table, privilege):
                        left.remove((table, privilege))
        self.assertEqual(left, UNSEEN)

    def is_needed(self, system, table, privilege):
        """Does castgate complain without it, and name the table?"""
        account = f"'{mariadb.USER}'@'localhost'"
        system.db.execute(f"REVOKE {privilege} ON `{table}` FROM {account}")
        done = system.site.tool("check")
        system.db.execute(f"GRANT {privilege} ON `{table}` TO {account}")
        if done.returncode != 0:
            self.assertRegex(done.stderr, f"denied to user .*{table}")
        return done.returncode != 0


if __name__ == "__main__":
    suite.main()
