"""How does a test get a database server of its own?"""

import os
import pathlib
import pwd
import re
import signal
import socket
import subprocess

from . import database_server, grants, places
from .ports import accepts, free_port
from .processes import stand_still
from .server_process import ServerProcess
from .waiting import PATIENCE_SECONDS

DATABASE = "castgate_test"
USER = "castgate"
PASSWORD = "only-for-tests"


def _login():
    """Who we are, whatever the environment says: the server's administrator is known by that."""
    return pwd.getpwuid(os.geteuid()).pw_name


class MariaDB:
    """A private database server on a UNIX socket; with `tcp`, also on a loopback port, with TLS. It is
    of the kind that database_server has chosen: mariadbd, where nobody asked for MySQL.

    `options` are server options such as {"default-time-zone": "+05:00"}. A context manager: the
    server is up, with an empty DATABASE and the account USER, until the block ends.
    """

    def __init__(self, scratch, options=None, tcp=False, name="db"):
        self._scratch = scratch
        self._options = dict(options or {})
        self._tcp = tcp
        self._environment = None
        self.kind = database_server.chosen()
        self.directory = scratch.path / name
        self.socket = self.directory / "s"
        self.port = None
        self.tls_ca = None
        self._server = None

    def __enter__(self):
        self._mariadbd = self.kind.server()
        self._client = self.kind.client()
        self.directory.mkdir()
        # Other users pass through to the socket; the data directory keeps its own 0700.
        self.directory.chmod(0o711)
        # A server that starts removes the temporary tables it finds in its temporary directory, also
        # those of another that runs: each needs one of its own.
        self._temporary = self.directory / "tmp"
        self._temporary.mkdir()
        if self._tcp:
            self._make_certificate()
            self.port = free_port()
        self.kind.install(self.directory / "data", self._temporary, _login(), self._user_options())
        try:
            self.start()
            self._prepare()
        except BaseException:
            self.stop()
            raise
        return self

    def _prepare(self):
        self.execute(
            f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;"
            + "".join(f"CREATE USER '{USER}'@'{host}' IDENTIFIED BY '{PASSWORD}';"
                      for host in self._account_hosts()), database=None)

    def __exit__(self, *_):
        self.stop()

    def start(self, is_ready=None):
        """Start the server again after stop(); data, socket and port are the same. Waits until it
        serves, or until `is_ready` says so."""
        # One that was killed must be gone: MySQL does not share its socket with a process that exists.
        self.stop()
        argv = [self._mariadbd, "--no-defaults", *self._user_options(),
                f"--datadir={self.directory / 'data'}", f"--socket={self.socket}",
                f"--pid-file={self.directory / 'pid'}", f"--tmpdir={self._temporary}",
                *self.kind.options, "--innodb-buffer-pool-size=16M",
                "--innodb-flush-log-at-trx-commit=0", "--performance-schema=OFF",
                "--skip-name-resolve", "--skip-log-bin", "--character-set-server=utf8mb4"]
        if self._tcp:
            argv += [f"--port={self.port}", "--bind-address=127.0.0.1",
                     f"--ssl-ca={self.tls_ca}", f"--ssl-cert={self.directory / 'cert.pem'}",
                     f"--ssl-key={self.directory / 'key.pem'}"]
        else:
            argv += ["--skip-networking"]
        argv += [f"--{name}" if value is None else f"--{name}={value}"
                 for name, value in self._options.items()]
        self._server = ServerProcess(self.kind.name, argv, self.directory / "log", self._environment)
        self._server.start(is_ready or self._is_ready)

    def stop(self):
        if self._server:
            self._server.stop()

    @property
    def administrator(self):
        """The account of ours that may do anything; it needs no password on the socket."""
        return _login()

    @property
    def alive(self):
        return self._server is not None and self._server.alive

    @property
    def pid(self):
        return self._server.pid

    def freeze(self):
        """Stop the server's process, and return once all of its threads stand still."""
        stand_still(self.pid)

    def thaw(self):
        os.kill(self.pid, signal.SIGCONT)

    def session(self, user=None, password=None):
        """A connection that stays open for the length of a `with` block."""
        return Session(self._client, self.socket, user, password)

    def execute(self, sql, database=DATABASE, user=None):
        """Run statements as the server's administrator, or as an account without a password; the result
        rows as lists of text, NULL as None."""
        argv = self.client_argv(self.socket, database, user)
        # Not text mode: it would read a carriage return within a value as the end of a row.
        done = subprocess.run(argv, input=sql.encode(), capture_output=True)
        if done.returncode != 0:
            raise AssertionError(f"{done.stderr.decode(errors='replace')}in: {sql[:2000]}")
        rows = done.stdout.decode(errors="surrogateescape").split("\n")[:-1]
        return [[None if value == "NULL" else value for value in row.split("\t")] for row in rows]

    def client_argv(self, at, database=DATABASE, user=None):
        """The command line of the plain client, to a socket."""
        return [*self._client, f"--socket={at}", "--batch",
                f"--user={user or _login()}", "--skip-column-names",
                "--default-character-set=utf8mb4", *([f"--database={database}"] if database else [])]

    def value(self, sql):
        """The first column of the first row."""
        return self.execute(sql)[0][0]

    def load(self, *paths):
        """Run SQL files in order, as `mariadb DATABASE < FILE` would."""
        for path in paths:
            self.execute(pathlib.Path(path).read_text())

    def schema(self):
        """SHOW CREATE TABLE of every table and view, and procedures; but not who made them."""
        made = {table: re.sub("DEFINER=[^ ]+", "", self.execute(f"SHOW CREATE TABLE `{table}`")[0][1])
                for table, in self.execute("SHOW TABLES")}
        return made | {name: rest for name, *rest in self.execute(
            # MySQL keeps the semicolon of a statement that others followed in one packet
            "SELECT ROUTINE_NAME, TRIM(TRAILING ';' FROM ROUTINE_DEFINITION), SECURITY_TYPE, SQL_MODE"
            " FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()")}

    def migrate(self, system):
        """Apply the migrations of sql/SYSTEM."""
        self.load(*sorted((places.SOURCE / "sql" / system).glob("*.up.sql")))

    def grant(self):
        """Give castgate's account what it needs on the tables that exist by now, and no more: those of
        sql/ what the template says, those of the fixtures as a whole."""
        privileges = grants.of_application()
        # The fixtures' owners have a condition, which the recipe's and the demo's have not.
        if self.execute("SELECT 1 FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"
                        " AND TABLE_NAME = 'users' AND COLUMN_NAME = 'deleted_at'"):
            privileges["users"].append("SELECT (deleted_at)")
        for (table,) in self.execute("SHOW TABLES"):
            if table.startswith("castgate_"):
                continue  # the record of migrations, and views that are for nobody
            for privilege in privileges.get(table, ("SELECT",)):
                for host in self._account_hosts():
                    self.execute(f"GRANT {privilege} ON {DATABASE}.`{table}` TO '{USER}'@'{host}'")

    def connections(self):
        """The ids of castgate's connections."""
        return [row[0] for row in self.execute(
            f"SELECT ID FROM information_schema.PROCESSLIST WHERE USER = '{USER}' ORDER BY ID")]

    def executions(self):
        """How many prepared statements the server has run since it was started."""
        return int(self.execute("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")[0][1])

    def kill_connections(self):
        """End castgate's connections as an impatient DBA would; how many there were."""
        return sum(self._kill(number) for number in self.connections())

    def _kill(self, number):
        """False where the connection has ended by itself meanwhile."""
        try:
            self.execute(f"KILL {number}")
        except AssertionError as error:
            if "ERROR 1094 " not in str(error):
                raise
            return False
        return True

    def _account_hosts(self):
        return ("localhost", "127.0.0.1") if self._tcp else ("localhost",)

    @staticmethod
    def _user_options():
        return ["--user=root"] if os.geteuid() == 0 else []

    def _is_ready(self):
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.socket))
                probe.settimeout(1)
                # The greeting comes only once the server can serve.
                greeted = bool(probe.recv(1))
            except OSError:
                return False
        return greeted and (not self._tcp or accepts(self.port))

    def _make_certificate(self):
        """A CA and a certificate for 127.0.0.1, valid for a day."""
        openssl = places.tool("openssl")
        self.tls_ca = self.directory / "ca.pem"
        at = self.directory

        def run(*words):
            subprocess.run([openssl, *map(str, words)], check=True, capture_output=True)

        run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 1, "-subj", "/CN=test CA",
            "-keyout", at / "ca-key.pem", "-out", self.tls_ca)
        run("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1",
            "-keyout", at / "key.pem", "-out", at / "request.pem")
        names = at / "names"
        names.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
        run("x509", "-req", "-in", at / "request.pem", "-CA", self.tls_ca,
            "-CAkey", at / "ca-key.pem", "-CAcreateserial", "-days", 1, "-extfile", names,
            "-out", at / "cert.pem")
        for key in ("ca-key.pem", "key.pem"):
            (at / key).chmod(0o600)


class Session:
    """One client that keeps its connection: for locks, and for using connections up."""

    def __init__(self, client, server_socket, user, password):
        self._argv = [*client, f"--socket={server_socket}", "--batch",
                      f"--user={user or _login()}", "--skip-column-names", "--unbuffered",
                      f"--database={DATABASE}"]
        self._environment = dict(os.environ)
        if password:
            self._environment["MYSQL_PWD"] = password
        self._process = None

    def __enter__(self):
        self._process = subprocess.Popen(self._argv, env=self._environment, text=True, bufsize=1,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.execute("SET SESSION wait_timeout = 600")
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait(PATIENCE_SECONDS)
        self._process.stdout.close()

    def execute(self, sql):
        """Run one statement that returns no rows of interest, and wait until it is done."""
        self._process.stdin.write(f"{sql};\nSELECT 'done';\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line == "done\n":
                return
        raise AssertionError(f"the client ended at: {sql}")
