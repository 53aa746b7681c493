"""Does the shipped recipe work with nothing but an application's .env and tables?

recipes/laravel-reverb.conf is used as it is, but for the path of the .env and times for a busy machine.
"""

import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import expectations, laravel, mariadb, mounts, places, suite, ticket
from harness.exchange import Request, subscription
from harness.explain import explain
from harness.site import patient

RECIPE = places.SOURCE / "recipes" / "laravel-reverb.conf"
ENV = r"""
APP_NAME="A chat"
export APP_URL=http://localhost   # the site
BROADCAST_CONNECTION=reverb

DB_CONNECTION=mysql
DB_SOCKET={socket}
DB_DATABASE={database}
DB_USERNAME={user}
DB_PASSWORD='{password}'

REVERB_APP_ID=1
REVERB_APP_KEY=key-${{REVERB_APP_ID}}
REVERB_APP_SECRET="s\"e#c ret"
"""
KEY, SECRET = "key-1", 's"e#c ret'


class Recipe(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("env"))
        site, db = cls.system.site, cls.system.db
        env = site.path / "application.env"
        site.write_secret(env, ENV.format(socket=db.socket, database=mariadb.DATABASE,
                                          user=mariadb.USER, password=mariadb.PASSWORD))
        recipe = RECIPE.read_text()
        assert recipe.count('laravel_env = "/home/u/app/.env"') == 1
        site.write_secret(site.config, patient(
            f'state_dir = "{site.state}"\ndatabase {{\n}}\n' + recipe.replace("/home/u/app/.env", str(env))))

    def test_the_recipe_passes_the_check(self):
        done = self.system.site.tool("check")
        # A coverage build says so where it may not write its counts.
        told = [line for line in done.stderr.splitlines() if not line.startswith("profiling:")]
        self.assertEqual((done.returncode, told), (0, []), done.stdout)

    def test_its_rules_decide_what_is_expected_of_them(self):
        expect = RECIPE.with_suffix(".expect")
        with expectations.fixtures_allowed(self.system):
            done = expectations.run_shipped(self.system.site, expect)
        self.assertEqual((done.returncode, expectations.summary(done)),
                         (0, (expectations.count(expect.read_text()), 0, 0)),
                         done.stdout + done.stderr)

    def test_the_readme_shows_what_explain_prints(self):
        """But for the file's name and lines, and for times."""
        shown = re.search(r"(?ms)^\$ castgate explain (.*?) < token\n(.*?)^```",
                          (places.SOURCE / "README.md").read_text())
        told = explain(self.system.site, *shown.group(1).split(), stdin=laravel.ALICE.encode())

        def essential(text):
            text = re.sub(r"\S*castgate\.conf:\d+", "FILE:LINE", text)
            return re.sub(r"\d+\.\d ms|(?:never|last) used\b.*", "...", text)
        self.assertEqual(essential(told.stdout.decode()), essential(shown.group(2)))

    def test_show_config_hides_what_the_env_holds(self):
        shown = self.system.site.tool("show-config")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn(KEY, shown.stdout)
        for secret in (SECRET, "e#c ret", mariadb.PASSWORD):
            self.assertNotIn(secret, shown.stdout)

    def test_a_subscription_through_each_kind_of_mount(self):
        for name in ("cgi", "apache-fcgid", "lighttpd-fastcgi"):
            with self.subTest(name), mounts.mount(
                    name, self.system.site, self.system.scratch) as mount:
                reply = mount.send(subscription(laravel.CHANNEL, laravel.ALICE))
                self.assertEqual(reply.status, 200, str(reply))
                ticket.check(reply.body, KEY, SECRET, "1234.5678", laravel.CHANNEL)
                self.assertEqual(mount.send(
                    subscription(laravel.CHANNEL, "18|bob-plain")).status, 403)
                user = mount.send(Request("POST", "/broadcasting/user-auth", [
                    ("Authorization", "Bearer 11|zoe-plain")], b"socket_id=1.2"))
                answer = ticket.check(user.body, KEY, SECRET, "1.2", None)
                self.assertEqual(answer["user_data"], '{"id":"2","name":"Zo\\u00eb\\/\\u00e9"}')

    def test_presence_of_the_company(self):
        with mounts.mount("memory", self.system.site, self.system.scratch) as mount:
            reply = mount.send(subscription("presence-company.6", laravel.ALICE))
            answer = ticket.check(reply.body, KEY, SECRET, "1234.5678", "presence-company.6")
            self.assertEqual(
                answer["channel_data"],
                r'{"user_id":"1","user_info":{"name":"Alice","role":"owner\/\"chief\""}}')


if __name__ == "__main__":
    suite.main()
