"""Do broken tokens of every shape end as refusals, and does no token or secret ever get out?

Each shape holds a word that occurs nowhere else. It must not be in a reply or a log afterwards, and
neither must any secret of the configuration or a token that was let in.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, mariadb, mounts, suite, wire_rules
from harness.case_file import Keys
from harness.exchange import Request
from harness.system import Description, System

HERE = pathlib.Path(__file__).parent
EVERYTHING = Description(
    "secrecy", None, HERE / "secrecy.conf", Keys("thisisaauthkey", "", b""),
    migrations=("laravel", "better-auth"),
    rows=(laravel.CONFORMANCE / "laravel.sql", HERE / "token.sql"))
SECRETS = {"APP_SECRET": "canary-secret-of-the-app-0001", "SESSION_SECRET": "canary-secret-of-sessions-0002",
           "JWT_SECRET": "canary-secret-of-tokens-0003-is-long-enough"}
CANARY = "CanaryKrZ9"
FIELDS = "socket_id=1234.5678&channel_name=private-x"


def jwt(header, claims, signature="c2lnbmF0dXJl"):
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
             for part in (header, claims)]
    return ".".join([*parts, signature])


def sign(token):
    mac = hmac.digest(SECRETS["SESSION_SECRET"].encode(), token.encode(), "sha256")
    return f"{token}.{base64.b64encode(mac).decode()}"


SHAPES = [
    CANARY, f"1|{CANARY}", f"|{CANARY}", f"{CANARY}|", f"{CANARY}|x", f"1|{CANARY}|2", f"99999999999|{CANARY}",
    f"{CANARY}.", f".{CANARY}", f"{CANARY}.x", f"{CANARY}.{'A' * 43}=", f"{CANARY}.{'A' * 44}",
    f"{CANARY}.{'!' * 44}", sign(CANARY), sign(CANARY)[:-1], sign(CANARY).replace("=", "%3D"),
    f"{CANARY}%00", f"%{CANARY}", f"%ff%fe{CANARY}", f"{CANARY}%", f"{CANARY}' OR '1'='1", f"{CANARY}\\",
    f'"{CANARY}"', f"<{CANARY}>", f"{{{CANARY}}}", CANARY * 300, "%25" * 50 + CANARY, f"{CANARY} {CANARY}",
    f"a.{CANARY}.c", f"..{CANARY}", f"{CANARY}..", "...." + CANARY,
    jwt({"alg": "none"}, {"sub": CANARY}, ""), jwt({"alg": "HS256"}, {"sub": CANARY}),
    jwt({"alg": "HS256", "kid": CANARY}, {"sub": "1"}), jwt({"alg": CANARY}, {"sub": "1"}),
    jwt({"alg": "HS256", "crit": [CANARY]}, {}), jwt(CANARY, CANARY), jwt([], {CANARY: CANARY}),
    f"{CANARY}\u00e9\u4e2d", f"{CANARY};x", f"{CANARY},x", f"{CANARY}=x&token=y",
]


def requests(path, shape, method="POST"):
    """The shape at every place a token may stand."""
    form = ("Content-Type", "application/x-www-form-urlencoded")
    body = FIELDS.encode()
    escaped = "".join(f"%{byte:02X}" for byte in shape.encode())
    yield Request(method, path, [form, ("Authorization", f"Bearer {shape}")], body)
    yield Request(method, path, [form, ("Authorization", shape)], body)
    yield Request(method, path, [form, ("X-Token", shape)], body)
    for name in ("token", "better-auth.session_token", "__Secure-better-auth.session_token"):
        yield Request(method, path, [form, ("Cookie", f"{name}={shape}")], body)
        yield Request(method, path, [form, ("Cookie", f"{name}={escaped}; {name}={shape}")], body)
    yield Request(method, f"{path}?token={escaped}", [form], body)
    yield Request(method, f"{path}?token[]={escaped}", [form], body)
    yield Request(method, f"{path}?token={escaped}&token=other", [form], body)
    yield Request(method, path, [form], f"{FIELDS}&token={escaped}".encode())
    for value in (shape, [shape], {"x": shape}):
        yield Request(method, path, [("Content-Type", "application/json")], json.dumps({
            "socket_id": "1234.5678", "channel_name": "private-x", "token": value}).encode())


class Secrecy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, _System(EVERYTHING))
        cls.mount = suite.enter_for_class(
            cls, mounts.mount("memory", cls.system.site, cls.system.scratch))

    def assert_kept(self, words, replies=()):
        """None of the words is in a log or in one of the replies."""
        texts = [self.system.site.log_text(), self.mount.log_text(), *map(str, replies)]
        self.assertGreater(len(texts[0]), 1000)
        for word in words:
            for text in texts:
                at = text.find(word)
                self.assertEqual(at, -1, text[max(0, at - 300):at + 100])

    def check_broken(self, path, statuses, method="POST"):
        """`statuses` are those of refusals; a place that the request has nothing at may be a 400."""
        replies = []
        for shape in SHAPES:
            for request in requests(path, shape, method):
                with self.subTest(shape=shape, request=request):
                    reply = self.mount.send(request)
                    replies.append(reply)
                    self.assertEqual(wire_rules.violations(reply), [], str(reply))
                    self.assertIn(reply.status, statuses, str(reply))
        self.assert_kept([CANARY, base64.b64encode(CANARY.encode()).decode()[:12],
                          *SECRETS.values(), mariadb.PASSWORD], replies)

    def test_sanctum(self):
        self.check_broken("/sanctum", (401, 400))

    def test_better_auth(self):
        self.check_broken("/better-auth", (401, 400))

    def test_hashed(self):
        self.check_broken("/hashed", (403, 400))

    def test_plain(self):
        self.check_broken("/plain", (401, 400))

    def test_jwt(self):
        self.check_broken("/jwt", (401, 400))

    def test_chain(self):
        self.check_broken("/any", (401, 400))

    def test_session(self):
        self.check_broken("/session", (401,), "GET")

    def test_good_tokens_are_kept_too(self):
        """The session action and a refused channel tell who it is, and never the token."""
        self.system.db.execute(
            "INSERT INTO user (id, name, email, emailVerified) VALUES ('alice', 'A', 'a@x.example', 1);"
            "INSERT INTO session (id, token, userId, expiresAt)"
            " VALUES ('s-alice', 'alice-token', 'alice', '2037-01-01')")
        claims = jwt({"alg": "HS256"}, {"sub": "carl", "exp": 4102444800}, "")[:-1]
        mac = hmac.digest(SECRETS["JWT_SECRET"].encode(), claims.encode(), "sha256")
        good = {
            "/sanctum": "9|morph-plain", "/better-auth": sign("alice-token"), "/hashed": "Ben-Token",
            "/plain": "Ben-Token",
            "/jwt": f"{claims}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}",
        }
        replies = []
        for path, token in good.items():
            for asked, status in ((path, 403), ("/session", 200)):
                with self.subTest(path, asked=asked):
                    reply = self.mount.send(Request(
                        "GET" if status == 200 else "POST", asked,
                        [("Authorization", f"Bearer {token}"),
                         ("Content-Type", "application/x-www-form-urlencoded")], FIELDS.encode()))
                    replies.append(reply)
                    self.assertEqual(reply.status, status, str(reply))
        # and those that are like a stored one for the database only
        for path, token in (("/plain", "BEN-TOKEN"), ("/better-auth", "ALICE-TOKEN")):
            reply = self.mount.send(Request("POST", path, [
                ("Authorization", f"Bearer {token}"),
                ("Content-Type", "application/x-www-form-urlencoded")], FIELDS.encode()))
            replies.append(reply)
            self.assertEqual(reply.status, 401, str(reply))
        self.assertIn('"token_mismatch"', self.system.site.log_text())
        parts = ["BEN-TOKEN", "ALICE-TOKEN", "morph-plain", "alice-token", "Ben-Token", *good.values(),
                 *(hashlib.sha256(text).hexdigest() for text in (b"morph-plain", b"Ben-Token")),
                 good["/jwt"].rpartition(".")[2], sign("alice-token").rpartition(".")[2]]
        self.assert_kept([*parts, *SECRETS.values(), mariadb.PASSWORD], replies)


class _System(System):
    def configure(self, template=None, **values):
        super().configure(template, **SECRETS, **values)


if __name__ == "__main__":
    suite.main()
