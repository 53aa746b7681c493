"""Does castgate take for signed in whom the real better-auth does, and nobody else?

Both read the same database, which lies in another time zone than better-auth writes. What either says
is compared for many ways to present a session; where they differ on purpose, the list says why.
"""

import json
import pathlib
import re
import sys
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import mariadb, mounts, places, suite, wire_rules
from harness.audit import AuditLog
from harness.better_auth_server import SECRET, BetterAuthServer
from harness.exchange import Request, subscription
from harness.scratch import Scratch
from harness.site import BRIEF_HOLD, PATIENT_HOLD, Site
from harness.waiting import wait_until

CONFIG = pathlib.Path(__file__).parent / "better_auth.conf"
RECIPE = places.SOURCE / "recipes" / "better-auth.conf"
PATHS = ("/auth/session", "/api/pusher/auth")
REFUSAL = b'{"message":"Invalid or expired session"}'


def changed(text):
    """The same text with another letter in the middle."""
    middle = len(text) // 2
    return text[:middle] + ("A" if text[middle] != "A" else "B") + text[middle + 1:]


def presentations(person, other):
    """Ways to present the person's session, by name, as header lists."""
    name = person.cookie_name
    base = name.removeprefix("__Secure-")
    ways = {
        "as set": person.cookie,
        "decoded": person.decoded,
        "all escaped": "".join(f"%{byte:02x}" for byte in person.decoded.encode()),
        "encoded twice": urllib.parse.quote(person.cookie, safe=""),
        "unsigned": person.token,
        "unsigned with a dot": f"{person.token}.",
        "signature alone": f".{person.signature}",
        "signature without padding": person.decoded.rstrip("="),
        "signature too long": f"{person.decoded}=",
        "signature changed": f"{person.token}.{changed(person.signature)}",
        "signature of another": f"{person.token}.{other.signature}",
        "token changed": f"{changed(person.token)}.{person.signature}",
        "token in capitals": f"{person.token.upper()}.{person.signature}",
        "token padded": f"{person.token} .{person.signature}",
        "plus as space": person.decoded.replace("+", " "),
        "empty": "",
        "NUL": f"{person.token}%00.{person.signature}",
        "not UTF-8": f"{person.token}%ff.{person.signature}",
        "lone percent": f"%{person.decoded}",
        "quoted": f'"{person.cookie}"',
    }
    headers = {f"cookie {way}": [("Cookie", f"{name}={value}")] for way, value in ways.items()}
    headers.update({f"bearer {way}": [("Authorization", f"Bearer {value}")]
                    for way, value in ways.items() if way != "empty"})
    headers.update({
        "nothing": [],
        "bearer in small letters": [("Authorization", f"bearer {person.decoded}")],
        "basic": [("Authorization", f"Basic {person.decoded}")],
        "cookie among others": [("Cookie", f"a=b; {name}={person.cookie}; {base}_x=y")],
        "cookie of a longer name": [("Cookie", f"x{name}={person.cookie}")],
        "cookie in capitals": [("Cookie", f"{name.upper()}={person.cookie}")],
        "cookie __Secure-": [("Cookie", f"__Secure-{base}={person.cookie}")],
        "cookie without prefix": [("Cookie", f"{base}={person.cookie}")],
        "cookie __Host-": [("Cookie", f"__Host-{base}={person.cookie}")],
        "good then bad": [("Cookie", f"{name}={person.cookie}; {name}=x")],
        "bad then good": [("Cookie", f"{name}=x; {name}={person.cookie}")],
        "bad cookie, good bearer": [("Cookie", f"{name}=x"),
                                    ("Authorization", f"Bearer {person.decoded}")],
        "good cookie, bad bearer": [("Cookie", f"{name}={person.cookie}"),
                                    ("Authorization", "Bearer x.y")],
        "two people": [("Cookie", f"{name}={person.cookie}"),
                       ("Authorization", f"Bearer {other.decoded}")],
    })
    return headers


# castgate refuses what better-auth takes, with `bearer = "signed"`.
STRICTER = {
    "cookie quoted": "browsers never quote a value",
    "bearer unsigned": 'an unsigned token is taken only with bearer = "raw"',
}

# castgate takes what better-auth refuses. The session is as good, and signed.
WIDER = {
    "bearer all escaped": "better-auth sees no dot and takes the text for an unsigned token",
    "cookie __Secure-": "castgate knows three names; better-auth the one it would set itself",
    "cookie without prefix": "likewise",
    "cookie __Host-": "likewise",
    "bad then good": "a candidate that fails falls through; better-auth reads the first only",
}

# Both know somebody, but not the same person.
OTHERWISE = {
    "two people": "castgate asks the cookie first; better-auth's bearer plugin replaces it",
}


class Beside(unittest.TestCase):
    """One better-auth, one castgate over its tables, and two people who are signed in."""

    secure_cookies = False
    bearer = "signed"

    @classmethod
    def setUpClass(cls):
        cls.scratch = suite.enter_for_class(cls, Scratch("better-auth"))
        cls.db = suite.enter_for_class(
            cls, mariadb.MariaDB(cls.scratch, {"default-time-zone": "+05:00"}))
        cls.server = suite.enter_for_class(
            cls, BetterAuthServer(cls.scratch, cls.db, secure_cookies=cls.secure_cookies))
        cls.db.grant()
        cls.site = suite.enter_for_class(cls, Site(cls.scratch, paths=PATHS))
        cls.configure()
        cls.site.check()
        cls.mount = suite.enter_for_class(
            cls, mounts.mount("apache-fcgid", cls.site, cls.scratch))
        cls.log = AuditLog(cls.site)
        cls.alice = cls.server.sign_up("Alice")
        cls.bob = cls.server.sign_up("Bob")

    @classmethod
    def configure(cls):
        # The application replaced its secret; the old one is still accepted.
        cls.site.configure(CONFIG, cls.db, SECRETS=f'the-next-secret", "{SECRET}', PREFIX="better-auth",
                           BEARER=cls.bearer)

    def ask(self, headers):
        """What castgate says of a session: an object, or None."""
        reply = self.mount.send(Request("GET", "/auth/session", headers))
        self.assertEqual(wire_rules.violations(reply), [], str(reply))
        if reply.status == 401:
            self.assertEqual(reply.body, REFUSAL)
            return None
        self.assertEqual(reply.status, 200, str(reply))
        return json.loads(reply.body)

    def assert_both(self, person, known):
        self.assertEqual(self.ask(person.headers) is not None, known)
        self.assertEqual(self.server.session(person.headers) is not None, known)

    def compare(self):
        """Every way of presenting a session, against the lists; an entry without need is wrong too."""
        wrong = []
        for way, headers in presentations(self.alice, self.bob).items():
            theirs = self.server.session(headers)
            ours = self.ask(headers)
            known = [person and person["user"]["id"] for person in (theirs, ours)]
            if known[0] == known[1]:
                expected = "same"
            elif None not in known:
                expected = "otherwise"
            else:
                expected = "stricter" if known[1] is None else "wider"
            if expected != self.listed(way):
                wrong.append(f"{way}: {expected}, not {self.listed(way)}")
        self.assertEqual(wrong, [])

    def listed(self, way):
        found = [word for word, ways in (("stricter", STRICTER), ("wider", WIDER),
                                         ("otherwise", OTHERWISE)) if way in ways]
        return found[0] if found and way not in self.not_here else "same"


class Plain(Beside):
    """As in development, and Bearer signed."""

    # entries of the lists that do not apply here
    not_here = ("cookie without prefix",)

    def test_same_as_the_real_one(self):
        self.compare()

    def test_what_is_told(self):
        theirs = self.server.session(self.alice.headers)
        ours = self.ask(self.alice.headers)
        self.assertEqual(ours["user"], {name: theirs["user"][name]
                                        for name in ("id", "name", "email")})
        self.assertEqual(ours["session"]["id"], theirs["session"]["id"])
        self.assertEqual(ours["session"]["expiresAt"], theirs["session"]["expiresAt"])
        self.assertEqual(ours["session"]["tenant"], theirs["user"]["id"])

    def test_a_channel(self):
        for person, status in ((self.alice, 200), (self.bob, 403)):
            request = subscription(f"private-user-{self.alice.user}", target="/api/pusher/auth")
            request.headers.extend(person.headers)
            self.assertEqual(self.mount.send(request).status, status)

    def test_the_active_organization_is_the_tenant(self):
        carol = self.server.sign_up("Carol")
        reply, made = self.server.ask("POST", "/organization/create",
                                      {"name": "Org", "slug": "org"}, carol.headers)
        self.assertEqual(reply.status, 200, str(reply))
        session = self.ask(carol.headers)["session"]
        self.assertEqual(session["organization"], made["id"])
        self.assertEqual(session["tenant"], made["id"])
        request = subscription(f"private-tenant-{made['id']}", target="/api/pusher/auth")
        request.headers.extend(carol.headers)
        self.assertEqual(self.mount.send(request).status, 200)

    def test_one_reason_for_each_candidate(self):
        """In the order they are tried, and never what was presented."""
        person = self.alice
        reply = self.mount.send(Request("GET", "/auth/session", [
            ("Cookie", f"better-auth.session_token={person.token}.x;"
                       f" __Secure-better-auth.session_token={person.token}.{self.bob.signature}"),
            ("Authorization", f"Bearer {person.token}")]))
        line = self.log.decision_of(reply)
        self.assertEqual(line["event.reason"], "signature_invalid")
        self.assertEqual(
            line["castgate.detail"], "better-auth: signature_invalid"
            " (cookie:__Secure-better-auth.session_token: signature_invalid,"
            " cookie:better-auth.session_token: credential_malformed,"
            " bearer: credential_malformed)")

    def test_sign_out(self):
        dora = self.server.sign_up("Dora")
        self.assert_both(dora, True)
        reply, _ = self.server.ask("POST", "/sign-out", {}, dora.headers)
        self.assertEqual(reply.status, 200, str(reply))
        self.assert_both(dora, False)

    def test_expiry(self):
        erin = self.server.sign_up("Erin")
        for moment, known in (("UTC_TIMESTAMP(3) + INTERVAL 600 SECOND", True),
                              ("UTC_TIMESTAMP(3) - INTERVAL 1 SECOND", False)):
            with self.subTest(moment):
                self.db.execute(f"UPDATE session SET expiresAt = {moment}"
                                f" WHERE token = '{erin.token}'")
                self.assertEqual(self.ask(erin.headers) is not None, known)
        self.assertIsNone(self.server.session(erin.headers))

    def test_a_user_who_is_deleted(self):
        frank = self.server.sign_up("Frank")
        self.db.execute(f"SET foreign_key_checks = 0; DELETE FROM user WHERE id = '{frank.user}'")
        self.assertIsNone(self.ask(frank.headers))
        self.assertIsNone(self.server.session(frank.headers))

    def test_the_session_is_never_written_to(self):
        gina = self.server.sign_up("Gina")
        row = f"SELECT * FROM session WHERE token = '{gina.token}'"
        before = self.db.execute(row)
        self.assertIsNotNone(self.ask(gina.headers))
        self.assertEqual(self.db.execute(row), before)

    def test_an_outage_is_no_refusal(self):
        good = self.site.config.read_text()
        self.addCleanup(self.site.write_secret, self.site.config, good)
        self.site.write_secret(
            self.site.config, good.replace(f"hold = {PATIENT_HOLD}", f"hold = {BRIEF_HOLD}"))
        mount = self.enterContext(mounts.mount("memory", self.site, self.scratch))
        self.wait_until_served_again(mount)
        self.db.stop()
        try:
            reply = mount.send(Request("GET", "/auth/session", self.alice.headers))
            unsigned = mount.send(
                Request("GET", "/auth/session", [("Cookie", "better-auth.session_token=x")]))
        finally:
            self.db.start()
        self.assertEqual(wire_rules.violations(reply), [], str(reply))
        self.assertEqual(reply.status, 503, str(reply))
        # what is not even signed needs no database
        self.assertEqual(unsigned.status, 401, str(unsigned))
        self.wait_until_served_again(mount)

    def wait_until_served_again(self, mount):
        """A long outage is probed twice a second; until then there may be a 503, and nothing else."""
        def served():
            status = mount.send(Request("GET", "/auth/session", self.alice.headers)).status
            self.assertIn(status, (200, 503))
            return status == 200

        wait_until(served)


class Secure(Beside):
    """As behind TLS, and unsigned tokens are let in from Bearer, as the plugin does by default."""

    secure_cookies = True
    bearer = "raw"
    not_here = ("cookie __Secure-", "bearer unsigned", "bearer all escaped")

    def test_same_as_the_real_one(self):
        self.compare()


class Recipe(Beside):
    """recipes/better-auth.conf as it is shipped, but for where the database is."""

    @classmethod
    def configure(cls):
        cls.site.write_secret(cls.site.path / "better-auth.secret", "the-next-secret\n")
        cls.site.write_secret(cls.site.path / "better-auth.previous", f"{SECRET}\n")
        database = re.search(r"(?ms)^database \{.*?^\}$", CONFIG.read_text()).group()
        text, found = re.subn(r"(?ms)^database \{.*?^\}$", lambda _: database, RECIPE.read_text())
        assert found == 1
        template = cls.scratch.path / "recipe.template"
        template.write_text('log = "@LOG@"\nstate_dir = "@STATE@"\n' + text)
        cls.site.configure(template, cls.db)

    def test_check_finds_nothing_wrong_with_it(self):
        said = self.site.tool("check")
        self.assertEqual(said.returncode, 0, said.stdout + said.stderr)
        self.assertNotRegex(said.stdout + said.stderr, r"(?m): (error|warning): ")

    def test_who_is_signed_in(self):
        hugo = self.server.sign_up("Hugo")
        self.assertEqual(self.ask(hugo.headers)["user"]["name"], "Hugo")
        self.server.ask("POST", "/sign-out", {}, hugo.headers)
        self.assert_both(hugo, False)

    def test_the_page_of_another_origin(self):
        for headers, status in ((self.alice.headers, 200), ([], 401)):
            reply = self.mount.send(Request(
                "GET", "/auth/session", [("Origin", "https://app.example.org"), *headers]))
            self.assertEqual(reply.status, status)
            self.assertEqual(reply.header("Access-Control-Allow-Origin"), "https://app.example.org")
            self.assertEqual(reply.header("Access-Control-Allow-Credentials"), "true")


class Lists(unittest.TestCase):
    def test_every_entry_is_a_way(self):
        class Nobody:
            cookie_name, cookie, token, signature, decoded = "n", "t.s", "t", "s", "t.s"
        listed = {**STRICTER, **WIDER, **OTHERWISE}
        self.assertEqual(set(listed) - set(presentations(Nobody, Nobody)), set())
        self.assertEqual(len(listed), len(STRICTER) + len(WIDER) + len(OTHERWISE))
        for variant in (Plain, Secure):
            self.assertEqual(set(variant.not_here) - set(listed), set())


if __name__ == "__main__":
    suite.main()
