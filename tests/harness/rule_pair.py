"""Two castgates over one database that differ in `combine` alone, and rules to ask both; CASTGATE_SEED
makes other ones of those at random."""

import contextlib
import json
import os
import random
import unittest

from . import mariadb, mounts, suite
from .database_server import numbers
from .scratch import Scratch
from .site import PATIENT_HOLD, Site

SEED = int(os.environ.get("CASTGATE_SEED", "20261121"))

SCHEMA = f"""
CREATE TABLE users (id BIGINT UNSIGNED PRIMARY KEY, name VARCHAR(20) NOT NULL,
    deleted_at TIMESTAMP NULL DEFAULT NULL) COLLATE utf8mb4_unicode_ci;
INSERT INTO users SELECT seq, CONCAT('User ', seq), IF(seq = 5, UTC_TIMESTAMP(), NULL) FROM {numbers(6)};
CREATE TABLE persons (id VARCHAR(20) PRIMARY KEY, name VARCHAR(20) NOT NULL) COLLATE utf8mb4_general_ci;
INSERT INTO persons VALUES ('1', 'One'), ('7a', 'Seven'), ('7', 'Seven');
INSERT INTO personal_access_tokens (id, tokenable_type, tokenable_id, name, token, expires_at, created_at)
    SELECT seq, 'App\\\\Models\\\\User', seq, 't', SHA2(CONCAT('plain-', seq), 256), NULL, UTC_TIMESTAMP()
    FROM {numbers(7)};
INSERT INTO personal_access_tokens (id, tokenable_type, tokenable_id, name, token, expires_at, created_at)
    VALUES (8, 'App\\\\Models\\\\User', 1, 't', SHA2('plain-8', 256), UTC_TIMESTAMP() - INTERVAL 1 HOUR, NULL),
           (9, 'No\\\\Such', 1, 't', SHA2('plain-9', 256), NULL, NULL),
           (10, 'App\\\\Models\\\\User ', 1, 't', SHA2('plain-10', 256), NULL, NULL),
           (11, 'App\\\\Models\\\\User', 1, 't', UPPER(SHA2('plain-11', 256)), NULL, NULL);
CREATE TABLE a (id BIGINT UNSIGNED PRIMARY KEY, k INT NULL, flag VARCHAR(8) NULL, owner INT NULL,
    KEY (owner));
CREATE TABLE b (id BIGINT PRIMARY KEY AUTO_INCREMENT, a_id BIGINT UNSIGNED NOT NULL, user_id INT NOT NULL,
    state VARCHAR(8) NULL, until DATETIME NULL, UNIQUE (a_id, user_id));
CREATE TABLE c (a_id BIGINT UNSIGNED NOT NULL, user_id BIGINT UNSIGNED NOT NULL, role TINYINT NULL,
    PRIMARY KEY (a_id, user_id));
CREATE TABLE many (a_id BIGINT UNSIGNED NOT NULL, user_id BIGINT UNSIGNED NOT NULL, role TINYINT NULL,
    KEY (a_id, user_id));
CREATE TABLE texts (a_id VARCHAR(20) NOT NULL, user_id VARCHAR(20) NOT NULL, PRIMARY KEY (a_id, user_id))
    COLLATE utf8mb4_general_ci;
INSERT INTO texts VALUES ('1', '1'), ('2', '01'), ('3', '1 '), ('4', '2');
CREATE VIEW seen AS SELECT DISTINCT a_id, user_id FROM c;
"""

# Plain or nearly so; what must be asked apart is marked.
RULES = [
    # the column is named in a backtick, and the tables have no alias
    "SELECT `c`.`a_id` AS `a`, c.user_id AS user FROM c WHERE c.a_id = :a AND :user = c.user_id",
    # no :user at all
    "SELECT a.id AS a FROM a WHERE a.id = :a AND a.flag IS NULL",
    # apart: text columns, which the database compares in ways of its own
    "SELECT t.a_id AS a, t.user_id AS user FROM texts t WHERE t.a_id = :a AND t.user_id = :user",
    # apart: no unique key, so perhaps several rows
    "SELECT m.a_id AS a, m.user_id AS user, m.role AS role FROM many m"
    " WHERE m.a_id = :a AND m.user_id = :user",
    # apart: a view that is no base table
    "SELECT s.a_id AS a, s.user_id AS user FROM seen s WHERE s.a_id = :a AND s.user_id = :user",
    # apart: compared with another column than the one that comes back
    "SELECT a.id AS a, c.user_id AS user FROM a JOIN c ON c.a_id = a.id"
    " WHERE a.id = :a AND c.user_id = :user AND a.owner = :user",
    # apart: beyond the narrow form
    "SELECT c.a_id AS a, c.user_id AS user FROM c WHERE c.a_id = :a AND c.user_id = :user LIMIT 1",
    "SELECT c.a_id AS a, c.user_id AS user FROM c WHERE c.a_id = :a AND (c.user_id = :user OR c.role = 1)",
    "SELECT c.a_id AS a, c.user_id AS user FROM a LEFT JOIN c ON c.a_id = a.id"
    " WHERE a.id = :a AND c.user_id = :user",
    "SELECT c.a_id AS a, c.user_id AS user FROM c WHERE c.a_id = :a AND c.user_id = :user"
    " GROUP BY c.a_id, c.user_id",
    # one more column
    "SELECT c.a_id AS a, c.user_id AS user, u.name AS name FROM c JOIN users u ON u.id = c.user_id"
    " WHERE c.a_id = :a AND c.user_id = :user",
]


def random_rule(dice):
    """A rule in the narrow form over a, b and c, most of them with unique keys."""
    tables = dice.choice([["b"], ["c"], ["a", "b"], ["a", "c"], ["b", "c"], ["a", "b", "c"], ["a"]])
    first = tables[0]
    key = "id" if first == "a" else "a_id"
    columns = [f"{first}.{key} AS a"]
    member = next((table for table in ("b", "c") if table in tables), None)
    conditions = [f"{first}.{key} = :a"]
    if member:
        columns.append(f"{member}.user_id AS user")
        conditions.append(dice.choice([f"{member}.user_id = :user", f":user = {member}.user_id"]))
    joins = ""
    for table in tables[1:]:
        on = [f"{table}.a_id = {first}.{key}"]
        if table == "c" and "b" in tables:
            on.append("c.user_id = b.user_id")
        joins += f"{dice.choice([' JOIN', ' INNER JOIN'])} {table} ON {' AND '.join(on)}"
    extras = {
        "a": ["a.flag IS NULL", "a.flag IS NOT NULL", "a.k >= 2", "a.k <> 3", "a.flag = 'x'",
              "a.k = a.owner", "a.owner > 1", "a.id < 5", "3 > a.k"],
        "b": ["b.state = 'open'", "b.state <> 'closed'", "b.until > :now", "b.until IS NULL",
              "b.state IS NOT NULL", "b.user_id != 2"],
        "c": ["c.role = 1", "c.role IS NULL", "c.role <= c.user_id", "c.user_id = 3"]}
    for table in tables:
        conditions += dice.sample(extras[table], dice.choice([0, 0, 1, 1, 2]))
    dice.shuffle(conditions)
    columns += dice.sample({"a": ["a.k", "a.flag"], "b": ["b.state"], "c": ["c.role AS role"]}[first],
                           dice.choice([0, 1]))
    return f"SELECT {', '.join(columns)} FROM {first}{joins} WHERE {' AND '.join(conditions)}"


def random_rows(dice):
    """Every table with about half of the rows it could have."""
    def literal(values):
        value = dice.choice(values)
        return value if value in ("NULL",) else f"'{value}'"
    sql = ""
    for a in range(1, 7):
        if dice.random() < 0.8:
            sql += (f"INSERT INTO a VALUES ({a}, {literal([1, 2, 3, 'NULL'])},"
                    f" {literal(['x', 'y', 'NULL', 'NULL'])}, {literal([1, 2, 3, 'NULL'])});")
        for user in range(1, 7):
            if dice.random() < 0.5:
                sql += (f"INSERT INTO b (a_id, user_id, state, until) VALUES ({a}, {user},"
                        f" {literal(['open', 'closed', 'NULL'])},"
                        f" {literal(['2001-01-01', '2099-01-01', 'NULL'])});")
            for table in ("c", "many", "many"):
                if dice.random() < 0.5:
                    sql += f"INSERT INTO {table} VALUES ({a}, {user}, {literal([1, 2, 'NULL'])});"
    return sql


def configuration(rules, combine, owner="table = 'users' columns = {'name'}"):
    """A rule is a SELECT about {a:id}, or (captures, SELECT, further directives)."""
    owner = owner.replace("'", '"')
    channels = "".join(
        f'  channel "r{number}.{pattern}" {{ prefixes = {{"private", "presence"}} {more}\n'
        f'    allow = "{sql}" }}\n' for number, (pattern, sql, more) in enumerate(
            rule if isinstance(rule, tuple) else ("{a:id}", rule, "") for rule in rules))
    return f"""
        log = "@LOG@"
        state_dir = "@STATE@"
        app "chat" {{ key = "thisisaauthkey" secret = "thisisasecret" verifier = "reverb" }}
        database {{
            socket = "@DB_SOCKET@" name = "@DB_NAME@" user = "@DB_USER@"
            password = "@DB_PASSWORD@" combine = {combine}
        }}
        credential "sanctum" {{ kind = "sanctum" touch = off
                                owner 'App\\Models\\User' {{ {owner} }} }}
        endpoint "/broadcasting/auth" {{ credentials = {{"sanctum"}} dialect = "laravel"
                                         throttle {{ failures = off }}
        {channels} }}
        """


class Pair:
    """Two sites over one database, asked without a web server. A context manager."""

    def __init__(self, scratch, db, texts, name, hold=PATIENT_HOLD):
        self._db = db
        self._stack = contextlib.ExitStack()
        self._sites = []
        for combine, text in texts.items():
            site = Site(scratch, f"{name}-{combine}")
            path = scratch.path / f"{name}-{combine}.conf"
            path.write_text(text)
            site.configure(path, db, hold)
            self._sites.append(site)

    def __enter__(self):
        with self._stack as stack:
            self.mounts = [stack.enter_context(mounts.mount("memory", site, None))
                           for site in map(stack.enter_context, self._sites)]
            self._stack = stack.pop_all()
        self.requests = []
        return self

    def __exit__(self, *error):
        return self._stack.__exit__(*error)

    def send(self, request):
        replies = [mount.send(request) for mount in self.mounts]
        self.requests.append((request, replies))
        return replies

    def log_text(self, which):
        return self._sites[which].log_text()

    def executed(self, which, requests):
        """How many statements the database executed for these requests to one of the two."""
        def count():
            return int(self._db.execute("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")[0][1])
        before = count()
        for request in requests:
            self.mounts[which].send(request)
        return count() - before

    def _decisions(self):
        """For each site, what the log says of each request id."""
        for site in self._sites:
            found = {}
            for line in map(json.loads, site.log_text().splitlines()):
                if "event.reason" in line:
                    found.setdefault(line["http.request.id"], []).append(
                        tuple(str(line.get(name)).replace(str(site.path), "") for name in (
                            "event.reason", "castgate.detail", "castgate.channel", "user.id", "castgate.token_id",
                            "castgate.rule")))
            yield found

    def differences(self):
        """Requests that were not answered alike, and the reasons that occurred."""
        logs = list(self._decisions())
        different, reasons = [], {}
        for request, replies in self.requests:
            seen = []
            for reply, log in zip(replies, logs):
                headers = sorted(field for field in reply.headers if field[0] != "X-Request-Id")
                seen.append((reply.status, reply.body, headers,
                             log[reply.header("X-Request-Id")]))
            for line in seen[0][3]:
                reasons[line[0]] = reasons.get(line[0], 0) + 1
            if seen[0] != seen[1]:
                different.append(f"{request}\n  apart:    {seen[0]}\n  together: {seen[1]}")
        return different, reasons


APART, TOGETHER = 0, 1


class PairCase(unittest.TestCase):
    """Pairs over one database with SCHEMA, the class's own `tables`, and rows of SEED."""

    tables = ""

    @classmethod
    def setUpClass(cls):
        cls.scratch = suite.enter_for_class(cls, Scratch(cls.__name__.lower()))
        cls.db = suite.enter_for_class(cls, mariadb.MariaDB(cls.scratch))
        cls.db.migrate("laravel")
        cls.db.execute(SCHEMA + cls.tables)
        cls.db.execute(random_rows(random.Random(SEED)))
        cls.db.grant()

    def pair(self, name, rules, hold=PATIENT_HOLD, **more):
        return Pair(self.scratch, self.db, {combine: configuration(rules, combine, **more)
                                            for combine in ("false", "true")}, name, hold)

    def assert_same(self, pair):
        different, reasons = pair.differences()
        self.assertEqual(different[:3], [], f"{len(different)} of {len(pair.requests)}, seed {SEED}")
        return reasons
