"""Does a sign-in become a session that rotates, is listed, ends at once, and never comes back?"""

import concurrent.futures
import hashlib
import json
import pathlib
import subprocess
import sys
import time
import unittest
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import bridge, mariadb, suite
from harness.audit import AuditLog
from harness.bridge import CLAIMS, COOKIE, DESCRIPTION, EVIL, OURS, PAGE, REFRESH, SECRET, Browser
from harness.exchange import subscription
from harness.mount_socket import OwnSocket
from harness.site import Site
from harness.system import System
from harness.tokens import claims_of, header_of, hmac_token
from harness.waiting import wait_until

NEXT = "the-next-secret-of-at-least-32-bytes"


class Sessions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(
            cls, System(DESCRIPTION, values=bridge.values()))
        cls.db, cls.site = cls.system.db, cls.system.site
        cls.mount = suite.enter_for_class(cls, OwnSocket(cls.site, cls.system.scratch, workers=4))

    def setUp(self):
        self.site.forget_throttle()

    def browser(self):
        return Browser(self.mount)

    def sign_in(self, user="7", session=None, **claims):
        token = bridge.provider_token(user, session, **claims)
        browser = self.browser()
        reply = browser.bridge(token)
        self.assertEqual(reply.status, 200, reply)
        return browser, token, json.loads(reply.body)

    def with_settings(self, *words, grace="600s", more=""):
        """Processes with another configuration over the same tables."""
        site = self.enterContext(Site(self.system.scratch, f"site-{uuid.uuid4()}"))
        site.configure(DESCRIPTION.template, self.db,
                       **bridge.values(words or (OURS,), grace, more))
        return self.enterContext(OwnSocket(site, self.system.scratch))

    def key_file(self, name):
        path = self.site.path / name
        self.site.write_secret(path, subprocess.run(
            ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
            check=True, capture_output=True, text=True).stdout)
        return path

    def row(self, session, column):
        return self.db.value(f"SELECT {column} FROM user_sessions WHERE id = '{session}'")

    def test_a_bridge_answers_and_sets_cookies(self):
        token = hmac_token(SECRET, sub="7", session_id="s-1", **CLAIMS)
        browser = self.browser()
        reply = browser.bridge(token, [*PAGE, ("User-Agent", "A browser/1.0")])
        self.assertEqual(reply.status, 200, reply)
        answer = json.loads(reply.body)
        self.assertEqual(set(answer), {"success", "session", "access_token", "token_type",
                                       "expires_in"})
        self.assertIs(answer["success"], True)
        self.assertEqual(answer["token_type"], "Bearer")
        self.assertEqual(answer["expires_in"], 300)
        self.assertEqual(set(answer["session"]), {"id", "user_id", "created_at", "expires_at"})
        self.assertEqual(answer["session"]["user_id"], "7")
        self.assertEqual(reply.header("Cache-Control"), "no-store")
        self.assertEqual(reply.header("Access-Control-Allow-Credentials"), "true")
        first, second = reply.values("Set-Cookie")
        self.assertRegex(first, f"^{COOKIE}=[A-Za-z0-9_-]{{43}}; Path=/; Max-Age=1(728|727)[0-9]+; "
                         "HttpOnly; Secure; SameSite=Lax$")
        self.assertRegex(second, f"^{REFRESH}=[0-9a-f]{{32}}\\.1\\.[A-Za-z0-9_-]{{43}}; "
                         "Path=/api/auth/session; Max-Age=1(728|727)[0-9]+; "
                         "HttpOnly; Secure; SameSite=Strict$")
        self.assertEqual(self.row(answer["session"]["id"], "user_agent"), "A browser/1.0")
        claims = claims_of(answer["access_token"])
        self.assertEqual(claims["sub"], "7")
        self.assertEqual(claims["sid"], answer["session"]["id"])
        self.assertEqual(claims["iss"], "https://app.example")
        self.assertEqual(claims["aud"], "app")
        self.assertEqual(claims["exp"] - claims["iat"], 300)

    def test_only_hashes_are_stored(self):
        browser, _, answer = self.sign_in()
        dump = str(self.db.execute(
            f"SELECT *, HEX(cookie_hash), HEX(refresh_salt) FROM user_sessions WHERE id = "
            f"'{answer['session']['id']}'") + self.db.execute(
            f"SELECT *, HEX(token_hash) FROM refresh_tokens WHERE session_id = "
            f"'{answer['session']['id']}'"))
        for secret in browser.cookies.values():
            self.assertNotIn(secret, dump)
            self.assertIn(hashlib.sha256(secret.encode()).hexdigest().upper(), dump)

    def test_the_same_sign_in_is_the_same_session(self):
        first, token, answer = self.sign_in(session="again")
        second = self.browser()
        again = json.loads(second.bridge(token).body)
        self.assertEqual(again["session"], answer["session"])
        self.assertEqual(second.cookies, first.cookies)
        self.assertEqual(self.db.value(
            "SELECT COUNT(*) FROM user_sessions WHERE provider_session_id = 'again'"), "1")

    def test_many_bridges_at_once_make_one_session(self):
        token = hmac_token(SECRET, sub="9", session_id="at-once", **CLAIMS)
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            replies = list(pool.map(lambda _: self.browser().bridge(token), range(32)))
        self.assertEqual({reply.status for reply in replies}, {200})
        self.assertEqual(len({json.loads(reply.body)["session"]["id"] for reply in replies}), 1)
        self.assertEqual(len({tuple(reply.values("Set-Cookie"))[0][:80] for reply in replies}), 1)

    def test_a_session_of_somebody_else_is_not_taken_over(self):
        self.sign_in(user="7", session="mine")
        reply = self.browser().bridge(hmac_token(SECRET, sub="8", session_id="mine", **CLAIMS))
        self.assertEqual(reply.status, 401, reply)

    def test_tokens_that_are_refused(self):
        good = {"sub": "7", "session_id": "x", **CLAIMS}
        rows = {
            "no token": None,
            "another secret": hmac_token(SECRET + "x", **good),
            "anon key": hmac_token(SECRET, **{**good, "role": "anon", "sub": None}),
            "service key": hmac_token(SECRET, **{**good, "role": "service_role"}),
            "other issuer": hmac_token(SECRET, **{**good, "iss": "https://other.example"}),
            "other audience": hmac_token(SECRET, **{**good, "aud": "other"}),
            "anonymous user": hmac_token(SECRET, **good, is_anonymous=True),
            "another application": hmac_token(SECRET, **good, client_id="app-2"),
            "no subject": hmac_token(SECRET, **{**good, "sub": None}),
            "expired": hmac_token(SECRET, **good, exp=int(time.time()) - 60),
            "no expiry": hmac_token(SECRET, **good, exp=None),
            "no session": hmac_token(SECRET, **{**good, "session_id": None}),
            "empty session": hmac_token(SECRET, **{**good, "session_id": ""}),
            "long session": hmac_token(SECRET, **{**good, "session_id": "s" * 129}),
            "long subject": hmac_token(SECRET, **{**good, "sub": "u" * 65}),
            "alg none": hmac_token(SECRET, {"alg": "none"}, **good),
            "garbage": "x.y.z",
        }
        before = self.db.value("SELECT COUNT(*) FROM user_sessions")
        for name, token in rows.items():
            with self.subTest(name):
                self.site.forget_throttle()
                browser = self.browser()
                reply = (browser.bridge(token) if token
                         else browser.ask("POST", "/api/auth/session/bridge"))
                self.assertEqual(reply.status, 401, reply)
                self.assertEqual(json.loads(reply.body), {
                    "success": False, "message": "Unauthorized", "error": "UNAUTHORIZED"})
                self.assertEqual(browser.cookies, {})
        self.assertEqual(self.db.value("SELECT COUNT(*) FROM user_sessions"), before)

    def test_a_claim_that_says_no_refuses_nobody(self):
        self.sign_in(is_anonymous=False)

    def test_a_long_user_agent_is_cut_and_a_broken_one_left_out(self):
        for agent, kept in (("a" * 300, "a" * 255), ("\u00e4" * 200, "\u00e4" * 127)):
            token = hmac_token(SECRET, sub="7", session_id=str(uuid.uuid4()), **CLAIMS)
            reply = self.browser().bridge(token, [("User-Agent", agent.encode().decode("latin-1"))])
            self.assertEqual(reply.status, 200, reply)
            self.assertEqual(self.row(json.loads(reply.body)["session"]["id"], "user_agent"), kept)

    def test_refreshing_rotates(self):
        browser, _, answer = self.sign_in()
        old = browser.cookies[REFRESH]
        reply = browser.refresh()
        self.assertEqual(reply.status, 200, reply)
        self.assertNotEqual(browser.cookies[REFRESH], old)
        self.assertEqual(json.loads(reply.body)["session"], answer["session"])
        self.assertNotIn("refresh_token", json.loads(reply.body))
        self.assertEqual(self.db.execute(
            "SELECT generation, rotated_at IS NOT NULL FROM refresh_tokens WHERE session_id = "
            f"'{answer['session']['id']}' ORDER BY generation"), [["1", "1"], ["2", "0"]])
        self.assertEqual(browser.refresh().status, 200)

    def test_a_repeat_within_the_grace_interval_gets_the_same_successor(self):
        browser, _, _ = self.sign_in()
        other = browser.copy()
        self.assertEqual(browser.refresh().status, 200)
        self.assertEqual(other.refresh().status, 200)
        self.assertEqual(other.cookies[REFRESH], browser.cookies[REFRESH])

    def test_an_older_token_ends_the_session(self):
        browser, token, answer = self.sign_in()
        thief = browser.copy()
        browser.refresh()
        browser.refresh()
        log = AuditLog(self.site)
        reply = thief.refresh()
        self.assertEqual(reply.status, 401, reply)
        self.assertEqual(log.decision_of(reply)["event.reason"], "refresh_reused")
        self.assertEqual(thief.cookies, {})
        self.assertEqual(self.row(answer["session"]["id"], "revoke_reason"), "refresh_reused")
        self.assertEqual(browser.who().status, 401)
        self.assertEqual(browser.refresh().status, 401)
        self.assertEqual(self.browser().bridge(token).status, 401, "it must not come back")

    def test_without_grace_a_repeat_ends_the_session(self):
        mount = self.with_settings(grace="0s")
        browser, _, answer = self.sign_in()
        here = Browser(mount, browser.cookies)
        thief = here.copy()
        self.assertEqual(here.refresh().status, 200)
        time.sleep(0.01)
        self.assertEqual(thief.refresh().status, 401)
        self.assertEqual(here.refresh().status, 401)
        self.assertEqual(self.row(answer["session"]["id"], "revoke_reason"), "refresh_reused")

    def test_twenty_refreshes_at_once_are_one_rotation(self):
        for _ in range(5):
            browser, _, answer = self.sign_in()
            self.site.forget_throttle()
            tabs = [browser.copy() for _ in range(20)]
            with concurrent.futures.ThreadPoolExecutor(20) as pool:
                replies = list(pool.map(Browser.refresh, tabs))
            self.assertEqual([reply.status for reply in replies], [200] * 20)
            self.assertEqual(len({tab.cookies[REFRESH] for tab in tabs}), 1)
            self.assertEqual(self.row(answer["session"]["id"], "refresh_generation"), "2")

    def test_refresh_tokens_that_are_refused(self):
        browser, _, answer = self.sign_in()
        good = browser.cookies[REFRESH]
        session, _, mac = good.split(".")
        rows = {
            "nothing": {},
            "garbage": {REFRESH: "garbage"},
            "a generation to come": {REFRESH: f"{session}.2.{mac}"},
            "another session": {REFRESH: f"{'0' * 32}.1.{mac}"},
            "one bit": {REFRESH: good[:-1] + ("A" if good[-1] != "A" else "B")},
            "the other cookie": {REFRESH: browser.cookies[COOKIE]},
            "the plain name": {"castgate_refresh": good},
        }
        for name, cookies in rows.items():
            with self.subTest(name):
                self.site.forget_throttle()
                reply = Browser(self.mount, cookies).refresh()
                self.assertEqual(reply.status, 401, reply)
        self.assertIsNone(self.row(answer["session"]["id"], "revoked_at"))
        self.assertEqual(browser.refresh().status, 200)

    def test_a_token_deleted_by_the_operator_is_over(self):
        browser, _, answer = self.sign_in()
        self.db.execute(f"DELETE FROM refresh_tokens WHERE session_id = '{answer['session']['id']}'")
        self.assertEqual(browser.refresh().status, 401)

    def test_a_rotation_that_was_cut_short_is_finished_by_the_next(self):
        browser, _, answer = self.sign_in()
        session = answer["session"]["id"]
        other = browser.copy()
        browser.refresh()
        successor = browser.cookies[REFRESH]
        # as if the process had been killed between its two writes
        self.db.execute(f"UPDATE user_sessions SET refresh_generation = 1 WHERE id = '{session}';"
                        f"UPDATE refresh_tokens SET rotated_at = NULL WHERE session_id = '{session}'")
        self.assertEqual(other.refresh().status, 200)
        self.assertEqual(other.cookies[REFRESH], successor)
        self.assertEqual(self.row(session, "refresh_generation"), "2")

    def test_a_node_that_lags_is_an_outage(self):
        browser, _, answer = self.sign_in()
        session = answer["session"]["id"]
        browser.refresh()
        self.db.execute(f"UPDATE user_sessions SET refresh_generation = 1 WHERE id = '{session}'")
        reply = browser.refresh()
        self.assertEqual(reply.status, 503, reply)
        self.assertIn(REFRESH, browser.cookies)
        self.assertIsNone(self.row(session, "revoked_at"))

    def test_secrets_can_be_replaced(self):
        browser, token, _ = self.sign_in()
        mount = self.with_settings(NEXT, OURS)
        here = Browser(mount, browser.cookies)
        self.assertEqual(here.who().status, 200)
        self.assertEqual(here.bridge(token).status, 200)
        self.assertEqual(here.cookies[COOKIE], browser.cookies[COOKIE], "it is in use elsewhere")
        self.assertEqual(here.refresh().status, 200)
        later = self.with_settings(NEXT)
        there = Browser(later, here.cookies)
        self.assertEqual(there.refresh().status, 200)
        self.assertEqual(there.bridge(token).status, 200)
        self.assertEqual(there.who().status, 200)

    def test_who_am_i(self):
        browser, _, answer = self.sign_in()
        for reply in (browser.who(), self.browser().ask("GET", "/auth/session", None, [
                ("Authorization", f"Bearer {answer['access_token']}")])):
            self.assertEqual(reply.status, 200, reply)
            told = json.loads(reply.body)
            self.assertEqual(told["user"], {"id": "7"})
            self.assertEqual(told["session"]["id"], answer["session"]["id"])
        self.assertEqual(self.browser().who().status, 401)
        for token in (hmac_token(OURS, sid=answer["session"]["id"]),
                      hmac_token(OURS, {"kid": "other"}, sid=answer["session"]["id"]),
                      answer["access_token"][:-2]):
            reply = self.browser().ask("GET", "/auth/session", None,
                                       [("Authorization", f"Bearer {token}")])
            self.assertEqual(reply.status, 401, reply)
            self.assertEqual(json.loads(reply.body), {"message": "Invalid or expired session"})

    def test_keys_sign_and_are_published(self):
        old, new = self.key_file("old.pem"), self.key_file("new.pem")
        first = self.with_settings(more=f'access_keys = {{"file:{old}"}}')
        browser, token, answer = self.sign_in()
        here = Browser(first)
        issued = json.loads(here.bridge(token).body)["access_token"]
        keys = json.loads(here.ask("GET", "/.well-known/jwks.json").body)["keys"]
        self.assertEqual([set(key) for key in keys],
                         [{"kty", "crv", "alg", "use", "kid", "x", "y"}])
        self.assertEqual(header_of(issued), {"alg": "ES256", "typ": "JWT", "kid": keys[0]["kid"]})
        second = Browser(self.with_settings(more=f'access_keys = {{"file:{new}", "file:{old}"}}'))
        later = json.loads(second.ask("GET", "/.well-known/jwks.json").body)["keys"]
        self.assertEqual(later[1:], keys)
        for mount, accepted in ((first, issued), (first, answer["access_token"]), (second, issued)):
            reply = Browser(getattr(mount, "_mount", mount)).ask(
                "GET", "/auth/session", None, [("Authorization", f"Bearer {accepted}")])
            self.assertEqual(reply.status, 200, reply)
        self.assertEqual(self.browser().ask("GET", "/auth/session", None, [
            ("Authorization", f"Bearer {issued}")]).status, 401, "not a key of this configuration")
        self.assertEqual(json.loads(self.browser().ask("GET", "/.well-known/jwks.json").body),
                         {"keys": []})

    def test_keys_that_are_none_are_said_to_be(self):
        rsa = self.site.path / "rsa.pem"
        self.site.write_secret(rsa, subprocess.run(
            ["openssl", "genpkey", "-algorithm", "RSA"], check=True, capture_output=True,
            text=True).stdout)
        site = self.enterContext(Site(self.system.scratch, f"site-{uuid.uuid4()}"))
        for key, problem in ((f"file:{rsa}", "is no key on P-256, which ES256 needs"),
                             ("garbage", "is no private key in PEM without a passphrase")):
            site.configure(DESCRIPTION.template, self.db,
                           **bridge.values(more=f'access_keys = {{"{key}"}}'))
            done = site.tool("check")
            self.assertEqual(done.returncode, 1)
            self.assertIn(f'number 1 of "access_keys" {problem}', done.stderr)

    def test_a_session_opens_channels(self):
        browser, _, answer = self.sign_in(user="41")
        cookie = [("Cookie", f"{COOKIE}={browser.cookies[COOKIE]}")]
        for channel, token, headers, status in (
                ("private-mine-41", None, cookie, 200),
                ("private-mine-41", answer["access_token"], [], 200),
                ("private-mine-42", None, cookie, 403),
                ("private-mine-41", None, [], 401),
                ("private-mine-41", None, cookie + EVIL, 403)):
            reply = self.mount.send(subscription(channel, token, headers=headers))
            self.assertEqual(reply.status, status, reply)

    def test_logout_counts_from_the_next_request_on(self):
        browser, token, answer = self.sign_in()
        before = browser.copy()
        reply = browser.logout()
        self.assertEqual(reply.status, 200, reply)
        self.assertEqual(json.loads(reply.body), {"success": True})
        self.assertEqual(browser.cookies, {})
        for line in reply.values("Set-Cookie"):
            self.assertIn("Max-Age=0", line)
        self.assertEqual(before.who().status, 401)
        self.assertEqual(before.refresh().status, 401)
        self.assertEqual(self.mount.send(subscription(
            "private-mine-7", answer["access_token"])).status, 401)
        self.assertEqual(self.browser().bridge(token).status, 401)
        self.assertEqual(self.row(answer["session"]["id"], "revoke_reason"), "logout")
        self.assertEqual(before.copy().logout().status, 200, "again is as good as once")
        self.assertEqual(self.browser().logout().status, 200, "nobody is logged out already")

    def test_logout_with_the_refresh_token_alone(self):
        browser, _, answer = self.sign_in()
        reply = Browser(self.mount, {REFRESH: browser.cookies[REFRESH]}).logout()
        self.assertEqual(reply.status, 200)
        self.assertEqual(self.row(answer["session"]["id"], "revoke_reason"), "logout")

    def test_other_sites_can_do_nothing(self):
        browser, token, answer = self.sign_in()
        kept = dict(browser.cookies)
        for reply in (browser.refresh(EVIL), browser.logout(EVIL),
                      Browser(self.mount, {REFRESH: kept[REFRESH]}).logout(EVIL),
                      browser.ask("DELETE", "/api/auth/sessions", None, EVIL)):
            self.assertEqual(reply.status, 403, reply)
            self.assertEqual(reply.values("Set-Cookie"), [])
        self.assertEqual(browser.cookies, kept)
        self.assertIsNone(self.row(answer["session"]["id"], "revoked_at"))

    def test_other_sites_sign_nobody_in(self):
        """A form of theirs would leave the browser with the session of a user whom they chose."""
        token = hmac_token(SECRET, sub="7", session_id="theirs", **CLAIMS)
        for headers in (EVIL, [("Origin", "null")], [("Sec-Fetch-Site", "same-site")]):
            log = AuditLog(self.site)
            for reply in (self.browser().bridge(token, headers),
                          self.browser().ask("POST", "/api/auth/session/bridge",
                                             {"access_token": token}, headers)):
                self.assertEqual(reply.status, 403, reply)
                self.assertEqual(reply.values("Set-Cookie"), [])
                self.assertEqual(log.decision_of(reply)["event.reason"], "cross_site_request")
        self.assertEqual(self.db.value(
            "SELECT COUNT(*) FROM user_sessions WHERE provider_session_id = 'theirs'"), "0")

    def test_a_token_in_the_body_leaves_cookies_alone(self):
        browser, _, answer = self.sign_in()
        kept = dict(browser.cookies)
        self.assertEqual(browser.refresh(EVIL, refresh_token="garbage").status, 403)
        self.assertEqual(browser.refresh(refresh_token="garbage").status, 401)
        self.assertEqual(browser.cookies, kept)
        self.assertEqual(browser.refresh().status, 200)

    def test_a_user_sees_and_ends_own_sessions_only(self):
        user = str(uuid.uuid4())
        first, _, one = self.sign_in(user)
        second, _, two = self.sign_in(user)
        stranger, _, three = self.sign_in(str(uuid.uuid4()))
        listed = json.loads(first.ask("GET", "/api/auth/sessions").body)
        self.assertEqual({(entry["id"], entry["current"]) for entry in listed["sessions"]},
                         {(one["session"]["id"], True), (two["session"]["id"], False)})
        path = f"/api/auth/sessions/{three['session']['id']}"
        self.assertEqual(first.ask("GET", path).status, 404)
        self.assertEqual(first.ask("DELETE", path).status, 404)
        self.assertEqual(stranger.who().status, 200)
        path = f"/api/auth/sessions/{two['session']['id']}"
        self.assertEqual(first.ask("DELETE", path).status, 200)
        self.assertEqual(second.who().status, 401)
        self.assertEqual(first.ask("DELETE", path).status, 404)
        self.assertEqual(first.who().status, 200)
        for word in ("x", "'", one["session"]["id"].upper()):
            self.assertEqual(first.ask("DELETE", f"/api/auth/sessions/{word}").status, 404)
        third, _, _ = self.sign_in(user)
        reply = first.ask("DELETE", "/api/auth/sessions")
        self.assertEqual(json.loads(reply.body), {"success": True, "ended": 2})
        self.assertEqual(third.who().status, 401)
        self.assertEqual(first.cookies, {})

    def test_sessions_end_by_themselves(self):
        for column, moment in (("expires_at", "0 SECOND"), ("last_seen_at", "25 HOUR")):
            browser, token, answer = self.sign_in()
            self.db.execute(f"UPDATE user_sessions SET {column} = UTC_TIMESTAMP(3) - INTERVAL {moment}"
                            f" WHERE id = '{answer['session']['id']}'")
            self.assertEqual(browser.who().status, 401)
            self.assertEqual(browser.ask("GET", "/api/auth/sessions").status, 401)
            self.assertEqual(browser.copy().refresh().status, 401)
            self.assertEqual(self.browser().bridge(token).status, 401)

    def test_last_seen_is_written_once_a_minute(self):
        browser, _, answer = self.sign_in()
        session = answer["session"]["id"]
        before = self.row(session, "last_seen_at")
        browser.who()
        self.assertEqual(self.row(session, "last_seen_at"), before)
        self.db.execute("UPDATE user_sessions SET last_seen_at = last_seen_at - INTERVAL 61 SECOND "
                        f"WHERE id = '{session}'")
        before = self.row(session, "last_seen_at")
        browser.who()
        wait_until(lambda: self.row(session, "last_seen_at") != before)
        self.assertGreater(self.row(session, "last_seen_at"), before)

    def test_native_clients_get_their_token_in_the_body(self):
        token = hmac_token(SECRET, sub="7", session_id=str(uuid.uuid4()), **CLAIMS)
        client = self.browser()
        answer = json.loads(client.bridge(token, [], client="native").body)
        self.assertEqual(client.cookies, {})
        reply = client.refresh([], refresh_token=answer["refresh_token"])
        self.assertEqual(reply.status, 200, reply)
        self.assertEqual(client.cookies, {})
        self.assertNotEqual(json.loads(reply.body)["refresh_token"], answer["refresh_token"])
        page = self.browser()
        self.assertNotIn("refresh_token", json.loads(page.bridge(token, PAGE, client="native").body))

    def test_missing_tables_are_an_outage_that_names_the_cure(self):
        browser, token, _ = self.sign_in()
        kept = dict(browser.cookies)
        self.db.execute("RENAME TABLE user_sessions TO away")
        self.addCleanup(self.db.execute, "RENAME TABLE away TO user_sessions")
        log = AuditLog(self.site)
        replies = [browser.refresh(), browser.bridge(token), browser.logout()]
        for reply in replies:
            self.assertEqual(reply.status, 503, reply)
            self.assertEqual(json.loads(reply.body)["error"], "STORAGE_UNAVAILABLE")
            self.assertEqual(reply.values("Set-Cookie"), [])
        replies += [browser.who()]
        self.assertEqual(replies[-1].status, 503)
        self.assertEqual(browser.cookies, kept)
        for line in map(log.decision_of, replies):
            self.assertEqual(line["event.reason"], "table_missing")
            self.assertIn("sql/supabase", json.dumps(line))

    def test_the_cookie_shows_ones_own_rows_in_the_database(self):
        user = str(uuid.uuid4())
        browser, _, one = self.sign_in(user)
        _, _, two = self.sign_in(user)
        browser.refresh()
        cookie = browser.cookies[COOKIE]
        rows = {row[0]: row[-1] for row in self.db.execute(f"CALL castgate_own_sessions('{cookie}')")}
        self.assertEqual(rows, {one["session"]["id"]: "1", two["session"]["id"]: "0"})
        tokens = sorted(row[:2] for row in self.db.execute(f"CALL castgate_own_refresh_tokens('{cookie}')"))
        self.assertEqual(tokens, sorted([[one["session"]["id"], "1"], [one["session"]["id"], "2"],
                                         [two["session"]["id"], "1"]]))
        browser.logout()
        self.assertEqual(self.db.execute(f"CALL castgate_own_sessions('{cookie}')"), [])

    def test_the_tool_lists_ends_and_prunes(self):
        user = str(uuid.uuid4())
        first, _, one = self.sign_in(user)
        second, token, two = self.sign_in(user)
        ids = {answer["session"]["id"] for answer in (one, two)}
        done = self.site.tool("session", "list", "--user", user)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual({line.split()[0] for line in done.stdout.splitlines()}, ids)
        for argv, status, told in ((("--id", one["session"]["id"]), 0, "1 ended"),
                                   (("--id", one["session"]["id"]), 1, "session_revoked"),
                                   (("--id", "0" * 32), 1, "token_unknown"),
                                   (("--user", user), 0, "1 ended"),
                                   (("--user", user), 1, "0 ended"), ((), 2, "usage")):
            done = self.site.tool("session", "revoke", *argv)
            self.assertEqual(done.returncode, status, done)
            self.assertIn(told, done.stdout + done.stderr)
        self.assertEqual((first.who().status, second.who().status), (401, 401))
        self.assertEqual(self.row(two["session"]["id"], "revoke_reason"), "operator")
        third, _, three = self.sign_in(user)
        third.refresh()
        living, _, four = self.sign_in(user)
        living.refresh()
        self.db.execute("UPDATE user_sessions SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 40 DAY "
                        f"WHERE id IN ('{two['session']['id']}', '{three['session']['id']}');"
                        "UPDATE refresh_tokens SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 40 DAY "
                        f"WHERE session_id = '{four['session']['id']}' AND rotated_at IS NOT NULL")
        done = self.site.tool("session", "prune")
        self.assertEqual(done.returncode, 1, "this account must not delete")
        for table in ("user_sessions", "refresh_tokens"):
            self.db.execute(f"GRANT DELETE ON {table} TO '{mariadb.USER}'@'localhost'")
        done = self.site.tool("session", "prune")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, "1 refresh tokens and 1 sessions deleted\n")
        self.assertEqual(self.browser().bridge(token).status, 401, "revoked for good")
        self.assertEqual(living.refresh().status, 200)
        revoked = two["session"]["id"]
        for revoked_days, over_days, told in ((399, 40, 0), (401, 29, 0), (401, 31, 1)):
            self.db.execute(f"UPDATE user_sessions SET revoked_at = UTC_TIMESTAMP(3) - INTERVAL {revoked_days}"
                            f" DAY, expires_at = UTC_TIMESTAMP(3) - INTERVAL {over_days} DAY"
                            f" WHERE id = '{revoked}'")
            done = self.site.tool("session", "prune", "--forget-revoked-days", "400")
            self.assertEqual(done.stdout, "0 refresh tokens and 0 sessions deleted\n"
                             f"{told} revoked sessions forgotten\n", done.stderr)
        self.assertEqual(self.browser().bridge(token).status, 200, "what was promised was not true")
        for words in (("prune", "--forget-revoked-days", "-1"), ("list", "--user", user, "--keep-days", "1"),
                      ("prune", "--forget-revoked-days", "36501")):
            self.assertEqual(self.site.tool("session", *words).returncode, 2, words)

    def test_no_secret_reaches_the_log(self):
        browser, token, answer = self.sign_in()
        values = [*browser.cookies.values(), token, answer["access_token"], SECRET, OURS]
        browser.refresh()
        values.append(browser.cookies[REFRESH])
        browser.logout()
        text = self.site.log_text() + self.mount.log_text()
        for value in values:
            self.assertNotIn(value, text)


if __name__ == "__main__":
    suite.main()
