"""Whom do opaque tokens let in, and what does castgate check say of statements that would let in others?"""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import mounts, suite, wire_rules
from harness.audit import AuditLog
from harness.case_file import Keys
from harness.exchange import Request, subscription
from harness.system import Description, System

HERE = pathlib.Path(__file__).parent
TOKENS = Description("token", None, HERE / "token.conf", Keys("thisisaauthkey", "thisisasecret", b""),
                     rows=(HERE / "token.sql",))
REFUSAL = b'{"message":"Invalid or expired session"}'


def bearer(token):
    return [("Authorization", f"Bearer {token}")]


class Site(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, System(TOKENS))
        cls.mount = suite.enter_for_class(
            cls, mounts.mount("memory", cls.system.site, cls.system.scratch))
        cls.log = AuditLog(cls.system.site)

    def ask(self, path, headers=()):
        """The id of who asks and the reason in the log; None for a refusal."""
        reply = self.mount.send(Request("GET", path, list(headers)))
        self.assertEqual(wire_rules.violations(reply), [], str(reply))
        reason = self.log.decision_of(reply)["event.reason"]
        if reply.status == 401:
            self.assertEqual(reply.body, REFUSAL)
            return None, reason
        self.assertEqual(reply.status, 200, str(reply))
        self.answer = json.loads(reply.body)
        return self.answer["user"]["id"], reason


class Places(Site):
    def test_each_place(self):
        for path, headers in (
                ("/hashed", bearer("Ann-Token")), ("/hashed", [("X-Api-Key", "Ann-Token")]),
                ("/hashed", [("Cookie", "x=1; api_token=Ann%2dToken")]),
                ("/hashed?token=Ann-Token", []),
                ("/hashed?token=Ann-Token", [("Cookie", "api_token=Ann-Token")])):
            with self.subTest(path, headers=headers):
                self.assertEqual(self.ask(path, headers), ("ann", "allowed"))

    def test_copies_that_differ(self):
        for path, headers in (
                ("/hashed?token=Ben-Token", bearer("Ann-Token")),
                ("/hashed?token=Ann-Token&token=Ben-Token", []),
                ("/hashed?token=Ann-Token&token[]=Ann-Token", []),
                ("/hashed", [("Cookie", "api_token=Ann-Token; api_token=Ben-Token")]),
                ("/hashed?token=Ann-Token", [("Cookie", "api_token=ann-token")])):
            with self.subTest(path, headers=headers):
                self.assertEqual(self.ask(path, headers), (None, "credential_malformed"))

    def test_what_is_told(self):
        self.ask("/hashed", bearer("Ann-Token"))
        self.assertEqual(self.answer, {"user": {"id": "ann", "name": "Ann", "site": "north"},
                                       "session": {"id": "7"}})


class Rows(Site):
    def test_refusals(self):
        for path, token, reason in (
                ("/hashed", "No-Such-Token", "token_unknown"),
                ("/hashed", "ann-token", "token_unknown"),
                ("/hashed", "Old-Token", "token_unknown"),
                ("/hashed", "Nobody-Token", "owner_missing"),
                ("/hashed", "Empty-Token", "owner_missing"),
                ("/hashed", "Shared-Token", "token_ambiguous"),
                ("/hashed", "' OR '1'='1", "token_unknown"),
                ("/binary", "ann-token", "token_unknown")):
            with self.subTest(token):
                self.assertEqual(self.ask(path, bearer(token)), (None, reason))

    def test_what_no_text_can_be(self):
        for token in ("%ff%fe", "Ann-Token%00", "%ed%a0%80"):
            self.assertEqual(self.ask(f"/hashed?token={token}"), (None, "credential_malformed"))

    def test_hash_as_bytes(self):
        self.assertEqual(self.ask("/binary", bearer("Ann-Token")), ("ann", "allowed"))

    def test_plain_tokens_byte_for_byte(self):
        """What equals a stored token for the database only is refused."""
        for token, known in (("Ann-Token", "ann"), ("ann-token", None), ("Ann-Token%20", None),
                             ("Ann-Token++", None), ("%C3%81nn-Token", None), ("Ann-Token%09", None)):
            with self.subTest(token):
                who, reason = self.ask(f"/plain?token={token}")
                self.assertEqual(who, known)
                self.assertIn(reason, ("allowed",) if known else ("token_mismatch", "token_unknown"))
        self.assertEqual(self.ask("/plain?token=ann-token")[1], "token_mismatch")
        self.assertEqual(self.ask("/plain?token=Ann%00Token")[1], "credential_malformed")

    def test_numbers_are_no_prefixes(self):
        for token, known in (("7", "Ann"), ("7abc", None), ("7e0", None), ("07", None), ("7.0", None),
                             (" 7", None)):
            with self.subTest(token):
                self.assertEqual(self.ask(f"/number?token={token.replace(' ', '%20')}")[0], known)


class Paths(Site):
    def test_the_path_is_part_of_the_question(self):
        self.assertEqual(self.ask("/here/north", bearer("Ann-Token")), ("ann", "allowed"))
        self.assertEqual(self.ask("/here/south", bearer("Ann-Token")), (None, "token_unknown"))

    def test_values_of_one_name_agree(self):
        self.assertEqual(self.ask("/anywhere/north", bearer("Ann-Token")), ("ann", "allowed"))
        self.assertEqual(self.ask("/anywhere/south", bearer("Ann-Token")), (None, "value_disagrees"))

    def test_channels(self):
        for channel, status in (("private-north-ann", 200), ("private-north-ben", 403),
                                ("private-south-ann", 403), ("private-site.north", 200),
                                ("private-site.south", 403)):
            with self.subTest(channel):
                reply = self.mount.send(subscription(channel, "Ann-Token", target="/channels/north"))
                self.assertEqual(reply.status, status, str(reply))


class Check(unittest.TestCase):
    """Mistakes that castgate check finds, each with the line of the statement."""

    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, System(TOKENS))

    def complaints(self, credential, endpoint='endpoint "/x" { action = "session"  credentials = {"c"} }'):
        text = (HERE / "token.conf").read_text()
        template = self.system.site.path / "one.template"
        template.write_text(text[:text.index("credential \"hashed\"")]
                            + credential.replace("IDENTIFY", "\n\tidentify") + "\n" + endpoint + "\n")
        self.system.configure(template)
        done = self.system.site.tool("check")
        self.assertNotEqual(done.returncode, 0, done.stdout)
        return done.stdout + done.stderr

    def line(self, words):
        """Where the words stand in the configuration just checked."""
        lines = self.system.site.config.read_text().splitlines()
        number, = (at for at, line in enumerate(lines, 1) if words in line)
        return f"castgate.conf:{number}: error: "

    def test_statements(self):
        for sql, complaint in (
                ("SELECT p.id AS id FROM tokens t JOIN people p ON p.name = t.person WHERE t.hash = :token",
                 'parameter ":token" is not proven'),
                ("SELECT LOWER(t.hash) AS token, t.person AS id FROM tokens t WHERE t.hash = :token",
                 'parameter ":token" is not proven'),
                ("SELECT t.raw AS token, t.person AS id FROM tokens t WHERE t.raw = UNHEX(:token)",
                 'parameter ":token" is not proven'),
                ("SELECT t.person AS id FROM tokens t LIMIT 1", "does not mention :token"),
                ("SELECT t.hash AS token, t.person FROM tokens t WHERE t.hash = :token",
                 "must select exactly one column `id`"),
                ("SELECT t.hash AS token, p.photo AS id FROM tokens t JOIN people p ON p.name = t.person"
                 " WHERE t.hash = :token", "the column `id` must be an integer or text"),
                ("SELECT t.hash AS token, t.id, t.person AS id FROM tokens t WHERE t.hash = :token",
                 "must select exactly one column `id`"),
                ("SELECT t.hash AS token, t.id, t.person AS x, t.plain AS x FROM tokens t"
                 " WHERE t.hash = :token", "selects two columns of one name"),
                ("SELECT t.hash AS token, t.nothing AS id FROM tokens t WHERE t.hash = :token",
                 "Unknown column"),
                ("SELECT t.hash AS token, t.id AS id FROM tokens t WHERE t.hash = :token AND :user = 1",
                 'unknown parameter ":user"'),
                ("DELETE FROM tokens WHERE hash = :token", "must start with SELECT or WITH")):
            with self.subTest(complaint, sql=sql):
                said = self.complaints(f'credential "c" {{ kind = "token" IDENTIFY = "{sql}" }}')
                self.assertIn(self.line("identify = "), said)
                self.assertIn(complaint, said)

    SITE = ('credential "c" { kind = "token"  identify = "SELECT t.hash AS token, p.id AS id,'
            ' p.site AS site FROM tokens t JOIN people p ON p.name = t.person'
            ' WHERE t.hash = :token AND p.site = :site" }')

    def test_a_capture_that_no_path_has(self):
        said = self.complaints(self.SITE)
        self.assertIn(self.line('endpoint "/x"'), said)
        self.assertIn('credential "c" asks for :site, which no path of the endpoint has as {site}', said)

    def test_a_capture_of_a_channel_named_as_a_value(self):
        """The columns are known to the database only."""
        said = self.complaints(
            self.SITE, 'endpoint "/x/{site:slug}" { credentials = {"c"}\n'
            'channel "of.{site:slug}" { allow = "SELECT p.id AS user, p.site AS site FROM people p'
            ' WHERE p.id = :user AND p.site = :site" } }')
        self.assertIn('capture "site" has the name of another value', said)
        said = self.complaints(
            self.SITE.replace("p.id AS id,", "p.id AS id, p.name AS place,"),
            'endpoint "/x/{site:slug}" { credentials = {"c"}\n'
            'channel "of.{place:slug}" { allow = "SELECT p.id AS user, p.site AS place FROM people p'
            ' WHERE p.id = :user AND p.site = :place" } }')
        self.assertIn(self.line('channel "of.'), said)
        self.assertIn('capture "place" has the name of another value', said)


if __name__ == "__main__":
    suite.main()
