"""Are the programs built and started so that a mistake in them is hard to use?"""

import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, places, suite, ticket
from harness.exchange import subscription
from harness.mount_cgi import DirectCgi
from harness.mount_socket import OwnSocket
from harness.processes import descriptors

ASKED = subscription(laravel.CHANNEL, laravel.ALICE)
PROGRAMS = ("castgate", "castgate.fcgi")


def read_elf(*words):
    done = subprocess.run([places.tool("readelf"), "--wide", *map(str, words)],
                          capture_output=True, text=True, check=True)
    return done.stdout


class Binaries(unittest.TestCase):
    def setUp(self):
        if places.is_instrumented():
            self.skipTest("a sanitizer build is hardened otherwise")

    def each(self):
        for name in PROGRAMS:
            with self.subTest(name):
                yield places.built(name)

    def test_position_independent(self):
        for program in self.each():
            self.assertRegex(read_elf("--file-header", program), r"Type:\s+DYN")

    def test_relocations_read_only_and_bound_at_start(self):
        for program in self.each():
            self.assertIn("GNU_RELRO", read_elf("--program-headers", program))
            self.assertRegex(read_elf("--dynamic", program), r"BIND_NOW|FLAGS.*NOW")

    def test_stack_not_executable(self):
        for program in self.each():
            self.assertRegex(read_elf("--program-headers", program), r"GNU_STACK.* RW ")

    def test_stack_protector_and_fortify(self):
        for program in self.each():
            symbols = read_elf("--dyn-syms", program)
            self.assertIn("__stack_chk_fail", symbols)
            self.assertRegex(symbols, r"__\w+_chk@")

    def test_only_the_database_client_asks_for_services(self):
        """connection.c answers getservbyname(3) with nothing, for the whole program."""
        for program in self.each():
            done = subprocess.run([places.tool("ldd"), program], capture_output=True, text=True,
                                  check=True)
            asking = {name for name, path in re.findall(r"(\S+) => (\S+)", done.stdout)
                      if re.search(r" UND getservby", read_elf("--dyn-syms", path))}
            self.assertLessEqual({name.split(".")[0] for name in asking},
                                 {"libmariadb", "libmysqlclient"})

    def test_no_run_path(self):
        for program in self.each():
            self.assertNotRegex(read_elf("--dynamic", program), r"R(UN)?PATH")


class Process(unittest.TestCase):
    """What a worker is like while it serves; only root may look into it, by design."""

    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("only root may look into a process that is not dumpable")

    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("hardening"))
        # Descriptors that a careless parent left open.
        cls.leaked = os.open("/dev/full", os.O_RDONLY)
        os.set_inheritable(cls.leaked, True)
        cls.addClassCleanup(os.close, cls.leaked)

        class Leaky(OwnSocket):
            def options(self):
                return {**super().options(), "pass_fds": (cls.leaked,)}

        cls.mount = suite.enter_for_class(cls, Leaky(cls.system.site, cls.system.scratch))
        reply = cls.mount.send(ASKED)
        assert reply.status == 200, reply
        # who has only begun still opens and closes its files
        cls.workers = cls.mount.serving()

    def test_no_core_files(self):
        for pid in self.workers:
            limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
            self.assertRegex(limits, r"(?m)^Max core file size +0 +0 ")

    def test_not_dumpable(self):
        if places.is_instrumented():
            self.skipTest("the leak checker has to look into its own process")
        for pid in self.workers:
            # A process that may not be dumped belongs to root in /proc.
            self.assertEqual(os.stat(f"/proc/{pid}/maps").st_uid, 0)

    def test_inherited_descriptors_are_closed(self):
        for pid in self.workers:
            names = {name for number, name in descriptors(pid).items() if number > 2}
            self.assertNotIn("/dev/full", names)
            for name in names:
                self.assertRegex(name, r"^(socket:|anon_inode:|/dev/null$|/.*\.log$|"
                                       r"/.*/state/(metrics|shared|throttle|\w+-wanted)$)")

    def test_the_socket_is_for_owner_and_group(self):
        self.assertEqual(os.stat(self.mount.path).st_mode & 0o777, 0o660)

    def test_no_secret_on_the_command_line_or_in_the_environment(self):
        for pid in self.workers:
            for name in ("cmdline", "environ"):
                text = pathlib.Path(f"/proc/{pid}/{name}").read_bytes()
                self.assertIsNone(re.search(rb"thisisasecret|only-for-tests", text))


class HostileEnvironment(unittest.TestCase):
    """What a host, a unit or a client may have set for other programs changes nothing here."""

    # No digest is left: OpenSSL reads this when it is first used.
    OPENSSL = ("openssl_conf = start\n[start]\nalg_section = choice\n"
               "[choice]\ndefault_properties = fips=yes\n")

    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel("environment"))
        cls.site = cls.system.site
        folder = cls.system.scratch.directory("hostile", cls.site.account)
        openssl = folder / "openssl.cnf"
        openssl.write_text(cls.OPENSSL)
        openssl.chmod(0o644)
        cls.keys = folder / "tls-keys"
        nobody = "http://127.0.0.1:1/"
        cls.hostile = {
            "OPENSSL_CONF": str(openssl), "OPENSSL_MODULES": str(folder),
            "OPENSSL_ENGINES": str(folder), "SSL_CERT_FILE": "/dev/null",
            "SSLKEYLOGFILE": str(cls.keys), "TZ": "Asia/Tokyo", "TZDIR": str(folder),
            "MARIADB_PLUGIN_DIR": str(folder), "LIBMYSQL_PLUGINS": "evil",
            "MYSQL_UNIX_PORT": "/nonexistent", "MYSQL_TCP_PORT": "1", "MYSQL_HOME": str(folder),
            "HOME": str(folder), "LOCPATH": str(folder), "LC_ALL": "tr_TR.UTF-8",
            "HTTP_PROXY": nobody, "http_proxy": nobody, "https_proxy": nobody,
            "FCGI_WEB_SERVER_ADDRS": "192.0.2.1", "LIBFCGI_OS_CLOSE_POLL_TIMEOUT": "1000000",
            "LIBFCGI_IS_AF_UNIX_KEEPER_POLL_TIMEOUT": "1000000", "RES_OPTIONS": "timeout:30"}

    def assert_signed(self, reply):
        self.assertEqual(reply.status, 200, str(reply))
        ticket.check(reply.body, laravel.KEYS.key, laravel.KEYS.secret, "1234.5678",
                     laravel.CHANNEL)
        self.assertFalse(self.keys.exists())

    def test_it_would_harm_another_program(self):
        """Else the cases below would prove nothing."""
        done = subprocess.run([places.tool("openssl"), "dgst", "-sha256"], input=b"x", check=False,
                              capture_output=True, env={"PATH": "/usr/bin:/bin", **self.hostile})
        self.assertNotEqual(done.returncode, 0)

    def test_own_socket(self):
        case = self

        class Hostile(OwnSocket):
            def environment(self):
                return {**super().environment(), **case.hostile}

        with Hostile(self.site, self.system.scratch) as mount:
            self.assert_signed(mount.send(ASKED))

    def test_cgi(self):
        with DirectCgi(self.site) as mount:
            self.assert_signed(mount.send(ASKED, extra=self.hostile))

    def test_what_the_configuration_names_is_still_read(self):
        good = self.site.config.read_text()
        self.addCleanup(self.site.write_secret, self.site.config, good)
        changed = good.replace(f'"{laravel.KEYS.secret}"', '"env:MYSQL_APP_SECRET"')
        self.assertNotEqual(good, changed)
        self.site.write_secret(self.site.config, changed)

        class Named(OwnSocket):
            def environment(self):
                return {**super().environment(), "MYSQL_APP_SECRET": laravel.KEYS.secret}

        with Named(self.site, self.system.scratch) as mount:
            self.assert_signed(mount.send(ASKED))


if __name__ == "__main__":
    suite.main()
