#!/usr/bin/env python3
"""Does the demo's page do what a newcomer is promised? The demo itself, and its page in a browser.

With CASTGATE_SCREENSHOT=FILE, a picture of the page is left there: doc/demo.png was made so.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import node, places, suite
from harness.browser import Browser
from harness.scratch import Scratch
from harness.server_process import ServerProcess
from harness.waiting import wait_until

CHAT = "presence-chat.6.conversation.123"
OTHERS_CHAT = "presence-chat.6.conversation.124"
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/   through (\w+)")


class TestPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        node.program()
        cls.scratch = suite.enter_for_class(cls, Scratch("demo-test"))
        log = cls.scratch.path / "demo.log"
        cls.demo = ServerProcess("demo", [sys.executable, "-B", places.SOURCE / "demo/run.py"], log)
        cls.demo.start(lambda: "Everything stays up" in log.read_text())
        cls.addClassCleanup(cls.demo.stop)
        cls.text = log.read_text()
        cls.ports = {server: int(port) for port, server in ADDRESS.findall(cls.text)}
        cls.browser = suite.enter_for_class(cls, Browser(cls.scratch))

    def open(self, query="", server="Apache"):
        window = self.browser.open(f"http://127.0.0.1:{self.ports[server]}/{query}")
        self.addCleanup(window.close)
        return window

    def ask(self, window, label):
        """Click on a channel, and wait until castgate's answer is shown as the last of all."""
        window.run("document.getElementById('decision').replaceChildren()")
        window.run("[...document.querySelectorAll('#channels button')]"
                   ".find((one) => one.textContent.startsWith(arguments[0])).click()", label)
        window.wait_until("document.querySelector('#decision .verdict')")
        return window.text("#decision")

    def in_the_log(self, shown):
        """What the command that the page shows finds; the line may come after the reply."""
        command = re.search(r"grep \w+ \S+", shown).group().split()
        return json.loads(wait_until(
            lambda: subprocess.run(command, capture_output=True, text=True).stdout))

    def become(self, window, name):
        window.run("[...document.querySelectorAll('#people button')]"
                   ".find((one) => one.textContent.endsWith(arguments[0])).click()", name)

    def test_every_answer_says_why(self):
        for server in self.ports:
            window = self.open(server=server)
            for name, label, status, reason in (
                    ("Alice", "Alice and Bob", 200, "allowed"),
                    ("Alice", "Alice’s own", 200, "allowed"),
                    ("Alice", "Bob and Carol", 403, "NOT_A_PARTICIPANT"),
                    ("Alice", "The first chat, as if", 403, "OTHER_COMPANY"),
                    ("Alice", "A chat that does not", 403, "CONVERSATION_NOT_FOUND"),
                    ("Alice", "A channel no rule", 403, "no_rule"),
                    ("Bob", "Bob and Carol", 200, "allowed"),
                    ("Carol", "Alice and Bob", 403, "NOT_A_PARTICIPANT"),
                    ("No token", "Alice and Bob", 401, "credential_missing"),
                    ("Bad token", "Alice and Bob", 401, "token_mismatch")):
                with self.subTest(server=server, name=name, label=label):
                    self.become(window, name)
                    shown = self.ask(window, label)
                    self.assertIn("Allowed" if status == 200 else "Refused", shown)
                    self.assertIn(f"HTTP {status}", shown)
                    self.assertIn(reason, shown)
                    found = self.in_the_log(shown)
                    self.assertEqual(found["http.response.status_code"], status)
                    self.assertEqual(found.get("castgate.deny", found["event.reason"]), reason)

    def badges(self, window):
        """What stands next to each channel."""
        return window.run("return [...document.querySelectorAll('#channels .badge')]"
                          ".map((badge) => badge.textContent)")

    def test_a_refusal_is_explained_next_to_its_channel(self):
        window = self.open()
        self.become(window, "Alice")
        for label in ("Alice and Bob", "Bob and Carol", "A channel no rule"):
            self.ask(window, label)
        self.assertEqual(self.badges(window),
                         ["allowed", "refused: NOT_A_PARTICIPANT", "refused: no_rule"])

    def test_all_in_one_request(self):
        for server in self.ports:
            window = self.open(server=server)
            self.become(window, "Alice")
            shown = self.ask_for_all(window)
            self.assertIn("2 allowed, 4 refused", shown)
            self.assertEqual(self.badges(window), [
                "allowed", "refused: NOT_A_PARTICIPANT", "allowed", "refused: OTHER_COMPANY",
                "refused: CONVERSATION_NOT_FOUND", "refused: no_rule"])
            self.assertIn("The conversation belongs to another company.", shown)
            self.become(window, "Bad token")
            shown = self.ask_for_all(window)
            self.assertIn("0 allowed, 6 refused", shown)
            self.assertEqual(self.badges(window), ["refused: token_mismatch"] * 6)

    def ask_for_all(self, window):
        window.run("document.getElementById('decision').replaceChildren()")
        window.run("document.getElementById('all').click()")
        window.wait_until("document.querySelector('#decision .verdict')")
        return window.text("#decision")

    def test_any_other_channel(self):
        window = self.open()
        for name, wanted in (("private-chat.6.conversation.123", "Allowed"),
                             ("private-chat.6.conversation.0123", "no_rule"),
                             ("news", "public")):
            with self.subTest(name):
                window.run("document.getElementById('decision').replaceChildren()")
                window.type("#other-name", f"{name}\n")
                window.wait_until("document.querySelector('#decision .verdict')")
                self.assertIn(wanted, window.text("#decision"))
                window.run("document.getElementById('other-name').value = ''")

    def test_forged_signature(self):
        window = self.open()
        self.ask(window, "The first chat, with a forged")
        window.wait_until("document.getElementById('decision').textContent.includes('4009')")
        self.assertIn("Refused", window.text("#decision"))

    def test_two_windows_chat(self):
        alice = self.open(f"?as=Alice&channel={CHAT}")
        alice.wait_until("document.querySelector('#say')")
        self.assertIn("let Alice in", alice.text("#decision"))
        # who was there in a window of another test may only now be gone
        alice.wait_until("document.querySelector('#members').children.length === 1")
        alice.type("#text", "Is anybody here?\n")
        # The link that the page offers for a second window, but from the other web server.
        link = alice.run("return [...document.querySelectorAll('#chat a')]"
                         ".find((one) => one.textContent === 'Bob').search")
        bob = self.open(link, server="lighttpd")
        bob.wait_until("document.querySelector('#say')")
        self.assertEqual(bob.text("#members").split(), ["A", "Alice", "B", "Bob"])
        self.wait_for_message(alice, "Bob came in")
        bob.type("#text", "Yes: I have just come in.\n")
        self.wait_for_message(alice, "BobYes: I have just come in.")
        alice.type("#text", "Good!\n")
        self.wait_for_message(bob, "AliceGood!")
        for label in ("A channel no rule", "The first chat, as if", "Bob and Carol"):
            self.ask(alice, label)
        self.keep_picture(alice)
        bob.type("#text", "<b>& so on</b>\n")
        self.wait_for_message(alice, "Bob<b>& so on</b>")
        self.become(bob, "Carol")
        self.wait_for_message(alice, "Bob has left")

    def wait_for_message(self, window, text):
        window.wait_until("[...document.querySelectorAll('#messages li')]"
                          f".some((line) => line.textContent === {json.dumps(text)})")

    def keep_picture(self, window):
        file = os.environ.get("CASTGATE_SCREENSHOT")
        if file:
            window.resize(1200, 1110)
            window.run("scrollTo(0, 0)")
            pathlib.Path(file).write_bytes(window.screenshot())

    def test_the_browser_has_no_complaint(self):
        """Of scripts that are missing or forbidden, for instance. A refusal is a complaint, too."""
        window = self.open()
        window.console()
        window.go(f"http://127.0.0.1:{self.ports['Apache']}/?as=Bob&channel={CHAT}")
        window.wait_until("document.querySelector('#say')")
        self.assertEqual(window.console(), [])


if __name__ == "__main__":
    suite.main()
