"""Which statements did the server run, and how did it really find their rows?

The server's own log of slow statements, to which no statement is too fast: it has each as it was executed,
with its values and the plan that was followed.
"""

import dataclasses
import re

from .waiting import wait_until

# Give these to MariaDB(); the file is put beside the data.
OPTIONS = {"slow-query-log": None, "slow-query-log-file": "statements.log", "long-query-time": "0",
           "log-slow-verbosity": "explain"}

_TEXT = r"_?'(?:[^'\\]|\\.|'')*'"
_NUMBER = r"(?<![\w`.'-])-?\d+(?:\.\d+)?(?![\w`.'])"
_COLUMNS = ("id", "select_type", "table", "type", "possible_keys", "key", "key_len", "ref", "rows",
            "r_rows", "filtered", "r_filtered", "extra")


@dataclasses.dataclass(frozen=True)
class Step:
    """One table of a plan. `type` is None where no table was read; a row that was looked for by a unique
    key and is not there, or not as wanted, is "const", although the server does not say which."""
    table: str
    type: str
    key: str
    extra: str


@dataclasses.dataclass(frozen=True)
class Statement:
    """`shape` is the text with ? for every value, and single blanks."""
    user: str
    sql: str
    shape: str
    seconds: float
    examined: int
    plan: tuple


def shape(sql):
    return " ".join(re.sub(f"{_TEXT}|{_NUMBER}", "?", sql, flags=re.S).split())


def _step(line):
    cells = dict(zip(_COLUMNS, (None if cell == "NULL" else cell for cell in line.split("\t"))))
    extra = cells["extra"] or ""
    return Step(cells["table"], "const" if "const table" in extra else cells["type"], cells["key"], extra)


def _statement(entry):
    head, _, sql = entry.partition("\nSET timestamp=")
    sql = sql.partition(";\n")[2].rstrip().removesuffix(";")
    # what the statement is for, for DBAs
    sql = re.sub(r"^/\* castgate .*? \*/ ", "", sql)
    found = re.search(r"Query_time: (\S+) .*Rows_examined: (\d+)", head)
    plan = [line for line in re.findall(r"(?m)^# explain: (.*)$", head) if not line.startswith("id\t")]
    return Statement(re.match(r"(\w*)", head)[1], sql, shape(sql), float(found[1]), int(found[2]),
                     tuple(_step(line) for line in plan))


class StatementLog:
    """What a server that was started with OPTIONS has logged since."""

    def __init__(self, db):
        self._db = db
        self._path = db.directory / "data" / OPTIONS["slow-query-log-file"]
        self._from = 0
        self.forget()

    def forget(self):
        """Leave out what was run until now."""
        self._wait()
        self._from = self._path.stat().st_size

    def _wait(self):
        """A statement is logged when its client has the answer already, and its thread sleeps then."""
        ours = "SHOW PROCESSLIST"  # which read() leaves out
        wait_until(lambda: all(command in ("Sleep", "Daemon") or info == ours
                               for _, _, _, _, command, _, _, info, *_ in self._db.execute(ours)))

    def read(self, user):
        """What an account has run, the oldest first. EXPLAIN, SET and SHOW are left out."""
        self._wait()
        text = self._path.read_bytes()[self._from:].decode(errors="surrogateescape")
        # the line about the time stands only where it differs from the one before
        entries = re.split(r"(?m)^# User@Host: ", re.sub(r"(?m)^# Time: .*\n", "", text))[1:]
        return [statement for statement in map(_statement, entries)
                if statement.user == user
                and statement.sql.split(None, 1)[0] in ("SELECT", "INSERT", "UPDATE", "DELETE")]
