"""Do the fixtures themselves keep their promises: nothing left behind, no skip in CI, real failures?"""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import case_file, copied_file, evidence, exchange, laravel, places, suite
from harness.processes import read_each, takes_signals
from harness.waiting import PATIENCE_SECONDS, wait_until

# A test program that has everything up and then waits.
EVERYTHING = """
import sys, time
sys.path.insert(0, {tests!r})
from harness import laravel, mounts, site
with laravel.Laravel("everything", hold=site.BRIEF_HOLD) as system:
    with mounts.mount("apache-fcgid", system.site, system.scratch) as apache, \\
            mounts.mount("lighttpd-fastcgi", system.site, system.scratch), \\
            mounts.mount("memory", system.site, system.scratch):
        print(system.scratch.path, flush=True)
        time.sleep(600)
"""


def processes_about(path):
    """The processes whose command line names a path, by id."""
    return {pid: line.replace(b"\0", b" ").decode(errors="replace")
            for pid, line in read_each("cmdline") if str(path).encode() in line}


class NothingIsLeft(unittest.TestCase):
    def start_everything(self):
        places.tool("apache2", "httpd")
        with tempfile.TemporaryDirectory() as directory:
            places.lighttpd(pathlib.Path(directory))
        process = subprocess.Popen(
            [sys.executable, "-B", "-c",
             EVERYTHING.format(tests=str(places.SOURCE / "tests"))],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            # a shell that was started in the background ignores it, and so would all below
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        path = process.stdout.readline().strip()
        self.assertTrue(path, "the program did not come up")
        self.wait_for_responders(path)
        return process, pathlib.Path(path)

    def wait_for_responders(self, path):
        """lighttpd serves before its four responders have begun, and cannot end those that have not."""
        wait_until(lambda: sum(words.strip().endswith("castgate.fcgi") and takes_signals(pid)
                               for pid, words in processes_about(path).items()) >= 4,
                   lambda: str(processes_about(path)))

    def assert_gone(self, path):
        wait_until(lambda: not processes_about(path), lambda: str(processes_about(path)))

    def test_after_sigterm(self):
        process, path = self.start_everything()
        process.send_signal(signal.SIGTERM)
        self.assertNotEqual(process.wait(PATIENCE_SECONDS), 0)
        self.assertEqual(processes_about(path), {})
        self.assertFalse(path.exists())

    def test_after_an_interrupt(self):
        process, path = self.start_everything()
        process.send_signal(signal.SIGINT)
        self.assertNotEqual(process.wait(PATIENCE_SECONDS), 0)
        self.assertEqual(processes_about(path), {})
        self.assertFalse(path.exists())

    def test_after_sigkill_no_process_stays(self):
        """The directory stays: nobody is left to remove it."""
        process, path = self.start_everything()
        process.kill()
        process.wait()
        self.assert_gone(path)
        subprocess.run(["rm", "-rf", path], check=True)


class MissingTools(unittest.TestCase):
    def missing(self, ci):
        before = os.environ.get("CI")
        os.environ["CI"] = ci
        try:
            return places.missing("apache2")
        finally:
            if before is None:
                del os.environ["CI"]
            else:
                os.environ["CI"] = before

    def test_a_skip_for_a_person(self):
        error = self.missing("")
        self.assertIsInstance(error, unittest.SkipTest)
        self.assertIn("apt-get install apache2-bin", str(error))

    def test_a_failure_in_ci(self):
        self.assertIsInstance(self.missing("true"), AssertionError)


class Judgement(unittest.TestCase):
    """What decides over a reply must be able to say no."""

    def read(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".cases") as file:
            file.write(text)
            file.flush()
            return case_file.read(file.name, laravel.KEYS)

    def test_each_difference_is_seen(self):
        case, = self.read("=== x\nPOST /a\nA: b\n\nbody<<0a>>\n---\n200\nB: c\nD: -\n\n{}\n")
        self.assertEqual(case.request.body, b"body\n")
        good = exchange.Reply(200, [("b", "c")], b"{}")
        self.assertEqual(case_file.mismatches(case, good), [])
        for reply in (exchange.Reply(201, [("B", "c")], b"{}"),
                      exchange.Reply(200, [("B", "d")], b"{}"), exchange.Reply(200, [], b"{}"),
                      exchange.Reply(200, [("B", "c"), ("D", "x")], b"{}"),
                      exchange.Reply(200, [("B", "c")], b"{} "),
                      exchange.Reply(200, [("B", "c")], b"")):
            self.assertEqual(len(case_file.mismatches(case, reply)), 1, reply)

    def test_mistakes_in_a_file_are_errors(self):
        for text in ("=== x\nPOST /a\n200\n", "=== x\nPOST /a\n<<zz>>\n---\n200\n",
                     "=== x\n@what\nPOST /a\n---\n200\n",
                     "=== x\nPOST /a\n---\n200\n\n=== x\nPOST /a\n---\n200\n"):
            with self.subTest(text), self.assertRaises(case_file.CaseError):
                self.read(text)

    def test_a_value_that_a_file_lost_is_an_error(self):
        with self.assertRaises(AssertionError):
            copied_file.with_apache_values(
                places.SOURCE / "apache/castgate-fcgid.conf", {"CASTGATE_NOTHING": "x"})

    def test_sanitizer_reports_are_seen(self):
        self.assertEqual(evidence.sanitizer_report("all is well\n"), "")
        for text in ("==1==ERROR: AddressSanitizer: heap-use-after-free on address",
                     "x.c:1:2: runtime error: signed integer overflow"):
            self.assertIn(text, evidence.sanitizer_report("before\n" + text + "\nafter"))

    def test_a_failing_case_fails_the_program(self):
        with tempfile.TemporaryDirectory() as directory:
            program = pathlib.Path(directory) / "test_it.py"
            program.write_text(
                f"import sys, unittest\nsys.path.insert(0, {str(places.SOURCE / 'tests')!r})\n"
                "from harness import suite\n"
                "class T(unittest.TestCase):\n"
                "    def test_a(self): pass\n"
                "    def test_b(self): self.fail('no')\n"
                "    def test_c(self): self.skipTest('why')\n"
                "    def test_d(self):\n"
                "        with self.subTest('e'): self.fail('sub')\n"
                "suite.main()\n")
            done = subprocess.run([sys.executable, "-B", program], capture_output=True, text=True)
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stdout.splitlines()[-1], "1 passed, 2 failed, 1 skipped")
            done = subprocess.run([sys.executable, "-B", program, "test_c"], capture_output=True,
                                  text=True)
            self.assertEqual(done.returncode, suite.EXIT_SKIPPED)

    def test_paths_that_a_file_cannot_have_are_errors(self):
        file = (places.SOURCE / "apache/castgate.htaccess").read_text()
        self.assertEqual(copied_file.with_paths(file, None), file)
        self.assertIn('"^(a/b|c)/?$"', copied_file.with_paths(file, ("/a/b", "/c")))
        for text, paths in ((file, ("/a|b",)), (file, ("a",)), ("RewriteEngine On", ("/a",))):
            with self.subTest(paths), self.assertRaises(AssertionError):
                copied_file.with_paths(text, paths)


if __name__ == "__main__":
    suite.main()
