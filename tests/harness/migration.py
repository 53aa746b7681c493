"""What does a case about migrations have: castgate migrate and the plain client against a database of its own,
and kills of any of them?"""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import threading
import unittest

from . import grants, mariadb, places, scratch, suite
from .between import Between
from .waiting import wait_until

SQL = places.SOURCE / "sql"
SETS = sorted(path.parent.name for path in SQL.glob("*/verify.sql"))
PASSWORD = "only-for-migrations"

# The smallest that the tool takes; the tables are not asked for.
CONFIGURATION = rf"""
log = "@STATE@/log"
state_dir = "@STATE@/state"
app "a" {{
	key = "key"
	secret = "secret"
}}
credential "sanctum" {{
	kind = "sanctum"
	owner 'App\Models\User' {{
		table = "users"
	}}
}}
endpoint "/broadcasting/auth" {{
	credentials = {{"sanctum"}}
	channel "own" {{
		equals = "private-{{user}}"
	}}
}}
database {{
	socket = "@AT@"
	name = "{mariadb.DATABASE}"
	user = "{mariadb.USER}"
	password = "{mariadb.PASSWORD}"
}}
"""


# As every file of sql/ sets it.
LOCK_WAIT_SECONDS = 5
# For a change that is to succeed however many clients are in its way.
PATIENT_LOCK_WAIT_SECONDS = 60
# A later change to a table that is there, written so that it may be run twice.
LATER = """-- migrate:up
SET SESSION lock_wait_timeout = @SECONDS@;
SET @missing = (SELECT COUNT(*) = 0 FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()
	AND TABLE_NAME = 'personal_access_tokens' AND COLUMN_NAME = 'device');
SET @change = IF(@missing, 'ALTER TABLE personal_access_tokens ADD COLUMN device VARCHAR(64) NULL, ADD KEY device_index (device)', 'DO 0');
PREPARE change_table FROM @change;
EXECUTE change_table;
DEALLOCATE PREPARE change_table;
-- migrate:down
"""


def names(folder):
    return [path.name[:-len(".up.sql")] for path in sorted((SQL / folder).glob("*.up.sql"))]


class MigrationCase(unittest.TestCase):
    """A server, an account that may migrate, an empty database for each case, and the tool."""

    patience_seconds = 300

    @classmethod
    def setUpClass(cls):
        cls.scratch = suite.enter_for_class(cls, scratch.Scratch("migrate"))
        cls.db = suite.enter_for_class(cls, mariadb.MariaDB(cls.scratch))
        cls.make_account()

    @classmethod
    def make_account(cls):
        cls.db.execute(
            "DROP USER IF EXISTS 'migrator'@'localhost';"
            f"CREATE USER 'migrator'@'localhost' IDENTIFIED BY '{PASSWORD}';"
            + grants.statements(mariadb.DATABASE, {"MIGRATION": "migrator"}, "migration"))
        cls.password = cls.scratch.path / "password"
        cls.password.write_text(PASSWORD + "\n")
        cls.password.chmod(0o600)

    def setUp(self):
        self.db.execute(f"DROP DATABASE {mariadb.DATABASE};"
                        f"CREATE DATABASE {mariadb.DATABASE} CHARACTER SET utf8mb4", database=None)
        self.config = self.configure(self.db.socket)

    def configure(self, at, name="castgate.conf"):
        path = self.scratch.path / name
        path.touch(0o600)
        path.write_text(CONFIGURATION.replace("@AT@", str(at)).replace(
            "@STATE@", str(self.scratch.path)))
        return path

    def argv(self, verb, *words, folder="laravel", account=True, config=None, directory=SQL):
        account = ["--user", "migrator", "--password-file", self.password] if account else []
        return [str(word) for word in [
            places.built("castgate"), "migrate", verb, "--set", folder, "--dir", directory,
            "--config", config or self.config, *account, *words]]

    def run_tool(self, verb, *words, stdin="", **where):
        return subprocess.run(self.argv(verb, *words, **where), input=stdin, capture_output=True,
                              text=True, timeout=self.patience_seconds, check=False)

    def good(self, verb, *words, **where):
        done = self.run_tool(verb, *words, **where)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def bad(self, verb, *words, **where):
        done = self.run_tool(verb, *words, **where)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        return done

    def copy(self, folder="laravel"):
        """A folder of sets with one set that a test may change."""
        top = self.scratch.path / f"sql-{self.id().rsplit('.', 1)[1]}"
        shutil.copytree(SQL / folder, top / folder)
        self.addCleanup(shutil.rmtree, top)
        return top

    def copy_with_a_later_file(self, lock_wait_seconds=LOCK_WAIT_SECONDS):
        top = self.copy()
        self.write_later_file(top, lock_wait_seconds)
        return top

    def write_later_file(self, top, lock_wait_seconds):
        (top / "laravel" / "20261122080000_add_device.up.sql").write_text(
            LATER.replace("@SECONDS@", str(lock_wait_seconds)))

    def tables(self):
        return {name for name, in self.db.execute("SHOW TABLES")}

    def start_over(self):
        self.db.execute(f"DROP DATABASE {mariadb.DATABASE};"
                        f"CREATE DATABASE {mariadb.DATABASE} CHARACTER SET utf8mb4", database=None)

    # A way to apply a set is a function of a socket's path: the command line, and its standard input.

    def by_tool(self, folder, directory=SQL):
        return lambda path: (self.argv("up", folder=folder, directory=directory,
                                       config=self.configure(path, "between.conf")), "")

    def by_client(self, folder, directory=SQL):
        """All files of the set, through one plain client."""
        text = "".join(path.read_text() for path in sorted((directory / folder).glob("*.up.sql")))
        return lambda path: (self.db.client_argv(path), text)

    def whole_run(self, way):
        """Apply a set undisturbed: the statements that were sent, and the schema made."""
        path = self.scratch.path / "between"
        with Between(path, self.db.socket) as between:
            argv, text = way(path)
            done = subprocess.run(argv, input=text, capture_output=True, text=True,
                                  timeout=self.patience_seconds, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return between.statements, self.db.schema()

    def interrupted(self, way, number, moment, strike):
        """Apply a set and strike at one statement: before the server gets it, some milliseconds later,
        or once it has begun to answer. The exit status."""
        path = self.scratch.path / "between"
        process = timer = None
        ready = threading.Event()

        def at(count, *_):
            nonlocal timer
            if count != number:
                return
            ready.wait()
            if moment == "during":
                timer = threading.Timer(random.uniform(0, 0.02), strike, [process])
                timer.start()
            else:
                strike(process)

        hooks = {"on_answer": at} if moment == "after" else {"on_statement": at}
        argv, text = way(path)
        with Between(path, self.db.socket, **hooks):
            process = subprocess.Popen(argv, text=True, stdin=subprocess.PIPE,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            ready.set()
            with contextlib.suppress(BrokenPipeError):
                process.communicate(text, timeout=self.patience_seconds)
        if timer:
            timer.join()
        return process.returncode

    def check_kills(self, way, strike, moments, is_wanted=lambda sql: True):
        """Strike at every statement that is wanted; the same again must end in the same schema."""
        self.start_over()
        statements, wanted = self.whole_run(way)
        numbers = [n for n, sql in enumerate(statements, 1) if is_wanted(sql)]
        self.assertTrue(numbers)
        for number in numbers:
            for moment in moments(number):
                with self.subTest(statement=statements[number - 1][:60], number=number, moment=moment):
                    self.start_over()
                    status = self.interrupted(way, number, moment, strike)
                    self.assertTrue(status != 0 or moment == "during" or number == len(statements))
                    if not self.db.alive:
                        self.db.start()
                    # the server may take a moment to see that the client is gone, which nobody waits for long
                    wait_until(lambda: self.db.value("SELECT COUNT(*) FROM information_schema.PROCESSLIST"
                                                     " WHERE DB = DATABASE()") == "1")
                    _, found = self.whole_run(way)
                    self.assertEqual(found, wanted)

    def kill(self, process):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)

    def kill_server(self, _):
        os.kill(self.db.pid, signal.SIGKILL)
        wait_until(lambda: not self.db.alive)
