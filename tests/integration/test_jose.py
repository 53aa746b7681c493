"""Does castgate accept the tokens that jose accepts, and none besides?"""

import json
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import node, suite
from harness.audit import AuditLog
from harness.copied_file import filled
from harness.exchange import subscription
from harness.mount_socket import OwnSocket
from harness.scratch import Scratch
from harness.site import Site

HERE = pathlib.Path(__file__).resolve().parent

# What jose accepts and castgate refuses, and why.
STRICTER = {
    "issued in the future": "an iat that lies ahead says that one of two clocks is wrong",
    "subject a number": "RFC 7519, section 4.1.2: a string",
    "subject empty": "nobody",
    "subject null": "nobody",
    "payload with a member twice": "readers differ about which one counts",
    "payload of 8 KiB": "a limit",
    "header with a member twice": "readers differ about which one counts",
    "crit b64 true": "no extension is understood",
    "b64 false, not crit": "asks for what castgate does not do",
    "typ of another use": "RFC 8725, section 3.11",
    "a key in the header": "RFC 8725, section 3.5: may not even be looked at",
    "an address in the header": "the same",
    "a certificate in the header": "the same",
    "nested": "RFC 7519, section 5.2: the payload would be another token",
    "compressed": "means nothing in a signed token",
    "two spellings of the last digit": "one signature has one spelling",
}


class Jose(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = suite.enter_for_class(cls, Scratch("jose"))
        done = subprocess.run([node.program(), HERE / "jose.js"], capture_output=True, text=True,
                              env=node.environment(), timeout=120)
        assert done.returncode == 0, done.stderr
        cls.found = json.loads(done.stdout)
        cls.site = suite.enter_for_class(cls, Site(cls.scratch))
        keys = cls.site.path / "keys.json"
        keys.write_text(json.dumps(cls.found["keys"]))
        cls.site.write_secret(cls.site.config, filled(HERE / "jose.conf", {
            "LOG": cls.site.log, "STATE": cls.site.state, "SECRET": cls.found["secret"],
            "JWKS": keys}))
        cls.mount = suite.enter_for_class(cls, OwnSocket(cls.site, cls.scratch))

    def test_verdicts_are_equal_but_where_castgate_is_stricter_on_purpose(self):
        log = AuditLog(self.site)
        stricter = set()
        accepted = 0
        for row in self.found["rows"]:
            with self.subTest(row["name"]):
                reply = self.mount.send(subscription("private-anybody-7", row["token"]))
                (line,) = log.decisions()
                accepted += reply.status == 200
                if row["accepted"] and reply.status != 200:
                    stricter.add(row["name"])
                    self.assertIn(row["name"], STRICTER, line)
                self.assertEqual(reply.status, 200 if row["accepted"] and
                                 row["name"] not in STRICTER else 401, (row, line))
        self.assertGreater(accepted, 26)
        self.assertGreater(len(self.found["rows"]), 300)
        self.assertEqual(stricter, set(STRICTER))


if __name__ == "__main__":
    suite.main()
