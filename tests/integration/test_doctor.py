"""Does `castgate check` see what works now and may not for long? Each case makes the trouble and mends it."""

import contextlib
import ctypes
import os
import pathlib
import re
import struct
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import database_server, laravel, mariadb, places, suite
from harness.ports import free_port
from harness.site import BRIEF_HOLD, PATIENT_HOLD
from harness.waiting import PATIENCE_SECONDS, wait_until

TEMPLATE = pathlib.Path(__file__).resolve().parent / "tls.conf"


class OneSite(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("doctor", tcp=True))
        cls.site = cls.system.site
        cls.db = cls.system.db
        cls.account = f"'{mariadb.USER}'@'127.0.0.1'"

    def setUp(self):
        self.configure()

    def configure(self, hosts=None, more="", hold=PATIENT_HOLD, **changes):
        """tls.conf with a state folder; `changes` are texts put after the first line with such a name."""
        self.system.configure(TEMPLATE, hold=hold, TLS="off", TLS_CA="",
                              HOSTS=hosts or f'{{"127.0.0.1:{self.db.port}"}}')
        text = f'state_dir = "{self.site.state}"\n' + self.site.config.read_text() + more
        for name, added in changes.items():
            text, count = re.subn(rf"(?m)^(\t*{name} = .*)$", rf"\1\n{added}", text, count=1)
            self.assertEqual(count, 1, name)
        self.site.write_secret(self.site.config, text)

    @contextlib.contextmanager
    def changed(self, there, back):
        self.db.execute(there)
        try:
            yield
        finally:
            self.db.execute(back)

    def rule(self, sql):
        """Replace the rule's statement."""
        text = self.site.config.read_text()
        allow = re.search(r'allow = "([^"]*)"', text).group(1)
        self.site.write_secret(self.site.config, text.replace(allow, sql))

    def check(self, *words):
        return self.site.tool("check", *words)

    def assert_fine(self, *words):
        done = self.check(*words)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done

    def assert_warns(self, pattern, *words):
        """A warning, and nothing else."""
        done = self.check(*words)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stderr, rf"(?m)^\S+:\d+: warning: {pattern}")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertRegex(done.stdout.splitlines()[-1], "^ok")

    def assert_fails(self, pattern, *words):
        done = self.check(*words)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertRegex(done.stderr, rf"(?m)^\S+:\d+: error: {pattern}")
        self.assertNotIn("\nok", done.stdout)

    def assert_tells(self, pattern):
        self.assertRegex(self.assert_fine().stdout, f"(?m)^{pattern}")


class Files:
    def mode(self, path, mode):
        before = path.stat().st_mode & 0o7777
        path.chmod(mode)
        self.addCleanup(path.chmod, before)

    def test_who_may_write_the_configuration(self):
        before = self.site.config.stat().st_mode & 0o7777
        self.assert_fine("--offline")
        self.mode(self.site.config, before | 0o002)
        self.assert_fails(r"anybody may write this file ", "--offline")
        self.site.config.chmod(before | 0o020)
        self.assert_warns("a file of the configuration can be written by its group", "--offline")

    def test_who_may_write_a_file_that_is_named(self):
        named = self.site.path / "ca.pem"
        named.write_bytes(self.db.tls_ca.read_bytes())
        named.chmod(0o644)
        self.configure(name=f'tls_ca = "{named}"')
        self.assert_fine()
        named.chmod(0o646)
        self.assert_fails("a file of the configuration can be written by everybody on this machine "
                          rf"\(mode 0646\): chmod go-w {named}$")
        named.chmod(0o664)
        self.assert_warns(f"a file of the configuration can be written by its group .*: chmod g-w {named}$")

    def test_who_may_write_an_included_file(self):
        included = self.site.path / "more.conf"
        included.write_text('endpoint "/castgate/live" { action = "live" }\n')
        included.chmod(0o664)
        self.configure(more='include("more.conf")\n')
        self.assert_warns(f"a file of the configuration can be written by its group .*: chmod g-w {included}$")

    def test_who_may_replace_a_file(self):
        self.mode(self.site.path, 0o777)
        self.assert_fails("a folder of the configuration can be written by everybody", "--offline")
        self.site.path.chmod(0o1777)
        self.assert_fine("--offline")
        self.site.path.chmod(0o775)
        self.assert_warns("a folder of the configuration can be written by its group", "--offline")

    def test_who_may_write_the_state(self):
        self.mode(self.site.state, 0o777)
        self.assert_fails("the state folder can be written by everybody", "--offline")

    def test_a_throttle_file_that_cannot_be_used(self):
        self.assert_fine("--offline")
        file = self.site.state / "throttle"
        kept = self.site.state / "kept"
        file.rename(kept)
        self.addCleanup(kept.rename, file)
        self.addCleanup(file.unlink)
        file.symlink_to(kept)
        self.assert_warns(r'state_dir \S+: the file "throttle" cannot be opened: each process counts',
                          "--offline")
        file.unlink()
        file.mkdir()
        try:
            self.assert_warns('.*"throttle" cannot be opened', "--offline")
        finally:
            file.rmdir()
            file.touch()
            self.site.account.own(file)
        os.link(file, self.site.state / "second-name")
        self.addCleanup((self.site.state / "second-name").unlink)
        self.assert_warns('.*"throttle" does not belong to this user', "--offline")


class Grants:
    def test_too_few(self):
        table = f"{mariadb.DATABASE}.personal_access_tokens"
        columns = "UPDATE (last_used_at, updated_at)"
        with self.changed(f"REVOKE {columns} ON {table} FROM {self.account}",
                          f"GRANT {columns} ON {table} TO {self.account}"):
            self.assert_warns(r'credential "sanctum": last_used_at cannot be written: UPDATE .*denied.*; '
                              r"grant UPDATE \(last_used_at, updated_at\) on personal_access_tokens, or set")
            self.configure(kind="touch = off")
            self.assert_fine()
        self.configure()
        grants = [row[0] for row in self.db.execute(f"SHOW GRANTS FOR {self.account}")
                  if "conversation_participants" in row[0]]
        with self.changed("".join(re.sub(r"^GRANT (.*) TO ", r"REVOKE \1 FROM ", grant) + ";"
                                  for grant in grants), ";".join(grants) + ";"):
            self.assert_fails("the database says: SELECT command denied .*conversation_participants")

    def test_too_many(self):
        one = f"{mariadb.DATABASE}.*"
        for privilege, where, pattern in (
                ("DELETE", one, rf"the account may do more than castgate needs: DELETE on `\w+`\.\*; see"),
                ("UPDATE", one, r"the account may do more .*: UPDATE on "),
                ("INDEX, EVENT", one, r"the account may do more .*: EVENT on "),
                ("ALL PRIVILEGES", one, r"the account may do more .*: ALL PRIVILEGES on "),
                ("FILE", "*.*", r"the account may do more .*: FILE on \*\.\*"),
                ("SELECT", "*.*", "the account may read every database of the server"),
                ("GRANT OPTION", one, "the account may give its privileges to others")):
            with self.subTest(f"{privilege} on {where}"), self.changed(
                    f"GRANT {privilege} ON {where} TO {self.account}",
                    f"REVOKE {privilege} ON {where} FROM {self.account}"):
                self.assert_warns(pattern)
        self.assert_fine()


class Tables:
    def test_a_lookup_of_tokens_without_an_index(self):
        index = "personal_access_tokens_token_unique"
        with self.changed(f"ALTER TABLE personal_access_tokens DROP INDEX {index}",
                          f"ALTER TABLE personal_access_tokens ADD UNIQUE {index} (token)"):
            self.assert_warns("the lookup of a token in personal_access_tokens, which it calls "
                              "castgate_t, reads the whole table castgate_t: no index leads to")
        self.assert_fine()

    def test_user_data_without_an_index(self):
        self.configure(more='endpoint "/broadcasting/user-auth" {\n\taction = "user-auth"\n'
                       '\tcredentials = {"sanctum"}\n\tuser_data = "SELECT id AS user, name FROM users'
                       ' WHERE id + 0 = :user AND id = :user"\n}\n')
        self.assert_fine()
        text = self.site.config.read_text()
        self.site.write_secret(self.site.config, text.replace(" AND id = :user", ""))
        self.assert_warns("the statement reads the whole table users: no index leads to")

    def test_collations_that_keep_an_index_from_use(self):
        statement = ("SELECT a.code AS conversation, :company AS x, b.user_id AS user, b.company AS company"
                     " FROM code_a a JOIN code_b b ON b.code = a.code"
                     " WHERE a.code = :conversation AND b.user_id = :user AND b.company = :company")
        self.db.execute(
            "CREATE TABLE code_a (code VARCHAR(20) CHARACTER SET utf8mb4 PRIMARY KEY);"
            "CREATE TABLE code_b (code VARCHAR(20) CHARACTER SET latin1, user_id BIGINT UNSIGNED,"
            " company BIGINT UNSIGNED, KEY (code));"
            # MySQL says that the key were possible: what it then reads tells
            f"INSERT INTO code_a SELECT seq FROM {database_server.numbers(2000)};"
            "INSERT INTO code_b SELECT code, 1, 6 FROM code_a; ANALYZE TABLE code_b")
        self.addCleanup(self.db.execute, "DROP TABLE code_a, code_b")
        self.db.grant()
        self.rule(statement.replace(":company AS x, ", ""))
        self.assert_warns("the statement reads the whole table b: no index leads to the rows it wants; if "
                          "there is one, compare like with like")
        self.db.execute("ALTER TABLE code_b CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;"
                        "ALTER TABLE code_a CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
        self.assert_fine()
        self.db.execute("ALTER TABLE code_b CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
        self.assert_fails("the database says: Illegal mix of collations .* one collation")

    def test_collations_are_told(self):
        self.assert_tells(r"collation +utf8mb4_unicode_ci  \d+ columns, among them \w+\.\w+$")

    def test_a_token_column_without_case(self):
        self.assert_tells(r"tokens +personal_access_tokens\.token is utf8mb4_unicode_ci: the server finds it "
                          "without regard to case, castgate compares byte for byte$")
        table = "ALTER TABLE personal_access_tokens MODIFY token VARCHAR(64) CHARACTER SET "
        with self.changed(table + "ascii COLLATE ascii_bin NOT NULL",
                          table + "utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL"):
            self.assertNotRegex(self.assert_fine().stdout, "(?m)^tokens")


class Servers:
    def test_clocks_that_differ(self):
        self.assert_tells(r"clock +the database is [+-]\d\.\d s from this machine; its time zone SYSTEM")
        self.configure(name='session_init = "SET SESSION timestamp = 1000000000"')
        self.assert_warns(r"the clocks of 127.0.0.1:\d+ and this machine differ by -\d+\.\d s; expiry is judged")

    def test_named_time_zones(self):
        text = self.site.config.read_text()
        self.rule(re.search(r'allow = "([^"]*)"', text).group(1)
                  + " AND CONVERT_TZ(c.created_at, 'Europe/Berlin', 'UTC') IS NULL")
        self.db.grant()
        self.db.execute(f"GRANT SELECT ON {mariadb.DATABASE}.conversations TO {self.account}")
        self.assert_warns("the statement uses CONVERT_TZ, and the database knows no named time zones")
        zones = ((1, "UTC", 0), (2, "Europe/Berlin", 3600))
        with self.changed(
                "".join(f"INSERT INTO mysql.time_zone VALUES ({number}, 'N');"
                        f"INSERT INTO mysql.time_zone_name VALUES ('{name}', {number});"
                        f"INSERT INTO mysql.time_zone_transition_type VALUES ({number}, 0, {offset}, 0, 'X');"
                        for number, name, offset in zones) + "FLUSH TABLES",
                "DELETE FROM mysql.time_zone; DELETE FROM mysql.time_zone_name;"
                "DELETE FROM mysql.time_zone_transition_type; FLUSH TABLES"):
            self.assert_fine()

    def test_each_host_is_tried(self):
        good, dead = f"127.0.0.1:{self.db.port}", f"127.0.0.1:{free_port()}"
        self.assert_tells(rf"host +{good}  \d+\.\d+")
        self.configure(hosts=f'{{"{good}", "{dead}"}}', hold=BRIEF_HOLD)
        self.assert_warns(f"host {dead} does not answer, and the others have to do without it: ")

    def test_each_replica_is_tried(self):
        good, dead = f"127.0.0.1:{self.db.port}", f"127.0.0.1:{free_port()}"
        self.configure(hosts=f'{{"{good}"}}\n\treplicas = {{"{good}", "{dead}"}}', hold=BRIEF_HOLD)
        done = self.check()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, rf"(?m)^replica +{good}  \d+\.\d+")
        self.assertRegex(done.stderr, rf"warning: replica {dead} does not answer, and the others")

    def test_a_host_that_may_not_be_written(self):
        with self.changed("SET GLOBAL read_only = 1", "SET GLOBAL read_only = 0"):
            self.assert_warns(r"host 127.0.0.1:\d+ is read-only: tokens' last use and sessions cannot be")


class Limits:
    def limited(self, number):
        alter = f"ALTER USER {self.account} WITH MAX_USER_CONNECTIONS "
        # the server may still have one of a process that has ended
        wait_until(lambda: not self.db.connections())
        return self.changed(f"{alter}{number}", f"{alter}0")

    def test_an_account_with_few_connections(self):
        self.assert_tells("connections +at most 4 of all processes together; the server has 151, "
                          "the account may have them all")
        with self.limited(3):
            self.assert_warns("max_connections = 4, but the account may have 3 connections: .* lower it")
            self.configure(name="max_connections = 3")
            self.assert_fine()
        with self.limited(1):
            self.configure(name="max_connections = 1")
            self.assert_fine()

    def test_a_server_with_few_connections(self):
        with self.changed("SET GLOBAL max_connections = 20", "SET GLOBAL max_connections = 151"):
            self.configure(name="max_connections = 30")
            self.assert_warns("max_connections = 30, but the server has 20 connections")

    def test_processes_that_do_not_share(self):
        text = self.site.config.read_text()
        self.site.write_secret(self.site.config, text.replace(str(self.site.state), "/proc/nowhere"))
        with self.limited(3):
            done = self.check()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, "warning: each process takes a connection of its own, since there is "
                                      "no state folder to share, and the account may have 3 connections")


class Sandbox:
    """Where the build and the kernel have it; elsewhere it is told that they do not."""

    REFUSED = 444  # landlock_create_ruleset, the same on every machine

    def test_it_is_tried(self):
        self.assert_tells("sandbox +off$")
        if places.is_instrumented():
            self.skipTest("sanitizers need calls that the sandbox refuses")
        self.configure(more='sandbox = "strict"\n')
        done = self.check("--offline")
        if done.returncode == 1:
            self.assertRegex(done.stderr, 'error: sandbox = "strict": (the kernel|castgate was built)')
            self.skipTest("this machine has no sandbox")
        self.assertRegex(done.stdout, "(?m)^sandbox +strict, and the kernel does it$")

    def test_a_kernel_that_does_not(self):
        self.configure(more='sandbox = "strict"\n')
        done = self.refused()
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertRegex(done.stderr, r'(?m)^\S+:1: error: sandbox = "strict": (the kernel has no Landlock|castgate '
                                      r"was built).*; castgate.fcgi answers 503 to everything$")

    def refused(self):
        """The check under a filter that knows no Landlock, as an older kernel does."""
        libc = ctypes.CDLL(None, use_errno=True)
        steps = ((0x20, 0, 0, 0),                # load the number of the call
                 (0x15, 0, 1, self.REFUSED),     # this one
                 (0x06, 0, 0, 0x00050000 | 38),  # is ENOSYS
                 (0x06, 0, 0, 0x7fff0000))       # others are allowed
        code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
        program = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(code)))

        def confine():
            if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(program), 0, 0):
                os._exit(99)
        return subprocess.run([self.site.program("castgate"), "check", "--offline", "--config",
                               self.site.config], capture_output=True, text=True, check=False, cwd="/",
                              timeout=PATIENCE_SECONDS, preexec_fn=confine,
                              **self.site.account.popen_options())


class Doctor(Files, Grants, Tables, Servers, Limits, Sandbox, OneSite):
    """All of them over one database."""


del OneSite  # has no cases of its own

if __name__ == "__main__":
    suite.main()
