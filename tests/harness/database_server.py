"""Which database server do tests run against, and what must be told to one kind and not to the other?

The MariaDB of the machine, or the server in the folder that CASTGATE_SERVER names: MariaDB or MySQL of
another Debian, as `./bootstrap check-servers` unpacks it; its run/bin has the programs.
"""

import os
import pathlib
import subprocess
import unittest

from . import places


def folder():
    """The folder that CASTGATE_SERVER names; None means the machine's own server."""
    named = os.environ.get("CASTGATE_SERVER")
    return pathlib.Path(named).resolve() if named else None


def chosen():
    """The server's kind, one of the classes below."""
    top = folder()
    return MySQL() if top and (top / "run/bin/mysqld").exists() else MariaDB()


def numbers(count, alias="numbers"):
    """A table of the numbers from 1 on, in its column seq."""
    return f"{chosen().numbers(count)} AS {alias}"


def mariadb_only(why):
    """Skip a test, or a class of them, where the server is MySQL."""
    return unittest.skipIf(chosen().name == "MySQL", f"not with MySQL: {why}")


def machine_only(why):
    """The same for every server but the machine's own."""
    return unittest.skipIf(folder() is not None, f"not with a server of another Debian: {why}")


def _program(*names):
    top = folder()
    if top is None:
        return places.tool(*names)
    for name in names:
        if os.access(top / "run/bin" / name, os.X_OK):
            return str(top / "run/bin" / name)
    raise AssertionError(f"CASTGATE_SERVER: {top} has no run/bin/{names[0]}")


def _install(argv, temporary):
    done = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env={**os.environ, "TMPDIR": str(temporary)})
    if done.returncode != 0:
        raise AssertionError(f"{argv[0]} failed:\n{done.stdout}{done.stderr}")


class MariaDB:
    name = "MariaDB"
    # What a server is started with, besides what both kinds are.
    options = ("--innodb-log-file-size=8M",)
    # How the option is called that many changes at once need more of.
    redo_log = "innodb-log-file-size"
    without_tls = {"skip-ssl": None}
    # Whole numbers, as information_schema writes them.
    bigint, int = "bigint(20)", "int(10)"
    # To replay another server's log from its beginning, and what is said of that.
    follow = ("CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={port}, MASTER_USER='{user}',"
              " MASTER_PASSWORD='{password}', MASTER_CONNECT_RETRY=1, MASTER_LOG_FILE='bin.000001',"
              " MASTER_LOG_POS=4")
    replica, log_status, wait_for_log = "SLAVE", "MASTER STATUS", "MASTER_POS_WAIT"

    @staticmethod
    def numbers(count):
        return f"seq_1_to_{count}"

    @staticmethod
    def server():
        return _program("mariadbd", "mysqld")

    @staticmethod
    def client():
        # from 11.4 on it insists on TLS, also on a socket
        return [_program("mariadb", "mysql"), "--no-defaults", "--skip-ssl"]

    @staticmethod
    def install(data, temporary, login, more):
        """Make a data directory; `login` is the administrator, known by the socket."""
        _install([_program("mariadb-install-db", "mysql_install_db"), "--no-defaults", *more,
                  f"--datadir={data}", "--skip-test-db", "--skip-name-resolve",
                  # without it, a machine that cannot look up its own name is turned away
                  "--force", "--auth-root-authentication-method=socket",
                  f"--auth-root-socket-user={login}"], temporary)


class MySQL:
    name = "MySQL"
    options = ("--innodb-redo-log-capacity=32M", "--mysqlx=OFF",
               # where Debian's package would have it is no folder of ours
               "--secure-file-priv=")
    redo_log = "innodb-redo-log-capacity"
    without_tls = {"tls-version": ""}
    bigint, int = "bigint", "int"
    follow = ("CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT={port},"
              " SOURCE_USER='{user}', SOURCE_PASSWORD='{password}', SOURCE_CONNECT_RETRY=1,"
              " SOURCE_LOG_FILE='bin.000001', SOURCE_LOG_POS=4, GET_SOURCE_PUBLIC_KEY=1")
    replica, log_status, wait_for_log = "REPLICA", "BINARY LOG STATUS", "SOURCE_POS_WAIT"

    @staticmethod
    def numbers(count):
        return (f"JSON_TABLE(CONCAT('[0', REPEAT(',0', {count - 1}), ']'), '$[*]'"
                " COLUMNS (seq FOR ORDINALITY))")

    @staticmethod
    def server():
        return _program("mysqld")

    @staticmethod
    def client():
        return [_program("mysql"), "--no-defaults"]

    @staticmethod
    def install(data, temporary, login, more):
        """The same. MySQL makes root with an empty password; the first start finds this file's words."""
        first = pathlib.Path(temporary) / "first.sql"
        first.write_text(
            "INSTALL PLUGIN auth_socket SONAME 'auth_socket.so';\n"
            "DROP USER 'root'@'localhost';\n"
            f"CREATE USER '{login}'@'localhost' IDENTIFIED WITH auth_socket;\n"
            f"GRANT ALL ON *.* TO '{login}'@'localhost' WITH GRANT OPTION;\n")
        _install([_program("mysqld"), "--no-defaults", *more, f"--datadir={data}",
                  "--initialize-insecure", f"--init-file={first}"], temporary)
