"""Are the programs built and started so that a mistake in them is hard to use?"""

import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, places, suite
from harness.exchange import subscription
from harness.mount_socket import OwnSocket
from harness.server_process import children_of

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
        cls.leaked = os.open("/dev/null", os.O_RDONLY)
        os.set_inheritable(cls.leaked, True)
        cls.addClassCleanup(os.close, cls.leaked)

        class Leaky(OwnSocket):
            def options(self):
                return {**super().options(), "pass_fds": (cls.leaked,)}

        cls.mount = suite.enter_for_class(cls, Leaky(cls.system.site, cls.system.scratch))
        reply = cls.mount.send(subscription(laravel.CHANNEL, laravel.ALICE))
        assert reply.status == 200, reply
        cls.workers = children_of(cls.mount.server.pid)

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
            names = {os.readlink(f"/proc/{pid}/fd/{number}")
                     for number in os.listdir(f"/proc/{pid}/fd") if int(number) > 2}
            self.assertNotIn("/dev/null", names)
            for name in names:
                self.assertRegex(
                    name, r"^(socket:|anon_inode:|/.*\.log$|/.*/state/(shared|\w+-wanted)$)")

    def test_the_socket_is_for_owner_and_group(self):
        self.assertEqual(os.stat(self.mount.path).st_mode & 0o777, 0o660)

    def test_no_secret_on_the_command_line_or_in_the_environment(self):
        for pid in self.workers:
            for name in ("cmdline", "environ"):
                text = pathlib.Path(f"/proc/{pid}/{name}").read_bytes()
                self.assertIsNone(re.search(rb"thisisasecret|only-for-tests", text))


if __name__ == "__main__":
    suite.main()
