"""Does each recipe work as it is shipped, once its database and its secrets are there?

laravel-reverb.conf is used by test_laravel_env.py, and better-auth.conf against the real better-auth.
"""

import json
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import (bridge, case_file, expectations, hotel, mounts, nextjs, orders, places, suite,
                     supabase)
from harness.audit import AuditLog
from harness.exchange import Request
from harness.mount_memory import Memory
from harness.system import System
from harness.tokens import EcKey, header_of, hmac_token, key_set

RECIPES = places.SOURCE / "recipes"
MASTER_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


def recipe(description):
    return (RECIPES / f"{description.name}.conf").read_text()


def sections(text, *kinds):
    """The top-level sections of these kinds, without comments and white space at line ends."""
    text = re.sub(r"(?m)^\s*#.*\n", "", text)
    return re.findall(rf"(?ms)^(?:{'|'.join(kinds)})\b.*?^}}$", text)


class Recipe:
    """What holds for every recipe."""

    description = None
    secrets = {}
    never_logged = ()
    not_found = None
    # as many as the recipe's own throttle lets through at once
    replayed = 25

    @classmethod
    def setUpClass(cls):
        name = f"{cls.description.name}-recipe"
        cls.system = suite.enter_for_class(cls, System(cls.description, name))
        site = cls.system.site
        for file, text in cls.secrets.items():
            site.write_secret(site.path / file, text + "\n")

    def configure(self, *replacements):
        """Use the shipped text with the tests' database, log and state."""
        own = sections(self.description.template.read_text(), "database")[0]
        text, found = re.subn(r"(?ms)^database \{.*?^\}$", lambda _: own,
                              recipe(self.description))
        self.assertEqual(found, 1)
        text = re.sub(r"(?m)^audit = .*\n", "", text)
        for old, new in replacements:
            self.assertEqual(text.count(old), 1, old)
            text = text.replace(old, new)
        template = self.system.scratch.path / "recipe.conf"
        template.write_text('log = "@LOG@"\nstate_dir = "@STATE@"\n' + text)
        self.system.configure(template)
        self.log = AuditLog(self.system.site)

    def mount(self, *replacements):
        self.configure(*replacements)
        mount = Memory(self.system.site)
        mount.__enter__()
        self.addCleanup(mount.__exit__, None, None, None)
        return mount

    def test_check_finds_nothing_wrong_with_it(self):
        self.configure()
        done = self.system.site.tool("check")
        # A coverage build says so where it may not write its counts.
        told = [line for line in done.stderr.splitlines() if not line.startswith("profiling:")]
        self.assertEqual((done.returncode, told), (0, []), done.stdout)

    def test_its_rules_decide_what_is_expected_of_them(self):
        expect = RECIPES / f"{self.description.name}.expect"
        if not expect.exists():
            return
        self.configure()
        with expectations.fixtures_allowed(self.system):
            done = expectations.run_shipped(self.system.site, expect)
        self.assertEqual((done.returncode, expectations.summary(done)),
                         (0, (expectations.count(expect.read_text()), 0, 0)),
                         done.stdout + done.stderr)

    def test_it_is_said_to_be_served(self):
        self.assertIn("Served by this version in full.", recipe(self.description))
        self.assertNotIn("not served", recipe(self.description).lower())

    def test_the_conformance_tests_are_about_it(self):
        """Their credentials and endpoints are the recipe's, but for secrets and throttle."""
        def essential(text):
            text = re.sub(r"(?ms)^\tthrottle \{.*?^\t\}\n", "", text)
            text = re.sub(r"secrets = \{.*\}", "", text)
            return sections(text, "credential", "endpoint")
        tested = essential(self.description.template.read_text())
        self.assertTrue(essential(recipe(self.description)))
        for section in essential(recipe(self.description)):
            self.assertIn(section, tested)

    def test_it_answers_as_the_conformance_tests_say(self):
        mount = self.mount()
        cases = case_file.read(self.description.cases, self.description.keys)
        self.log.decisions(0)
        for case in [case for case in cases if not case.mounts][:self.replayed]:
            with self.subTest(case.name):
                self.assertEqual(case_file.mismatches(case, mount.send(case.request)), [])
        many = self.replayed // 2 + 1
        self.assertGreaterEqual(len(self.log.decisions(many)), many)
        written = self.system.site.log_text()
        for secret in (*self.secrets.values(), *self.never_logged):
            self.assertNotIn(secret, written)


    def test_another_path_is_refused_in_its_dialect(self):
        reply = self.mount().send(Request("POST", "/nowhere"))
        self.assertEqual((reply.status, reply.header("Content-Type"), reply.body), self.not_found)


class HotelGuest(Recipe, unittest.TestCase):
    description = hotel.DESCRIPTION
    secrets = {"pusher.secret": "hotel-secret", "database.password": "unused"}
    not_found = (404, "application/json", b'{"error":"Not Found"}')
    never_logged = ("valid_guest_token", "roomless", "a+b /=&c", "token=")

    def test_who_asks_too_often_is_told_so(self):
        mount = self.mount()
        request = case_file.read(self.description.cases, self.description.keys)[0].request
        # 30 at once, and one more each second; the other tests may have used some
        for reply in (mount.send(request) for _ in range(90)):
            if reply.status == 429:
                break
            self.assertEqual(reply.status, 200)
        self.assertEqual((reply.status, reply.body), (429, b'{"error":"Too Many Requests"}'))
        self.assertTrue(reply.header("Retry-After"))

    def test_web_servers_hand_over_the_paths_of_all_hotels(self):
        pattern = hotel.PATH.format("[a-z0-9-]+")
        self.assertIn(pattern[1:], recipe(self.description))
        self.configure(("requests = 60", "failures = off"), ("burst = 30", ""))
        self.system.site.paths = (pattern,)
        cases = {case.name: case for case in
                 case_file.read(self.description.cases, self.description.keys)}
        for name in ("apache-fcgid", "apache-proxy-htaccess", "lighttpd-fastcgi", "nginx"):
            with self.subTest(name), mounts.mount(
                    name, self.system.site, self.system.scratch) as mount:
                for case in ("own-booking", "same-booking-number-elsewhere", "trailing-slash",
                             "unknown-hotel"):
                    self.assertEqual(case_file.mismatches(
                        cases[case], mount.send(cases[case].request)), [], case)


class CustomOrders(Recipe, unittest.TestCase):
    description = orders.DESCRIPTION
    secrets = {"soketi.secret": "orders-secret", "master.key": MASTER_KEY,
               "database.password": "unused"}
    not_found = (404, "application/json", b'{"message":"Not Found"}')
    never_logged = ("kim-plain", "ada-plain")


class NextjsSockudo(Recipe, unittest.TestCase):
    description = nextjs.DESCRIPTION
    secrets = {"sockudo.secret": "sockudo-secret", "better-auth.secret": nextjs.SECRET,
               "database.password": "unused"}
    not_found = (404, "text/plain", b"Not Found")
    never_logged = ("alice-token", "bob-token")

    def ask(self, mount, channel, user="alice"):
        return mount.send(Request("POST", nextjs.PATH, [
            ("Authorization", f"Bearer {nextjs.signed(user + '-token')}")],
            f"socket_id=1234.5678&channel_name={channel}".encode()))

    def test_developers_learn_which_check_failed(self):
        mount = self.mount(('endpoint "', 'development = true\n'
                            'development_clients = {"127.0.0.1"}\nendpoint "'))
        for user, channel, code, word in (
                ("alice", nextjs.channel(99), "SESSION_NOT_FOUND", "No session"),
                ("alice", nextjs.channel(2), "SESSION_NOT_FOUND", "No session"),
                ("oscar", nextjs.channel(5), "SESSION_NOT_FOUND", "tenant"),
                ("olga", nextjs.channel(3), "USER_MISMATCH", "another user"),
                ("alice", "private-other", "CHANNEL_FORBIDDEN", "No channel rule"),
                ("alice", "private-session-", "CHANNEL_FORBIDDEN", "No channel rule")):
            reply = self.ask(mount, channel, user)
            answer = json.loads(reply.body)
            self.assertEqual((reply.status, list(answer), answer["code"]),
                             (403, ["code", "message"], code), channel)
            self.assertIn(word, answer["message"])
            line = self.log.decision_of(reply)
            self.assertEqual(line.get("castgate.deny"),
                             None if code == "CHANNEL_FORBIDDEN" else code)
        self.assertEqual(self.ask(mount, nextjs.channel(1)).status, 200)

    def test_pages_of_other_sites_use_up_nobodys_failures(self):
        mount = self.mount(("\tcors_origins", "\tthrottle { failures = 4 }\n\tcors_origins"))
        cookie = ("Cookie", f"better-auth.session_token={nextjs.signed('alice-token')}")
        body = f"socket_id=1234.5678&channel_name={nextjs.channel(1)}".encode()
        for _ in range(10):
            reply = mount.send(Request("POST", nextjs.PATH, [
                cookie, ("Origin", "https://evil.example")], body))
            self.assertEqual((reply.status, reply.body), (403, b'"Forbidden"'))
        self.assertEqual(mount.send(Request("POST", nextjs.PATH, [cookie], body)).status, 200)

    def test_a_broken_configuration_is_503_in_its_dialect(self):
        mount = self.mount(("AND s.user_id = :user\"", "AND s.user_id = :nobody\""))
        reply = self.ask(mount, nextjs.channel(1))
        self.assertEqual((reply.status, reply.body), (503, b"Service Unavailable"))
        self.assertEqual(self.log.decision_of(reply)["event.reason"], "configuration_broken")

    def test_missing_keys_are_told_last(self):
        env = self.system.site.path / "keyless.env"
        self.system.site.write_secret(env, "BROADCAST_CONNECTION=pusher\n")
        app = sections(recipe(self.description), "app")[0]
        mount = self.mount((app, f'laravel_env = "{env}"'), ('app = "main"', 'app = "laravel"'))
        for reply, status, body in (
                (mount.send(Request("POST", nextjs.PATH, [], b"")), 401, b"Unauthorized"),
                (self.ask(mount, ""), 400, b"Bad Request"),
                (self.ask(mount, "private-other"), 403, b'"Forbidden"'),
                (self.ask(mount, nextjs.channel(2)), 403, b'"Forbidden"'),
                (self.ask(mount, nextjs.channel(1)), 503, b"Service Unavailable")):
            self.assertEqual((reply.status, reply.body), (status, body))
        self.assertEqual(self.log.decision_of(reply)["event.reason"], "app_keys_missing")


class SupabaseBridge(Recipe, unittest.TestCase):
    """Its provider's key set is a file here, since nobody publishes one."""

    description = supabase.DESCRIPTION
    secrets = {"supabase.jwt-secret": bridge.SECRET, "session.secret": bridge.OURS,
               "database.password": "unused"}
    not_found = (404, "application/json", b'{"message":"Not Found"}')
    claims = {**bridge.CLAIMS, "iss": "https://project.supabase.co/auth/v1", "sub": "visitor"}
    page = [("Origin", "https://app.example.org"), ("Sec-Fetch-Site", "same-site")]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.site = cls.system.site
        cls.key = EcKey(cls.system.scratch.path, "current")
        cls.site.write_secret(cls.site.path / "access-key.pem", subprocess.run(
            ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
            check=True, capture_output=True, text=True).stdout)
        (cls.site.path / "keys.json").write_bytes(key_set(cls.key))

    def configure(self, *replacements):
        super().configure(("https://project.supabase.co/auth/v1/.well-known/jwks.json",
                           str(self.site.path / "keys.json")), *replacements)

    def test_the_conformance_tests_are_about_it(self):
        """Their endpoints and actions are the recipe's."""
        def actions(text):
            return sorted(re.findall(r'(?m)^endpoint (.*) \{\n\taction = (.*)$', text))
        self.assertEqual(actions(recipe(self.description)),
                         actions(self.description.template.read_text()))
        self.assertEqual(len(actions(recipe(self.description))), 7)

    def test_it_answers_as_the_conformance_tests_say(self):
        """From a sign-in, whichever way its token is signed, to the end of the session."""
        mount = self.mount()
        legacy = hmac_token(bridge.SECRET, **self.claims, session_id="one")
        modern = self.key.token(**self.claims, session_id="one")
        phone, laptop = bridge.Browser(mount), bridge.Browser(mount)
        answers = [json.loads(phone.bridge(token, self.page).body) for token in (legacy, modern)]
        self.assertEqual(answers[0]["session"], answers[1]["session"])
        self.assertEqual(answers[0]["expires_in"], 600)
        other = hmac_token(bridge.SECRET, **self.claims, session_id="two")
        self.assertEqual(laptop.bridge(other, self.page).status, 200)
        keys = json.loads(phone.ask("GET", "/.well-known/jwks.json").body)["keys"]
        access = answers[0]["access_token"]
        self.assertEqual([key["kid"] for key in keys], [header_of(access)["kid"]])
        self.assertEqual(phone.refresh(self.page).status, 200)
        for client, headers in ((phone, []),
                                (bridge.Browser(mount), [("Authorization", f"Bearer {access}")])):
            reply = client.ask("GET", "/auth/session", None, headers)
            self.assertEqual(json.loads(reply.body)["user"], {"id": "visitor"})
        listed = json.loads(phone.ask("GET", "/api/auth/sessions").body)["sessions"]
        self.assertEqual(sorted(entry["current"] for entry in listed), [False, True])
        self.assertEqual(phone.ask("DELETE", f"/api/auth/sessions/{listed[0]['id']}", None,
                                   self.page).status, 200)
        self.assertEqual(sorted((phone.who().status, laptop.who().status)), [200, 401])
        for client in (phone, laptop):
            self.assertEqual(client.logout(self.page).status, 200)
        for token in (legacy, modern, other):
            self.assertEqual(bridge.Browser(mount).bridge(token, self.page).status, 401)
        written = self.site.log_text()
        for secret in (*self.secrets.values(), legacy, modern, access):
            self.assertNotIn(secret, written)


if __name__ == "__main__":
    suite.main()
