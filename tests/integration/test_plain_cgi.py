"""Does a process that answers one request save itself work without deciding otherwise?"""

import pathlib
import socket
import struct
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, suite
from harness.exchange import parse_cgi, subscription
from harness.mount_cgi import DirectCgi, cgi_environment
from harness.mount_memory import Memory
from harness.waiting import PATIENCE_SECONDS

GOOD = subscription(laravel.CHANNEL, laravel.ALICE)

# What the captures are is not what the columns are.
ROOMS = """
	channel "code.{code:id}" {
		allow = "SELECT r.code AS code, r.owner AS user FROM rooms r
			  WHERE r.code = :code AND r.owner = :user"
	}
	channel "floor.{floor}" {
		allow = "SELECT r.floor AS floor, r.owner AS user FROM rooms r
			  WHERE r.floor = :floor AND r.owner = :user"
	}
	channel "gone.{gone:id}" {
		allow = "SELECT r.gone AS gone, r.owner AS user FROM no_rooms r
			  WHERE r.gone = :gone AND r.owner = :user"
	}
}

endpoint "/broadcasting/user-auth" {"""
OWN_TABLE = """CREATE TABLE rooms (code VARCHAR(20), floor INT, owner BIGINT UNSIGNED)
    ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"""

AGREED_WORD = 14  # SHARED_CONFIG_AGREED, after the word of the layout


class PlainCgi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("plain-cgi"))
        cls.db, cls.site = cls.system.db, cls.system.site
        cls.db.execute(OWN_TABLE)
        cls.db.execute("INSERT INTO rooms SELECT '7', 3, tokenable_id FROM personal_access_tokens"
                       " WHERE id = 1")
        cls.db.grant()
        cls.cgi = suite.enter_for_class(cls, DirectCgi(cls.site))

    def setUp(self):
        self.system.configure()

    def write(self, text):
        self.site.write_secret(self.site.config, laravel.unthrottled(text))

    def counts(self):
        rows = self.db.execute("SHOW GLOBAL STATUS WHERE Variable_name IN"
                               " ('Com_stmt_prepare', 'Com_stmt_execute')")
        counted = {name: int(value) for name, value in rows}
        return counted["Com_stmt_prepare"], counted["Com_stmt_execute"]

    def cost(self, request, status):
        """How many statements were prepared and run for a request."""
        before = self.counts()
        self.assertEqual(self.cgi.send(request).status, status)
        return tuple(now - then for now, then in zip(self.counts(), before))

    def agreed(self):
        with open(self.site.state / "shared", "rb") as file:
            file.seek(8 * (1 + AGREED_WORD))
            return struct.unpack("<Q", file.read(8))[0]

    def test_captures_of_another_type_than_their_columns_decide_alike(self):
        self.write(self.site.config.read_text().replace(
            '}\n\nendpoint "/broadcasting/user-auth" {', ROOMS, 1))
        memory = Memory(self.site)
        memory.__enter__()
        self.addCleanup(memory.__exit__, None, None, None)
        for channel, status in (("code.7", 200), ("code.8", 403), ("floor.3", 200),
                                ("floor.03", 403), ("floor.3x", 403), ("floor.4", 403),
                                ("gone.1", 503)):
            with self.subTest(channel):
                request = subscription("private-" + channel, laravel.ALICE)
                self.assertEqual(memory.send(request).status, status)
                self.assertEqual(self.cgi.send(request).status, status)

    def test_nothing_is_prepared_only_to_be_looked_at(self):
        self.cgi.send(GOOD)  # may write when the token was used
        self.assertEqual(self.cost(GOOD, 200), (2, 2))

    def test_a_value_that_was_bound_otherwise_is_asked_for_again(self):
        self.write(self.site.config.read_text().replace(
            '}\n\nendpoint "/broadcasting/user-auth" {', ROOMS, 1))
        request = subscription("private-code.7", laravel.ALICE)
        self.cgi.send(request)
        _, executed = self.cost(request, 200)  # MySQL prepares anew for a value of another type
        self.assertEqual(executed, 3)

    def test_a_body_without_a_length_costs_nobody_the_reply(self):
        """As Apache's mod_cgid passes one on that came in chunks: between sockets, what was not read
        would turn the end of the reply into a reset."""
        ours, its = socket.socketpair()
        with ours, its:
            ours.sendall(GOOD.body)
            environment = cgi_environment(GOOD, self.site)
            del environment["CONTENT_LENGTH"]
            process = subprocess.Popen([self.site.program("castgate.fcgi")], stdin=its, stdout=its,
                                       env=environment, cwd="/",
                                       **self.site.account.popen_options())
            its.close()
            with ours.makefile("rb") as reader:
                reply = parse_cgi(reader.read())
            ours.shutdown(socket.SHUT_WR)
            self.assertEqual(process.wait(PATIENCE_SECONDS), 0)
        self.assertEqual(reply.status, 400)

    def test_a_configuration_is_read_twice_once(self):
        text = self.site.config.read_text()
        self.write(text)
        self.assertEqual(self.cgi.send(GOOD).status, 200)
        first = self.agreed()
        self.assertNotEqual(first, 0)
        self.write(text + "# more\n")
        self.assertEqual(self.cgi.send(GOOD).status, 200)
        self.assertEqual(self.agreed() == first, False)
        self.write(text + "mistake\n")
        self.assertEqual(self.cgi.send(GOOD).status, 503)
        self.write(text)
        self.assertEqual(self.cgi.send(GOOD).status, 200)
        self.assertEqual(self.agreed(), first)


if __name__ == "__main__":
    suite.main()
