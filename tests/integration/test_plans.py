"""Does the server find the rows of every statement by a key, among ten thousand others?

What castgate sends while it answers the conformance cases, and what its tool sends, with the plan that
the server followed, not one that it was asked for.
"""

import json
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import (bridge, case_file, database_server, filler, laravel, mariadb, nextjs, orders,
                     places, scratch, statement_log, suite, systems)
from harness.mount_memory import Memory
from harness.system import System

RECIPES = places.SOURCE / "recipes"
ROWS = 10000
NO_PLANS = "its log has no plans; castgate check asks there for those of the statements (test_doctor.py)"
# All of them in memory: to wait for a disk is not what is judged.
ROOM = {"innodb-buffer-pool-size": "128M", database_server.chosen().redo_log: "64M"}

# One row by a key that is unique; "system" is a table of one row.
EXACT = {"system", "const", "eq_ref"}

# What else may be: (statement, table, access) -> why. Each must occur.
OTHER = {
    ("SELECT", "s", "ref idx_user_sessions_user_id"): "all sessions of a user, of whom there may be many",
    ("UPDATE", "user_sessions", "range idx_user_sessions_user_id"): "likewise, to end them all",
    ("DELETE", "refresh_tokens", "range idx_refresh_tokens_expires_at"):
        "pruning: a batch of what is over, the oldest first",
    ("DELETE", "user_sessions", "range idx_user_sessions_ended"): "likewise, revoked ones apart",
}

# Rows read for one statement: what belongs to one person, or a batch of pruning.
FEW = 10
BATCH = 1000


# A refusal is explained by statements of its own.
REFUSED = {
    laravel.DESCRIPTION.name: ("--channel", laravel.CHANNEL, "--user", "3"),
    nextjs.DESCRIPTION.name: ("--channel", "private-session-11111111-2222-4333-8444-000000000002",
                         "--user", "aliceId", "--value", "tenant=aliceId"),
    orders.DESCRIPTION.name: ("--endpoint", "/shop/broadcasting/auth", "--channel", "private-order.18",
                         "--user", "7"),
}


def recipe_statements():
    """Every SELECT of the recipes, in the shape in which the server gets it."""
    for path in sorted(RECIPES.glob("*.conf")):
        text = re.sub(r"(?m)^\s*#.*\n", "", path.read_text())
        for sql in re.findall(r'"(SELECT [^"]*)"', text):
            yield path.name, statement_log.shape(re.sub(r"(?<!:):[a-z_.]+", "?", sql))


def session_statements():
    """Every statement of session_sql.c, likewise."""
    text = re.sub(r"/\*.*?\*/", "", (places.SOURCE / "src/session/session_sql.c").read_text(), flags=re.S)
    columns = "".join(re.findall(r'"([^"]*)"', text.partition("#define COLUMNS")[2].split("\n\n")[0]))
    table = text.partition("statements[SESSION_STATEMENTS] = {")[2].partition("\n};")[0]
    for name, value in re.findall(r"\[(SESSION_\w+)\] =(.*?)(?=,\s*(?:\[SESSION_|\Z))", table, flags=re.S):
        parts = re.findall(r'"([^"]*)"|(COLUMNS)', value)
        yield name, statement_log.shape("".join(columns if macro else part for part, macro in parts))


def ask_tool_about_tokens(system):
    """With an account that may write them."""
    system.db.execute("GRANT INSERT, DELETE ON personal_access_tokens TO"
                      f" '{mariadb.USER}'@'localhost'")
    words = "--credential", "sanctum"
    made = good(system.site.tool("token", "create", *words, "--owner-type", "user", "--owner", "1"))
    good(system.site.tool("token", "inspect", *words, stdin=made))
    good(system.site.tool("token", "revoke", *words, "--id", made.split("|")[0]))


def use_sessions(system, mount):
    """Everything that can be done with sessions."""
    def sign_in(token=None):
        browser = bridge.Browser(mount)
        reply = served(browser.bridge(token or bridge.provider_token()))
        return browser, json.loads(reply.body)["session"]["id"]
    token = bridge.provider_token()
    browser, _ = sign_in(token)
    # the cookie of a session that is bridged again after its secret went
    system.db.execute("UPDATE user_sessions SET cookie_hash = REPEAT('x', 32) WHERE user_id = '7'")
    browser, _ = sign_in(token)
    served(browser.refresh())
    system.db.execute("UPDATE user_sessions SET last_seen_at = last_seen_at - INTERVAL 1 HOUR")
    served(browser.who())
    _, second = sign_in()
    for target in (f"/{second}", ""):
        served(browser.ask("GET", "/api/auth/sessions"))
        served(browser.ask("DELETE", f"/api/auth/sessions{target}"))
    _, third = sign_in()
    good(system.site.tool("session", "revoke", "--id", third))
    # so many are over that it would be tempting to read everything
    system.db.execute(f"GRANT DELETE ON {mariadb.DATABASE}.* TO '{mariadb.USER}'@'localhost'")
    for table in ("refresh_tokens", "user_sessions"):
        make_old(system.db, table, "expires_at")
    system.db.execute("UPDATE user_sessions SET revoked_at = expires_at WHERE RAND() < 0.3")
    good(system.site.tool("session", "prune", "--forget-revoked-days", "1"))


def make_old(db, table, column):
    db.execute(f"UPDATE {table} SET {column} = '2020-01-01' + INTERVAL RAND() * 9999999 SECOND"
               f" WHERE RAND() < 0.3; ANALYZE TABLE {table}")


def served(reply):
    if reply.status // 100 != 2:
        raise AssertionError(str(reply))
    return reply


def good(done):
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)
    return done.stdout


def replay(system, mount):
    for case in case_file.read(system.description.cases, system.description.keys):
        if not case.mounts:
            mount.send(case.request)
    if system.description is laravel.DESCRIPTION:
        ask_tool_about_tokens(system)
        explain_as_the_recipe(system)
    if system.description.name in REFUSED:
        done = system.site.tool("explain", *REFUSED[system.description.name])
        if done.returncode != 2:
            raise AssertionError(done.stdout + done.stderr)


def explain_as_the_recipe(system):
    """Give the rule the recipe's deny sections, which the conformance file lacks."""
    deny = re.findall(r'(?ms)^\t\tdeny .*?^\t\t}$', (RECIPES / "laravel-reverb.conf").read_text())
    rule = 'AND p.user_id = :user"\n'
    text = system.description.template.read_text()
    if not deny or text.count(rule) != 1:
        raise AssertionError("the recipe's rule is not the conformance file's any more")
    template = system.scratch.path / "deny.conf"
    template.write_text(text.replace(rule, rule + "\n".join(deny) + "\n"))
    system.configure(template)


def observed(description, ask, rows=ROWS, **options):
    with System(description, f"plans-{description.name}", options={
            **statement_log.OPTIONS, **ROOM}, **options) as system, Memory(system.site) as mount:
        filler.surround(system.db, rows)
        log = statement_log.StatementLog(system.db)
        ask(system, mount)
        return log.read(mariadb.USER)


@database_server.mariadb_only(NO_PLANS)
class Plans(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # more, because a batch of pruning is no small part of ten thousand
        cls.statements = observed(bridge.DESCRIPTION, use_sessions, 3 * ROWS,
                                  values=bridge.values())
        for description in systems.ALL:
            cls.statements += observed(description, replay)

    def accesses(self):
        """Every table of every plan, with its statement: ((verb, table, access), statement)."""
        for statement in self.statements:
            verb = statement.sql.split(None, 1)[0]
            # an INSERT looks for nothing
            for step in statement.plan if verb != "INSERT" else ():
                if step.type:
                    yield (verb, step.table, f"{step.type} {step.key}"), statement

    def test_rows_are_found_by_a_key(self):
        others = {access: statement for access, statement in self.accesses()
                  if not self.is_exact(access, statement)}
        for access, statement in others.items():
            self.assertIn(access, OTHER, statement)
        self.assertEqual(set(others), set(OTHER))

    def is_exact(self, access, statement):
        """MariaDB calls it a range when an UPDATE or DELETE finds one row by a unique key, and when a
        statement is about several tokens or channels; by which of their keys is then its choice, and
        11.8 takes several times the same for one: "ref"."""
        verb, _, way = access
        if verb == "SELECT" and "IN (?, ?" in statement.shape:
            return way.split()[0] in EXACT | {"range", "ref"}
        return way.split()[0] in EXACT or way.startswith("range") and verb != "SELECT" and (
            statement.examined <= 1)

    def test_few_rows_are_read(self):
        for statement in self.statements:
            most = BATCH if statement.sql.startswith("DELETE") else FEW
            self.assertLessEqual(statement.examined, most, statement)

    def test_no_statement_was_left_out(self):
        seen = {statement.shape for statement in self.statements}
        planned = {statement.shape for _, statement in self.accesses()}
        for name, shape in (*recipe_statements(), *session_statements()):
            with self.subTest(name, shape=shape):
                self.assertTrue(shape in (seen if shape.startswith("INSERT") else planned))


@database_server.mariadb_only(NO_PLANS)
class Maintenance(unittest.TestCase):
    """The files that prune, where a third of the rows is over."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = suite.enter_for_class(cls, scratch.Scratch("plans-maintenance"))
        cls.db = suite.enter_for_class(cls, mariadb.MariaDB(
            cls.scratch, {**statement_log.OPTIONS, **ROOM}))
        for folder in ("nextjs", "hotel", "supabase"):
            cls.db.migrate(folder)
        filler.surround(cls.db, 3 * ROWS)
        for table, column in (("channel_sessions", "created_at"), ("guest_tokens", "expires_at"),
                              ("refresh_tokens", "expires_at"), ("user_sessions", "expires_at")):
            make_old(cls.db, table, column)
        cls.db.execute("UPDATE user_sessions SET revoked_at = expires_at WHERE RAND() < 0.3")

    def test_a_batch_reads_the_rows_that_it_deletes(self):
        log = statement_log.StatementLog(self.db)
        for path in self.paths():
            self.db.load(path)
        batches = log.read(self.db.administrator)
        self.assertEqual(len(batches), 5)
        for batch in batches:
            with self.subTest(batch.shape):
                # along the index from its beginning, up to a time or (11.8) until there are enough
                self.assertIn([step.type for step in batch.plan], (["range"], ["index"]))
                self.assertNotIn("filesort", batch.plan[0].extra)
                self.assertTrue(1000 < batch.examined <= 5000, batch)
        # where nothing is over any more there are never enough
        for _ in range(3):
            for path in self.paths():
                self.db.load(path)
        log = statement_log.StatementLog(self.db)
        for path in self.paths():
            self.db.load(path)
        batches = log.read(self.db.administrator)
        self.assertEqual(len(batches), 5)
        for batch in batches:
            with self.subTest(batch.shape, nothing="is over"):
                self.assertEqual([step.type for step in batch.plan], ["range"])
                self.assertLessEqual(batch.examined, FEW, batch)

    @staticmethod
    def paths():
        return [path for path in sorted((places.SOURCE / "sql/maintenance").glob("*.sql"))
                if not path.name.endswith(".event.sql")]


if __name__ == "__main__":
    suite.main()
