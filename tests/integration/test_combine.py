"""Is what one statement finds of token and rule the very same as what two find?

Every request goes to two castgates over one database, which differ in `combine` alone. Status, body, reason
and detail must be equal, and the one that may combine must really have done so. Rules are those of the
conformance file, some that must be asked apart, and many made up at random; CASTGATE_SEED repeats a run.
"""

import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import case_file, database_server, laravel, mariadb, suite
from harness.exchange import subscription
from harness.rule_pair import APART, RULES, SEED, TOGETHER, Pair, PairCase, random_rule
from harness.scratch import Scratch
from harness.waiting import wait_until

RULES_AT_RANDOM = 24
# How many statements a request costs that asks both at once: only MariaDB's plans are trusted for that.
BOTH = 1 if database_server.chosen().name == "MariaDB" else 2
REQUESTS_AT_RANDOM = 800


class Combine(PairCase):
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

    @database_server.mariadb_only("both are always asked apart")
    def test_many_refusals_in_a_row_are_asked_apart_for_a_while(self):
        """A few do not count: where most are allowed, one statement remains the cheaper way."""
        self.db.execute("INSERT IGNORE INTO a VALUES (1, 1, NULL, 1);"
                        "INSERT IGNORE INTO c VALUES (1, 1, 1);")
        allowed = subscription("private-r0.1", "1|plain-1")
        refused = subscription("private-r0.777", "1|plain-1")
        with self.pair("luck", RULES[:1]) as pair:
            for _ in range(2):
                pair.send(allowed)
            self.assertEqual(pair.executed(TOGETHER, [refused] * 6), 18)
            self.assertEqual(pair.executed(TOGETHER, [allowed] * 2), 2)

            def rests():
                # for a second, which may be over on a busy machine
                pair.executed(TOGETHER, [refused] * 20)
                return pair.executed(TOGETHER, [allowed] * 2) == 4

            wait_until(rests)
            time.sleep(1.1)
            self.assertEqual(pair.executed(TOGETHER, [allowed] * 2), 2)

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
