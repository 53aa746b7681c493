"""Is what one statement finds of token and rule the very same as what two find?

Every request goes to two castgates over one database, which differ in `combine` alone. Status, body, reason
and detail must be equal, and the one that may combine must really have done so. Rules are those of the
conformance file, some that must be asked apart, and many made up at random; CASTGATE_SEED repeats a run.
"""

import contextlib
import json
import os
import pathlib
import random
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import case_file, database_server, laravel, mariadb, mounts, suite
from harness.exchange import subscription
from harness.scratch import Scratch
from harness.site import Site

SEED = int(os.environ.get("CASTGATE_SEED", "20261121"))
RULES_AT_RANDOM = 24
# How many statements a request costs that asks both at once: only MariaDB's plans are trusted for that.
BOTH = 1 if database_server.chosen().name == "MariaDB" else 2
REQUESTS_AT_RANDOM = 800

SCHEMA = f"""
CREATE TABLE users (id BIGINT UNSIGNED PRIMARY KEY, name VARCHAR(20) NOT NULL,
    deleted_at TIMESTAMP NULL DEFAULT NULL) COLLATE utf8mb4_unicode_ci;
INSERT INTO users SELECT seq, CONCAT('User ', seq), IF(seq = 5, UTC_TIMESTAMP(), NULL) FROM {database_server.numbers(6)};
CREATE TABLE persons (id VARCHAR(20) PRIMARY KEY, name VARCHAR(20) NOT NULL) COLLATE utf8mb4_general_ci;
INSERT INTO persons VALUES ('1', 'One'), ('7a', 'Seven'), ('7', 'Seven');
INSERT INTO personal_access_tokens (id, tokenable_type, tokenable_id, name, token, expires_at, created_at)
    SELECT seq, 'App\\\\Models\\\\User', seq, 't', SHA2(CONCAT('plain-', seq), 256), NULL, UTC_TIMESTAMP()
    FROM {database_server.numbers(7)};
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
    owner = owner.replace("'", '"')
    channels = "".join(
        f'  channel "r{number}.{{a:id}}" {{ prefixes = {{"private", "presence"}}\n'
        f'    allow = "{rule}" }}\n' for number, rule in enumerate(rules))
    return f"""
        log = "@LOG@"
        state_dir = "@STATE@"
        app "chat" {{ key = "thisisaauthkey" secret = "thisisasecret" verifier = "reverb" }}
        database {{ socket = "@DB_SOCKET@" name = "@DB_NAME@" user = "@DB_USER@"
                    password = "@DB_PASSWORD@" combine = {combine} }}
        credential "sanctum" {{ kind = "sanctum" touch = off
                                owner 'App\\Models\\User' {{ {owner} }} }}
        endpoint "/broadcasting/auth" {{ credentials = {{"sanctum"}} dialect = "laravel"
                                         throttle {{ failures = off }}
        {channels} }}
        """


class Pair:
    """Two sites over one database, asked without a web server. A context manager."""

    def __init__(self, scratch, db, texts, name):
        self._db = db
        self._stack = contextlib.ExitStack()
        self._sites = []
        for combine, text in texts.items():
            site = Site(scratch, f"{name}-{combine}")
            path = scratch.path / f"{name}-{combine}.conf"
            path.write_text(text)
            site.configure(path, db)
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
                            "event.reason", "castgate.detail", "user.id", "castgate.token_id",
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


class Combine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = suite.enter_for_class(cls, Scratch("combine"))
        cls.db = suite.enter_for_class(cls, mariadb.MariaDB(cls.scratch))
        cls.db.migrate("laravel")
        cls.db.execute(SCHEMA)
        cls.db.execute(random_rows(random.Random(SEED)))
        cls.db.grant()

    def pair(self, name, rules, **more):
        return Pair(self.scratch, self.db, {combine: configuration(rules, combine, **more)
                                            for combine in ("false", "true")}, name)

    def assert_same(self, pair):
        different, reasons = pair.differences()
        self.assertEqual(different[:3], [], f"{len(different)} of {len(pair.requests)}, seed {SEED}")
        return reasons

    @staticmethod
    def request(dice, rules):
        number = dice.randrange(len(rules))
        token = dice.choice([1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
        bearer = dice.choice([f"{token}|plain-{token}"] * 6 + [
            f"plain-{token}", f"{token}|wrong", f"0{token}|plain-{token}", f"{token}|"])
        a = dice.choice([1, 2, 3, 4, 5, 6, 7, 18446744073709551615])
        prefix = dice.choice(["private", "private", "presence"])
        return subscription(f"{prefix}-r{number}.{a}", bearer)

    def at_random(self, name, rules, **more):
        dice = random.Random(f"{SEED} {name}")
        with self.pair(name, rules, **more) as pair:
            for _ in range(REQUESTS_AT_RANDOM):
                pair.send(self.request(dice, rules))
            # once more, with so many allowed ones among them that the two go together
            allowed, refused = ([request for request, replies in pair.requests
                                 if (replies[APART].status == 200) is wanted]
                                for wanted in (True, False))
            time.sleep(1.1)  # a companion that was refused often rests for a second
            again = dice.choices(allowed, k=400) + dice.choices(refused, k=60)
            dice.shuffle(again)
            for request in again:
                pair.send(request)
            reasons = self.assert_same(pair)
            time.sleep(1.1)
            reasons["saved"] = pair.executed(APART, allowed) - pair.executed(TOGETHER, allowed)
            return reasons

    def test_rules_made_up_at_random(self):
        dice = random.Random(SEED)
        reasons = self.at_random("random", [random_rule(dice) for _ in range(RULES_AT_RANDOM)])
        for reason in ("allowed", "no_row", "token_unknown", "token_mismatch", "token_expired",
                       "owner_type_unknown", "owner_missing"):
            self.assertGreater(reasons.get(reason, 0), 5, reasons)
        self.assert_saved(reasons)

    def assert_saved(self, reasons):
        if BOTH == 1:
            self.assertGreater(reasons["saved"], 5, reasons)
        else:
            self.assertEqual(reasons["saved"], 0, reasons)

    def test_rules_that_are_special(self):
        self.at_random("special", RULES)

    def test_an_owner_with_a_condition(self):
        dice = random.Random(SEED + 1)
        rules = [random_rule(dice) for _ in range(RULES_AT_RANDOM)]
        reasons = self.at_random("owner", rules,
                                 owner="table = 'users' where = 'deleted_at IS NULL'")
        self.assertGreater(reasons["owner_missing"], 5)
        self.assert_saved(reasons)

    def test_an_owner_whose_key_is_text(self):
        rules = [rule for rule in RULES if ":user" in rule]
        reasons = self.at_random("text", rules, owner="table = 'persons'")
        self.assertGreater(reasons["allowed"], 5)
        self.assertEqual(reasons["saved"], 0)

    def test_the_conformance_file(self):
        """With one owner, whose tokens are most of the file's."""
        with Scratch("combine-cases") as scratch, mariadb.MariaDB(scratch) as db:
            db.migrate("laravel")
            db.load(laravel.CONFORMANCE / "laravel.sql")
            db.grant()
            text = (laravel.CONFORMANCE / "laravel.conf").read_text()
            start = text.index("\towner 'user' {")
            text = text[:start] + text[text.index("}\n\n# Tokens as Sanctum 2"):]
            texts = {combine: text.replace("database {", f"database {{\n\tcombine = {combine}", 1)
                     for combine in ("false", "true")}
            cases = case_file.read(laravel.CONFORMANCE / "laravel-sanctum.cases", laravel.KEYS)
            with Pair(scratch, db, texts, "cases") as pair:
                # the first time is to learn from
                for case in [*cases, *cases]:
                    if not case.mounts or "memory" in case.mounts:
                        pair.send(case.request)
                reasons = self.assert_same(pair)
                self.assertGreater(reasons["allowed"], 100)
                time.sleep(1.1)
                asked = [subscription(laravel.CHANNEL, laravel.ALICE)] * 5
                pair.send(asked[0])
                self.assertEqual(pair.executed(APART, asked), 10)
                self.assertEqual(pair.executed(TOGETHER, asked), 5 * BOTH)

    def test_each_rule_is_asked_as_often_as_it_must(self):
        """One statement for the plain rules, two for those that must be asked apart."""
        expected = [BOTH, BOTH, 2, 2, 2, 2, 2, 2, 2, 2, BOTH]
        self.db.execute("INSERT IGNORE INTO a VALUES (1, 1, NULL, 1);"
                        "INSERT IGNORE INTO c VALUES (1, 1, 1);")
        with self.pair("often", RULES) as pair:
            for number, statements in enumerate(expected):
                request = subscription(f"private-r{number}.1", "1|plain-1")
                # the first tells the rule's columns, the second whether both go together
                for _ in range(2):
                    pair.send(request)
                self.assertEqual(pair.executed(APART, [request] * 3), 6, RULES[number])
                self.assertEqual(pair.executed(TOGETHER, [request] * 3), 3 * statements,
                                 RULES[number])
            self.assert_same(pair)

    def test_a_batch_and_a_refused_channel_are_asked_as_ever(self):
        batch = subscription("private-r0.1", "1|plain-1")
        batch.body = b"socket_id=1.1&channel_name[]=private-r0.1&channel_name[]=private-r0.2"
        with self.pair("batch", RULES) as pair:
            for request in (subscription("private-r0.1", "1|plain-1"), batch, batch,
                            subscription("private-nothing", "1|plain-1"),
                            subscription("public", "1|plain-1"),
                            subscription("private-r0.1", "1|wrong"),
                            subscription("private-r0.1")):
                pair.send(request)
            self.assert_same(pair)

    def test_tables_that_change_under_way(self):
        """Learnt before, and then another table, another key, no table: nothing of it is believed."""
        rules = ["SELECT l.a_id AS a, l.user_id AS user FROM later l"
                 " WHERE l.a_id = :a AND l.user_id = :user"]
        good, bad = (subscription("private-r0.1", f"1|{plain}") for plain in ("plain-1", "wrong"))
        self.db.execute("CREATE TABLE later (a_id BIGINT UNSIGNED NOT NULL, user_id BIGINT UNSIGNED"
                        " NOT NULL, PRIMARY KEY (a_id, user_id)); INSERT INTO later VALUES (1, 1)")
        self.db.grant()
        changes = [
            ("SELECT 1", 200),
            ("DELETE FROM later", 403),
            ("ALTER TABLE later DROP PRIMARY KEY; INSERT INTO later VALUES (1, 1), (1, 1)", 200),
            ("ALTER TABLE later MODIFY user_id VARCHAR(20) NOT NULL", 200),
            ("UPDATE later SET user_id = '1 '", 403),
            ("DROP TABLE later", 503),
        ]
        for number, (change, status) in enumerate(changes):
            # each change meets a process that had learnt before all of them
            self.db.execute("DROP TABLE IF EXISTS later; CREATE TABLE later (a_id BIGINT UNSIGNED NOT"
                            " NULL, user_id BIGINT UNSIGNED NOT NULL, PRIMARY KEY (a_id, user_id));"
                            " INSERT INTO later VALUES (1, 1)")
            with self.subTest(change), self.pair(f"change{number}", rules) as pair:
                for _ in range(2):
                    pair.send(good)
                self.assertEqual(pair.executed(TOGETHER, [good]), BOTH)
                for sql in [sql for sql, _ in changes[:number + 1]]:
                    self.db.execute(sql)
                for request in (bad, good, bad, good):
                    replies = pair.send(request)
                    expected = status if request is good else 401
                    self.assertEqual([reply.status for reply in replies], [expected] * 2)
                self.assert_same(pair)
                if status == 200:  # several rows, or another type
                    self.assertEqual(pair.executed(TOGETHER, [good]), BOTH if number == 0 else 2)

    def test_a_token_that_is_revoked_or_moved_under_way(self):
        good = subscription("private-r0.1", "6|plain-6")
        self.db.execute("REPLACE INTO c VALUES (1, 6, 1), (1, 4, 1)")
        with self.pair("revoked", RULES[:1]) as pair:
            for _ in range(3):
                pair.send(good)
            for change in ("UPDATE personal_access_tokens SET tokenable_id = 4 WHERE id = 6",
                           "DELETE FROM c WHERE user_id = 4",
                           "UPDATE users SET id = 40 WHERE id = 4",
                           "UPDATE personal_access_tokens SET expires_at = UTC_TIMESTAMP() WHERE id = 6",
                           "DELETE FROM personal_access_tokens WHERE id = 6"):
                self.db.execute(change)
                pair.send(good)
            reasons = self.assert_same(pair)
        self.assertEqual(set(reasons), {"allowed", "no_row", "owner_missing", "token_expired",
                                        "token_unknown"})

    def tearDown(self):
        # what the cases above changed for good
        self.db.execute("""
            UPDATE users SET id = 4 WHERE id = 40;
            REPLACE INTO personal_access_tokens (id, tokenable_type, tokenable_id, name, token, created_at)
            VALUES (6, 'App\\\\Models\\\\User', 6, 't', SHA2('plain-6', 256), UTC_TIMESTAMP());""")


if __name__ == "__main__":
    suite.main()
