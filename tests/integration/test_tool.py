"""Does the operator's tool say what is wrong, with file and line, and do what its manual says?"""

import hashlib
import json
import os
import pathlib
import pwd
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, mariadb, places, suite
from harness.exchange import subscription
from harness.mount_cgi import DirectCgi
from harness.site import BRIEF_HOLD, PATIENT_HOLD
from harness.waiting import PATIENCE_SECONDS

TEMPLATE = pathlib.Path(__file__).resolve().parent / "tls.conf"


class Tool(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("tool", tcp=True))
        cls.site = cls.system.site
        # The tool's own account may also insert and delete tokens.
        cls.system.db.execute(f"GRANT INSERT, DELETE ON {mariadb.DATABASE}.personal_access_tokens "
                              f"TO '{mariadb.USER}'@'127.0.0.1';"
                              # With privileges by column, an unknown one is a denied one.
                              f"GRANT SELECT ON {mariadb.DATABASE}.conversations "
                              f"TO '{mariadb.USER}'@'127.0.0.1'")

    def setUp(self):
        self.configure(self.system.db.port)

    def configure(self, port, hold=PATIENT_HOLD):
        self.system.configure(TEMPLATE, hold=hold, TLS="off", TLS_CA="",
                              HOSTS=f'{{"127.0.0.1:{port}"}}')
        self.state = f'state_dir = "{self.system.scratch.path}/tool-state"\n'
        self.site.write_secret(self.site.config, self.state + self.site.config.read_text())

    def change(self, old, new):
        """Replace one piece of the configuration; the line it stands in."""
        text = self.site.config.read_text()
        self.assertEqual(text.count(old), 1, old)
        self.site.write_secret(self.site.config, text.replace(old, new))
        return text[:text.index(old)].count("\n") + 1

    def run_tool(self, *words, stdin=""):
        return subprocess.run(
            [places.built("castgate"), *words, "--config", self.site.config], input=stdin,
            capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)

    def assert_check_says(self, line, pattern):
        done = self.run_tool("check")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        where = re.escape(f"{self.site.config}:{line}: error: ")
        self.assertRegex(done.stderr, where + pattern)

    def test_a_good_configuration_is_ok(self):
        done = self.run_tool("check")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.splitlines()[-1], "ok")
        self.assertEqual(done.stderr, "")

    def test_without_a_state_folder_there_is_a_warning(self):
        home = pathlib.Path(pwd.getpwuid(os.geteuid()).pw_dir)
        if (home / ".castgate").exists() or pathlib.Path("/run/castgate").exists():
            self.skipTest("this machine has one where it is looked for by default")
        self.change(self.state, "")
        done = self.run_tool("check")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("processes cannot keep to max_connections together", done.stderr)

    def test_an_unknown_column_is_named_with_its_line(self):
        line = self.change("c.company_id AS company", "c.company AS company")
        self.assert_check_says(line, ".*(Unknown column 'c.company'|denied .* for column 'company')")

    def test_a_missing_table_is_named_with_its_line(self):
        self.change("JOIN conversation_participants p", "JOIN no_such_table p")
        line = self.site.config.read_text().count("\n", 0, self.site.config.read_text().index("allow"))
        self.assert_check_says(line + 1, ".*no_such_table")

    def test_an_unproven_parameter_is_named(self):
        line = self.change("c.id AS conversation, ", "")
        self.assert_check_says(line, '.*":conversation" is not proven')

    def test_an_expression_proves_nothing(self):
        line = self.change("c.id AS conversation", "c.id + 0 AS conversation")
        self.assert_check_says(line, '.*":conversation" is not proven')

    def test_a_cast_proves_nothing(self):
        line = self.change("p.user_id AS user", "CAST(p.user_id AS CHAR) AS user")
        self.assert_check_says(line, '.*":user" is not proven')

    def test_unproven_by_name_is_accepted(self):
        self.change("c.id AS conversation, ", "")
        self.change('allow = "', 'unproven = {"conversation"}\n\t\tallow = "')
        self.assertEqual(self.run_tool("check").returncode, 0)

    def test_an_unknown_parameter_is_named(self):
        self.change("p.user_id = :user\"", "p.user_id = :user AND :nobody = 1\"")
        done = self.run_tool("check")
        self.assertIn('unknown parameter ":nobody"', done.stderr)

    def test_what_changes_data_is_refused(self):
        self.change("p.user_id = :user\"", "p.user_id = :user FOR UPDATE\"")
        self.assertIn("locking read", self.run_tool("check").stderr)

    def test_a_missing_token_table_is_told(self):
        self.change('kind = "sanctum"', 'kind = "sanctum"\n\ttable = "no_such_tokens"')
        done = self.run_tool("check")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no_such_tokens", done.stderr)

    def test_an_unknown_directive_is_named(self):
        line = self.change('dialect = "laravel"', 'dialekt = "laravel"')
        self.assert_check_says(line, ".*dialekt.*dialect")

    def test_a_secret_for_everybody_is_refused(self):
        self.site.config.chmod(0o644)
        self.assertIn("chmod", self.run_tool("check").stderr)
        self.assertEqual(DirectCgi(self.site).__enter__().send(
            subscription(laravel.CHANNEL, laravel.ALICE)).status, 503)

    def test_clients_are_for_those_who_watch(self):
        self.change('endpoint "/broadcasting/auth" {',
                    'endpoint "/broadcasting/auth" {\n\tclients = {"192.0.2.0/24"}')
        self.assertIn('"clients" is for live, ready and metrics, not for channel-auth',
                      self.run_tool("check").stderr)

    def test_a_database_away_is_told_apart_from_a_wrong_rule(self):
        self.configure(1, BRIEF_HOLD)
        done = self.run_tool("check")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot reach the database", done.stderr)
        self.assertEqual(self.run_tool("check", "--offline").returncode, 0)

    def test_check_tells_what_it_stands_on(self):
        done = self.run_tool("check")
        self.assertRegex(done.stdout, r"(?m)^state +\S+/tool-state  \(throttle and connections are counted by all")
        self.assertRegex(done.stdout, r"(?m)^clock +the database is [+-]\d\.\d s from this machine; its time zone ")

    def test_a_rule_without_an_index_is_a_warning(self):
        self.system.db.execute("CREATE TABLE IF NOT EXISTS loose AS SELECT c.id, c.company_id, p.user_id"
                               " FROM conversations c JOIN conversation_participants p")
        self.system.db.grant()
        text = self.site.config.read_text()
        allow = re.search(r'allow = "([^"]*)"', text).group(1)
        self.change(allow, "SELECT l.id AS conversation, l.company_id AS company, l.user_id AS user"
                    " FROM loose l WHERE l.id = :conversation AND l.company_id = :company"
                    " AND l.user_id = :user")
        done = self.run_tool("check")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r":\d+: warning: the statement reads the whole table l: no index")

    def test_needless_grants_are_a_warning_without_the_accounts_hash(self):
        account = f"'{mariadb.USER}'@'127.0.0.1'"
        self.system.db.execute(f"GRANT DROP, SELECT ON {mariadb.DATABASE}.* TO {account}")
        try:
            done = self.run_tool("check")
        finally:
            self.system.db.execute(f"REVOKE DROP, SELECT ON {mariadb.DATABASE}.* FROM {account}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"more than castgate needs: DROP on `\w+`\.\*;")
        self.assertNotRegex(done.stdout + done.stderr, r"\*[0-9A-F]{40}|IDENTIFIED")

    def test_sign_gives_what_the_responder_would(self):
        done = self.run_tool("sign", "--socket-id", "1234.5678", "--channel", laravel.CHANNEL)
        reply = DirectCgi(self.site).__enter__().send(
            subscription(laravel.CHANNEL, laravel.ALICE))
        self.assertEqual(reply.status, 200)
        self.assertEqual(json.loads(done.stdout), json.loads(reply.body))
        for words in (("--socket-id", "x", "--channel", "private-a"),
                      ("--socket-id", "1.1", "--channel", "private:a"),
                      ("--socket-id", "1.1", "--channel", "presence-a"),
                      ("--socket-id", "1.1", "--channel", "public")):
            with self.subTest(" ".join(words)):
                refused = self.run_tool("sign", *words)
                self.assertEqual(refused.returncode, 1)
                self.assertEqual(refused.stdout, "")

    def test_tokens_are_made_inspected_and_revoked(self):
        made = self.run_tool("token", "create", "--owner", "1", "--name", "phone",
                             "--expires-in", "1h")
        self.assertEqual(made.returncode, 0, made.stderr)
        token = made.stdout.strip()
        number, plain = token.split("|")
        self.assertRegex(plain, r"^[A-Za-z0-9]{40}[0-9a-f]{8}$")
        row = self.system.db.execute(
            "SELECT token, name, tokenable_type, tokenable_id, abilities, expires_at > NOW() "
            f"FROM personal_access_tokens WHERE id = {number}")[0]
        self.assertEqual(row[0], hashlib.sha256(plain.encode()).hexdigest())
        self.assertEqual(row[1:5], ["phone", r"App\\Models\\User", "1", '["*"]'])

        seen = self.run_tool("token", "inspect", stdin=token)
        self.assertEqual(seen.returncode, 0, seen.stderr)
        self.assertRegex(seen.stdout, rf"(?m)^token +{number}$")
        cgi = DirectCgi(self.site).__enter__()
        self.assertEqual(cgi.send(subscription(laravel.CHANNEL, token)).status, 200)

        self.assertEqual(self.run_tool("token", "revoke", "--id", number).returncode, 0)
        self.assertEqual(cgi.send(subscription(laravel.CHANNEL, token)).status, 401)
        gone = self.run_tool("token", "inspect", stdin=token)
        self.assertEqual(gone.returncode, 2)
        self.assertIn("token_unknown", gone.stdout)
        self.assertEqual(self.run_tool("token", "revoke", "--id", number).returncode, 1)
        self.assertNotIn(plain, gone.stdout + gone.stderr + self.site.log_text())

    def test_tokens_are_not_made_for_nobody(self):
        for words in (("--owner", "999"), ("--owner", "1abc"), ("--owner", "1", "--expires-in", "x"),
                      ("--owner", "1", "--owner-type", "No\\Such")):
            with self.subTest(" ".join(words)):
                done = self.run_tool("token", "create", *words)
                self.assertNotEqual(done.returncode, 0)
                self.assertEqual(done.stdout, "")
                self.assertTrue(done.stderr)

    def test_show_config_shows_what_decides_about_one_channel(self):
        done = self.run_tool("show-config", "--effective", "--for", f"channel={laravel.CHANNEL}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"what decides at /broadcasting/auth by the rule \S+:\d+\n")
        self.assertEqual(re.findall(r"(?m)^(?:endpoint|credential|app) .*|^\tchannel .*", done.stdout),
                         re.findall(r'(?m)^app .*|^credential "sanctum" .*', done.stdout) + [
                             'endpoint "/broadcasting/auth" {',
                             '\tchannel "chat.{company:id}.conversation.{conversation:id}" {'])
        line = re.search(r"(?m)^\t# \S+:(\d+)\n\tchannel ", done.stdout).group(1)
        self.assertIn("chat.{company:id}", self.site.config.read_text().splitlines()[int(line) - 1])
        self.assertNotIn(laravel.KEYS.secret, done.stdout)
        elsewhere = self.run_tool("show-config", "--for", f"channel={laravel.CHANNEL}",
                                  "--for", "endpoint=/broadcasting/auth")
        self.assertEqual(elsewhere.stdout, done.stdout)
        for words in (["--for", "channel=private-payroll"],
                      ["--for", f"channel={laravel.CHANNEL}", "--for", "endpoint=/nowhere"]):
            done = self.run_tool("show-config", *words)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("no rule matches", done.stderr)
        for words in (["--for", "channel="], ["--for", "endpoint=/a"], ["--for", "user=1"]):
            self.assertEqual(self.run_tool("show-config", *words).returncode, 2)

    def test_show_config_masks_secrets(self):
        done = self.run_tool("show-config")
        self.assertEqual(done.returncode, 0, done.stderr)
        for secret in ("thisisasecret", mariadb.PASSWORD):
            self.assertNotIn(secret, done.stdout)
        self.assertIn("********", done.stdout)
        self.assertIn("thisisaauthkey", done.stdout)

    def test_wrong_command_lines_are_told(self):
        program = places.built("castgate")
        for words in ([], ["nonsense"], ["check", "more"], ["sign"], ["token"], ["token", "create"],
                      ["token", "revoke"], ["version", "more"], ["show-config", "--what"]):
            with self.subTest(" ".join(words)):
                done = subprocess.run([program, *words], capture_output=True, text=True,
                                      stdin=subprocess.DEVNULL, timeout=PATIENCE_SECONDS, check=False)
                self.assertEqual(done.returncode, 2)
                self.assertIn("usage", done.stderr)


if __name__ == "__main__":
    suite.main()
