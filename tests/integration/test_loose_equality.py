"""Does what a database takes for equal, or for true, ever open a channel?

For MySQL and MariaDB a text equals others in case, accent and trailing blanks, 7abc equals 7, and NULL is
different from nothing. Each rule below would let somebody in by that; asked with the token's lookup, and apart.
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import suite
from harness.exchange import subscription
from harness.rule_pair import PairCase


def rule(capture, column, more=""):
    """Who has a row with this value may listen."""
    name = capture.split(":")[0]
    return (f"{{{capture}}}", f"SELECT l.{column} AS {name}, l.user_id AS user, l.story FROM loose l"
            f" WHERE l.{column} = :{name} AND l.user_id = :user {more}", "")


# a rule, then (the channel's capture, who asks, the reason)
CASES = [
    (rule("w", "word"), [
        ("AbC-1", 1, "allowed"), ("abc-1", 1, "row_not_proven"), ("ABC-1", 1, "row_not_proven"),
        ("Eve", 1, "row_not_proven"), ("pad", 1, "row_not_proven"), ("zero", 1, "allowed"),
        ("none", 1, "no_row"), ("AbC-1", 2, "no_row")]),
    # a column of numbers where texts are asked for, which shows with zeros before it
    (rule("n", "number"), [
        ("7", 1, "allowed"), ("7abc", 1, "no_row"), ("7e0", 1, "no_row"), ("0007", 1, "no_row"),
        ("07", 1, "no_row"), ("8", 1, "no_row")]),
    (rule("n:id", "number"), [("7", 1, "allowed"), ("0007", 1, "no_rule")]),
    # a column of texts where numbers are asked for: every text without digits equals 0
    (rule("w:id", "word"), [("0", 1, "no_row"), ("12", 1, "allowed"), ("1", 1, "no_row")]),
    # NULL is not different from what is there, nor the same
    (rule("w", "word", "AND NOT (l.story = :user.deleted_at)"), [
        ("zero", 1, "value_missing"), ("zero5", 5, "allowed")]),
    (rule("w", "word", "AND l.word NOT IN ('x', :user.deleted_at)"), [
        ("zero", 1, "value_missing"), ("zero5", 5, "allowed")]),
    (rule("w", "word", "AND NOT EXISTS (SELECT 1 FROM users u WHERE u.name = :user.deleted_at)"), [
        ("zero", 1, "value_missing"), ("zero5", 5, "allowed")]),
    # what does not fit is never cut
    (rule("w", "word"), [("long", 1, "allowed"), ("huge", 1, "database_error")]),
]


class LooseEquality(PairCase):
    tables = """
CREATE TABLE loose (word VARCHAR(20) NOT NULL, number INT(4) UNSIGNED ZEROFILL NOT NULL, user_id BIGINT UNSIGNED
    NOT NULL, story LONGTEXT NULL) COLLATE utf8mb4_general_ci;
INSERT INTO loose VALUES ('AbC-1', 7, 1, ''), ('\u00c9ve', 100, 1, ''), ('pad  ', 101, 1, ''), ('zero', 102, 1, ''),
    ('12', 103, 1, ''), ('12abc', 104, 1, ''), ('zero5', 105, 5, ''), ('long', 106, 1, REPEAT('x', 900)),
    ('huge', 107, 1, REPEAT('x', 70000));
"""

    def test_each(self):
        rules = [(pattern, sql, 'unproven = {"user.deleted_at"}' if "user.deleted_at" in sql else more)
                 for (pattern, sql, more), _ in CASES]
        with self.pair("loose", rules, owner="table = 'users' columns = {'name', 'deleted_at'}") as pair:
            for number, (_, cases) in enumerate(CASES):
                for value, who, reason in cases * 3:  # and once the two were seen to go together
                    channel = f"presence-r{number}.{value}"
                    with self.subTest(channel, sql=rules[number][1]):
                        replies = pair.send(subscription(channel, f"{who}|plain-{who}"))
                        seen = self.reasons(pair)
                        self.assertEqual(seen, [reason] * 2)
                        if value == "long":
                            data = json.loads(json.loads(replies[0].body)["channel_data"])
                            self.assertEqual(data["user_info"]["story"], "x" * 900)
            self.assert_same(pair)

    @staticmethod
    def reasons(pair):
        """Of the last request."""
        return [json.loads(pair.log_text(which).splitlines()[-1])["event.reason"] for which in (0, 1)]


if __name__ == "__main__":
    suite.main()
