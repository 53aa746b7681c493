"""Are several channels of one rule, asked for at once, decided exactly as one by one?

Every batch goes to two castgates over one database, which differ in `combine` alone. Status, body, and each
channel's reason and detail in the log must be equal, and the one that may ask at once must really have done
so. Rules are special ones and many made up at random; CASTGATE_SEED repeats a run.
"""

import json
import pathlib
import random
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import suite
from harness.database_server import numbers
from harness.exchange import subscription
from harness.rule_pair import APART, RULES, SEED, TOGETHER, PairCase, random_rule
from harness.site import BRIEF_HOLD
from harness.waiting import wait_until

RULES_AT_RANDOM = 24
BATCHES_AT_RANDOM = 250

MORE_TABLES = f"""
CREATE TABLE words (word VARCHAR(20) NOT NULL, user_id INT NOT NULL, note VARCHAR(8) NULL)
    COLLATE utf8mb4_general_ci;
INSERT INTO words VALUES ('a', 1, 'x'), ('A', 1, 'y'), ('A ', 1, 'z'), ('b', 1, NULL), ('B', 2, 'x'),
    ('c', 1, 'x'), ('c', 1, 'y'), ('1', 1, 'x'), ('01', 1, 'x'), ('d', 2, 'x');
CREATE TABLE crowds (word VARCHAR(20) NOT NULL, user_id INT NOT NULL, place INT AUTO_INCREMENT PRIMARY KEY)
    COLLATE utf8mb4_general_ci;
INSERT INTO crowds (word, user_id) SELECT IF(seq < 15, 'E', IF(seq = 15, 'e', 'f')), 1 FROM {numbers(16)};
INSERT INTO crowds (word, user_id) SELECT IF(seq < 17, 'G', IF(seq = 17, 'g', 'h')), 1 FROM {numbers(18)};
CREATE TABLE floats (f FLOAT NOT NULL, user_id INT NOT NULL);
INSERT INTO floats VALUES (0.5, 1), (2, 1), (1e20, 1), (1e-5, 1);
CREATE TABLE grid (x INT NOT NULL, y INT NOT NULL, user_id INT NOT NULL, PRIMARY KEY (x, y, user_id));
INSERT INTO grid SELECT x.seq, y.seq, 1 FROM {numbers(6, 'x')}, {numbers(6, 'y')} WHERE (x.seq + y.seq) % 3 > 0;
CREATE TABLE wide (x INT NOT NULL, y INT NOT NULL, z INT NOT NULL, v INT NOT NULL,
    PRIMARY KEY (x, y, z, v));
INSERT INTO wide SELECT x.seq, y.seq, 1, 1 FROM {numbers(6, 'x')}, {numbers(6, 'y')} WHERE x.seq <> y.seq;
CREATE TABLE rooms (id INT AUTO_INCREMENT PRIMARY KEY, house INT NOT NULL, word VARCHAR(8) NULL, KEY (house))
    COLLATE utf8mb4_general_ci;
INSERT INTO rooms (house, word) SELECT 1 + seq DIV 4, ELT(1 + seq % 4, 'a', 'A', 'b ', NULL) FROM {numbers(24)};
CREATE TABLE keys_of_rooms (room_id INT NOT NULL, user_id INT NOT NULL, KEY (user_id));
INSERT INTO keys_of_rooms SELECT seq, 1 FROM {numbers(20)} UNION ALL SELECT 7, 1;
CREATE TABLE names (word VARCHAR(20) NOT NULL UNIQUE, house INT NULL, user_id INT NOT NULL)
    COLLATE utf8mb4_general_ci;
INSERT INTO names VALUES ('a', 1, 1), ('b', 2, 1), ('C', 3, 1), ('d', NULL, 1), ('e', 5, 2);
"""

# The number as it is written, which a FLOAT is not equal to, and as it is kept.
TINY = ["1e-05", "9999999747378752e-21"]

# (captures, SELECT, further directives), with the channels worth asking about
SPECIAL = [
    # compared in ways of the database's own, and proven byte for byte
    (("{w}", "SELECT w.word AS w, w.user_id AS user, w.note FROM words w WHERE w.word = :w"
      " AND w.user_id = :user", ""), ["a", "A", "b", "B", "c", "1", "01", "d", "none"]),
    # so many rows come before the one that proves itself that it is not looked at
    (("{w}", "SELECT w.word AS w, w.user_id AS user FROM crowds w WHERE :w = w.word"
      " AND w.user_id = :user", ""), ["e", "E", "f", "g", "G", "h"]),
    # one number of floating point has several readings, and is not equal to each
    (("{f}", "SELECT m.f AS f, m.user_id AS user FROM floats m WHERE m.f = :f AND m.user_id = :user",
      ""), ["2", "3", "100000000000000000000", "2e0", *TINY]),
    # values of several channels mix
    (("{x:id}.{y:id}", "SELECT g.x AS x, g.y AS y, g.user_id AS user FROM grid g WHERE g.x = :x"
      " AND g.y = :y AND g.user_id = :user", ""), [f"{x}.{y}" for x in range(1, 8) for y in range(1, 7)]),
    # two tables that nothing ties to each other
    (("{x:id}.{a:id}", "SELECT g.x AS x, c.a_id AS a, c.user_id AS user FROM grid g"
      " JOIN c ON c.a_id = :a WHERE g.x = :x AND g.y = 2 AND c.user_id = :user", ""),
     [f"{x}.{a}" for x in range(1, 7) for a in range(1, 7)]),
    # the same value is compared with two columns
    (("{x:id}", "SELECT g.x AS x, g.y AS y, g.user_id AS user FROM grid g WHERE g.x = :x"
      " AND g.y = :x AND g.user_id = :user", ""), list("1234567")),
    # four values each leave room for fewer channels
    (("{x:id}.{y:id}.{z:id}.{v:id}", "SELECT t.x AS x, t.y AS y, t.z AS z, t.v AS v FROM wide t"
      " WHERE t.x = :x AND t.y = :y AND t.z = :z AND t.v = :v", ""),
     [f"{x}.{y}.1.1" for x in range(1, 8) for y in range(1, 7)]),
    # one that nothing proves
    (("{x:id}.{y:id}", "SELECT g.x AS x, g.user_id AS user FROM grid g WHERE g.x = :x AND g.y = :y"
      " AND g.user_id = :user", 'unproven = {"y"}'), [f"{x}.{y}" for x in range(1, 7) for y in range(1, 7)]),
    # one that comes back and is not looked at
    (("{x:id}.{y:id}", "SELECT g.x AS x, g.y AS y, g.user_id AS user FROM grid g WHERE g.x = :x AND g.y = :y"
      " AND g.user_id = :user", 'unproven = {"y"}'), [f"{x}.{y}" for x in range(1, 4) for y in range(1, 4)]),
    # the template is compared before anything is asked
    (("{x:id}", "SELECT g.x AS x, g.user_id AS user FROM grid g WHERE g.x = :x AND g.y = 2"
      " AND g.user_id = :user", 'equals = "private-r9.{user}"'), list("123456")),
    # a key of its own finds the row, which has to prove the other values
    (("{house:id}.{room:id}", "SELECT r.house AS house, r.id AS room, k.user_id AS user FROM rooms r"
      " JOIN keys_of_rooms k ON k.room_id = r.id WHERE r.id = :room AND r.house = :house"
      " AND k.user_id = :user", ""), [f"{h}.{r}" for h in range(1, 8) for r in range(1, 26)]),
    (("{w}.{room:id}", "SELECT r.word AS w, r.id AS room, k.user_id AS user FROM rooms r"
      " JOIN keys_of_rooms k ON k.room_id = r.id WHERE r.word = :w AND :room = r.id"
      " AND k.user_id = :user", ""),
     [f"{w}.{r}" for w in ("a", "A", "b", "none") for r in range(1, 26)]),
    (("{w}.{house:id}", "SELECT n.word AS w, n.house AS house, n.user_id AS user FROM names n"
      " WHERE n.word = :w AND n.house = :house AND n.user_id = :user", ""),
     [f"{w}.{h}" for w in ("a", "A", "b", "c", "C", "d", "e") for h in range(1, 6)]),
    # but not the row of the other table
    (("{x:id}.{room:id}", "SELECT g.x AS x, r.id AS room, g.user_id AS user FROM rooms r"
      " JOIN grid g ON g.y = r.house WHERE r.id = :room AND g.x = :x AND g.user_id = :user", ""),
     [f"{x}.{r}" for x in range(1, 7) for r in range(1, 25)]),
]


def batch(channels, token="1|plain-1"):
    request = subscription("private-x.1", token)
    fields = [("socket_id", "1.1")] + [("channel_name[]", channel) for channel in channels]
    request.body = urllib.parse.urlencode(fields).encode()
    return request


class Batch(PairCase):
    tables = MORE_TABLES

    def at_random(self, name, rules, names_of):
        """Batches over all rules, most of them of one rule's channels. Statements they cost each site."""
        dice = random.Random(f"{SEED} {name}")
        with self.pair(name, rules) as pair:
            for _ in range(BATCHES_AT_RANDOM):
                rule = dice.randrange(len(rules))
                channels = set()
                for _ in range(dice.choice([1, 2, 3, 5, 8, 20, 40])):
                    number = rule if dice.random() < 0.9 else dice.randrange(len(rules))
                    prefix = dice.choice(["private", "private", "private", "presence"])
                    channels.add(dice.choice(
                        [f"{prefix}-r{number}.{dice.choice(names_of(number))}"] * 40
                        + ["private-nothing", "public", f"private-r{number}.01", "private-r0.!"]))
                token = dice.choice([1, 1, 1, 1, 2, 3, 4, 6, 8])
                pair.send(batch(sorted(channels, key=lambda _: dice.random()),
                                f"{token}|plain-{token}"))
            reasons = self.assert_same(pair)
            allowed = list(self.allowed_alone(pair.requests))[:40]
            return reasons, [pair.executed(which, allowed) for which in (APART, TOGETHER)]

    @staticmethod
    def allowed_alone(requests):
        """The batches once more, without their refused channels."""
        for request, replies in requests:
            if replies[APART].status == 200:
                entries = json.loads(replies[APART].body)
                channels = [name for name, entry in entries.items() if entry["status"] == 200]
                if len(channels) > 2:
                    yield batch(channels, dict(request.headers)["Authorization"].split()[1])

    def test_rules_made_up_at_random(self):
        dice = random.Random(SEED)
        rules = [random_rule(dice) for _ in range(RULES_AT_RANDOM)]
        names = [str(number) for number in [*range(1, 8), 18446744073709551615]]
        reasons, executed = self.at_random("random", rules, lambda _: names)
        self.assertGreater(reasons["allowed"], 20, reasons)
        self.assertGreater(reasons["no_row"], 20, reasons)
        self.assertLess(executed[TOGETHER], executed[APART])

    def test_the_rules_that_combine_knows(self):
        names = [str(number) for number in range(1, 8)]
        reasons, _ = self.at_random("known", RULES, lambda _: names)
        self.assertGreater(reasons["allowed"], 20, reasons)

    def test_rules_that_are_special(self):
        reasons, executed = self.at_random(
            "special", [rule for rule, _ in SPECIAL], lambda number: SPECIAL[number][1])
        for reason in ("allowed", "no_row", "row_not_proven", "no_rule"):
            self.assertGreater(reasons.get(reason, 0), 5, reasons)
        self.assertLess(executed[TOGETHER], executed[APART])

    def test_how_often_each_is_asked(self):
        """Allowed channels of one rule: the token's statement, and one for them all where that is certain."""
        plain = "SELECT b.a_id AS a, b.user_id AS user, b.state FROM b WHERE b.a_id = :a AND b.user_id = :user"
        rules = [plain, *(rule for rule, _ in SPECIAL)]
        self.db.execute("DELETE FROM b WHERE user_id = 1; INSERT INTO b (a_id, user_id, state)"
                        f" SELECT seq, 1, 'open' FROM {numbers(60)}")
        cases = [
            ([f"r0.{a}" for a in range(1, 21)], 2),
            ([f"r0.{a}" for a in range(1, 31)], 3),
            ([f"r0.{a}" for a in range(1, 42)], 4),  # the last one is alone
            ([f"r0.{a}" for a in range(1, 3)], 2),
            (["r0.1"], 2),
            (["r0.1", "r0.2", "r0.61"], 3),  # who has no row is asked about again
            (["r1.a", "r1.A", "r1.b"], 2),
            (["r1.b", "r1.c"], 3),  # two rows for c
            (["r2.e", "r2.f"], 2),  # fifteen others that may be theirs
            (["r2.g", "r2.h"], 4),  # or seventeen, which is too many
            (["r2.g", "r2.G"], 4),  # or sixteen that another channel has
            (["r3.2", "r3.100000000000000000000"], 3),  # never together
            ([f"r3.{number}" for number in TINY], 3),
            (["r4.1.1", "r4.4.3", "r4.6.1"], 2),
            (["r6.1", "r6.2"], 3),  # no captures twice
            ([f"r7.1.{y}.1.1" for y in range(2, 7)], 2),
            (["r8.1.1", "r8.2.2"], 3),  # unproven
            (["r8.1.1", "r8.1.2"], 3),
            (["r9.1.1", "r9.1.2"], 3),
            ([f"r11.{1 + r // 4}.{r}" for r in range(8, 21)], 2),
            (["r11.1.1", "r11.2.2", "r11.1.3"], 3),  # the second one is another house's
            (["r11.2.7", "r11.2.6"], 3),  # two rows for the seventh
            (["r12.A.1", "r12.b.2", "r12.a.4"], 3),  # "b " is not b
            (["r12.a.1", "r12.a.4"], 3),  # A is not a
            (["r13.a.1", "r13.b.2", "r13.C.3"], 2),
            (["r13.a.1", "r13.C.4"], 3),
            (["r14.3.1", "r14.2.4"], 2),
        ]
        with self.pair("often", rules) as pair:
            for names, expected in cases:
                request = batch([f"private-{name}" for name in names])
                pair.send(request)
                with self.subTest(names):
                    self.assertEqual(pair.executed(TOGETHER, [request] * 2), 2 * expected)
                    self.assertEqual(pair.executed(APART, [request]), 1 + len(names))
            self.assert_same(pair)

    def test_each_channel_has_its_own_line_and_data(self):
        rules = ["SELECT c.a_id AS a, c.user_id AS user, c.role AS role FROM c WHERE c.a_id = :a"
                 " AND c.user_id = :user"]
        self.db.execute("DELETE FROM c WHERE user_id = 1;"
                        f"INSERT INTO c SELECT seq, 1, seq + 10 FROM {numbers(5)}")
        channels = [f"presence-r0.{a}" for a in (3, 1, 9, 5, 2)]
        with self.pair("lines", rules) as pair:
            replies = pair.send(batch(channels))
            self.assert_same(pair)
            entries = json.loads(replies[TOGETHER].body)
            self.assertEqual([entries[channel]["status"] for channel in channels],
                             [200, 200, 403, 200, 200])
            for channel in channels:
                if channel != "presence-r0.9":
                    data = json.loads(entries[channel]["data"]["channel_data"])
                    self.assertEqual(data["user_info"], {"role": int(channel[-1]) + 10})
            lines = [json.loads(line) for line in pair.log_text(TOGETHER).splitlines()]
            decided = [(line["castgate.channel"], line["event.reason"]) for line in lines
                       if "castgate.channel" in line]
            self.assertEqual(decided, [(channel, "no_row" if channel[-1] == "9" else "allowed")
                                       for channel in channels])

    def test_rules_that_match_nothing_cost_no_memory(self):
        """The longest batch, among far more rules than anybody has."""
        rules = ["SELECT c.a_id AS a, c.user_id AS user FROM c WHERE c.a_id = :a AND c.user_id = :user"] * 600
        self.db.execute("DELETE FROM c WHERE user_id = 1;"
                        f"INSERT INTO c SELECT seq, 1, 1 FROM {numbers(100)}")
        with self.pair("rules", rules) as pair:
            replies = pair.send(batch([f"private-r0.{a}" for a in range(1, 101)]))
            self.assertEqual([reply.status for reply in replies], [200, 200])
            self.assertEqual(self.assert_same(pair), {"allowed": 100})

    def test_tables_that_change_under_way(self):
        rules = ["SELECT l.a_id AS a, l.user_id AS user FROM later l WHERE l.a_id = :a"
                 " AND l.user_id = :user"]
        request = batch([f"private-r0.{a}" for a in range(1, 6)])
        fresh = ("DROP TABLE IF EXISTS later; CREATE TABLE later (a_id BIGINT UNSIGNED NOT NULL, user_id"
                 " BIGINT UNSIGNED NOT NULL, PRIMARY KEY (a_id, user_id));"
                 f" INSERT INTO later SELECT seq, 1 FROM {numbers(5)}")
        self.db.execute(fresh)
        self.db.grant()
        changes = [("DELETE FROM later WHERE a_id = 3", 200),
                   ("ALTER TABLE later DROP PRIMARY KEY; INSERT INTO later VALUES (1, 1)", 200),
                   ("ALTER TABLE later MODIFY a_id VARCHAR(20) NOT NULL", 200),
                   ("UPDATE later SET a_id = CONCAT(a_id, ' ')", 200),
                   ("ALTER TABLE later MODIFY a_id FLOAT NOT NULL", 200),
                   ("ALTER TABLE later CHANGE user_id other BIGINT", 503),
                   ("DROP TABLE later", 503)]
        for number, (change, status) in enumerate(changes):
            self.db.execute(fresh)
            with self.subTest(change), self.pair(f"change{number}", rules) as pair:
                pair.send(request)
                self.assertEqual(pair.executed(TOGETHER, [request]), 2)
                self.db.execute(change)
                for _ in range(3):
                    replies = pair.send(request)
                    self.assertEqual([reply.status for reply in replies], [status] * 2)
                self.assert_same(pair)

    def test_a_database_that_is_away_is_the_whole_batch(self):
        rules = ["SELECT c.a_id AS a, c.user_id AS user FROM c WHERE c.a_id = :a AND c.user_id = :user"]
        request = batch([f"private-r0.{a}" for a in range(1, 6)])
        with self.pair("away", rules, BRIEF_HOLD) as pair:
            pair.send(request)
            with self.db.session() as other:
                other.execute("LOCK TABLES c WRITE")
                for reply in pair.send(request):
                    self.assertEqual(reply.status, 503)
            # who found it away a moment ago does not ask
            for mount in pair.mounts:
                wait_until(lambda mount=mount: mount.send(request).status == 200)
            replies = pair.send(request)
            self.assertEqual([reply.status for reply in replies], [200] * 2)
            self.assertEqual(self.assert_same(pair)["database_unavailable"], 1)


if __name__ == "__main__":
    suite.main()
