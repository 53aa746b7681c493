"""What do clients notice while the tables that they ask about are migrated?

They wait, or are told that the database is away; nobody is refused.
"""

import json
import time

from . import database_server, filler, laravel, suite
from .exchange import subscription
from .load import Load
from .migration import PATIENT_LOCK_WAIT_SECONDS, MigrationCase
from .mount_cgi import cgi_environment
from .mount_socket import OwnSocket
from .site import PATIENT_HOLD
from .system import System


class MigrationLoad(MigrationCase):
    """A Laravel site with `rows` more rows in each of its tables; `clients` ask it all the time."""

    rows = 20000
    clients = 8
    hold = PATIENT_HOLD
    options = {"innodb-buffer-pool-size": "128M", database_server.chosen().redo_log: "64M"}

    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, System(
            laravel.DESCRIPTION, "migration-load", options=cls.options,
            hold=cls.hold))
        cls.scratch, cls.db, cls.site = cls.system.scratch, cls.system.db, cls.system.site
        cls.make_account()
        site = cls.site
        site.write_secret(site.config, laravel.unthrottled(site.config.read_text()))
        cls.server = suite.enter_for_class(cls, OwnSocket(site, cls.scratch, workers=4))
        for table in ("personal_access_tokens", "conversations", "conversation_participants"):
            filler.add_rows(cls.db, table, cls.rows)

    def setUp(self):
        self.config = self.configure(self.db.socket)
        self.db.execute("DROP TABLE IF EXISTS castgate_migrations")

    def load(self, channel=laravel.CHANNEL, expect=200):
        request = subscription(channel, laravel.ALICE)
        return Load(self.server.path, cgi_environment(request, self.site), request.body, expect,
                    self.clients)

    def refused(self):
        return self.load("private-chat.7.conversation.123", 403)

    def reasons(self, status):
        """What the log says of the replies with this status."""
        lines = (json.loads(line) for line in self.site.log_text().splitlines()
                 if line.startswith("{"))
        return {line["event.reason"] for line in lines
                if line.get("http.response.status_code") == status}

    def holding(self, *tables):
        """A session with a transaction that has read these tables and is idle since."""
        session = self.enterContext(self.db.session())
        session.execute("BEGIN")
        for table in tables:
            session.execute(f"SELECT COUNT(*) FROM `{table}`")
        return session

    def judge(self, load, refused, statuses):
        """Those who may listen were never refused, those who may not never let in."""
        for found, right in ((load, 200), (refused, 403)):
            self.assertGreater(found.statuses[right], 0)
            self.assertLessEqual(set(found.statuses), {right, *statuses}, found.wrong)
            self.assertEqual(found.broken, {})

    def check_change(self):
        """A later file changes a table while clients ask. Returns the loads."""
        top = self.copy_with_a_later_file(PATIENT_LOCK_WAIT_SECONDS)
        with self.load() as load, self.refused() as refused:
            load.wait_for(20)
            self.good("up", directory=top)
            load.wait_for(20)
            refused.wait_for(20)
        self.assertEqual(self.db.schema()["personal_access_tokens"].count("`device`"), 2)
        self.judge(load, refused, set())
        self.db.execute("ALTER TABLE personal_access_tokens DROP COLUMN device")
        return load, refused

    def check_idle_transaction(self):
        """Somebody forgot to end a transaction: the change gives up in its time and is told so, clients
        meanwhile wait or get a 503, and once it is ended the change goes through. Returns the loads,
        and how many seconds the change took to give up."""
        top = self.copy_with_a_later_file()
        with self.load() as load, self.refused() as refused:
            session = self.holding("personal_access_tokens")
            load.wait_for(20)
            started = time.monotonic()
            done = self.bad("up", directory=top)
            took = time.monotonic() - started
            load.wait_for(20)
            refused.wait_for(20)
            session.execute("ROLLBACK")
            self.assertRegex(done.stderr, r"add_device.*statement 5 of 6: Lock wait timeout.*\(1205\)")
            self.assertIn("a transaction that was not ended", done.stderr)
            self.assertIn("dirty    20261122080000_add_device", self.bad("status", directory=top).stdout)
            self.write_later_file(top, PATIENT_LOCK_WAIT_SECONDS)
            self.good("up", directory=top)
            load.wait_for(20)
        self.judge(load, refused, {503})
        self.assertLessEqual(self.reasons(503), {"database_unavailable", "database_locked"})
        self.db.execute("ALTER TABLE personal_access_tokens DROP COLUMN device")
        return load, refused, took
