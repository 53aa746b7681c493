"""Where does castgate answer as Laravel did, and where not, and why?

Replays the recorded answers of a Laravel application (tests/vectors/laravel_recorded.json). Every
case must have Laravel's status, body and content type, but for those listed below.
"""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, mounts, places, suite, ticket, wire_rules
from harness.exchange import Request

RECORDING = json.loads((places.SOURCE / "tests/vectors/laravel_recorded.json").read_text())
MOUNTS = ("memory", "cgi", "apache-fcgid")

# castgate's answers where it has its own.
BODIES = {
    204: b"",
    400: b'{"message":"Bad Request."}',
    401: b'{"message":"Unauthenticated."}',
    403: b'{\n    "message": ""\n}',
    404: b'{"message":"Not Found"}',
    405: b'{"message":"Method Not Allowed"}',
}
SIGNED = 200

# On purpose: reason -> {case: castgate's status}. 200 is checked by computing the signature.
DEVIATIONS = {
    "500 for bad input is 400": {
        "json-int-socket": 400, "ch:private-colon:1": 400, "sock-nlcolon": 400, "sock-noint": 400,
        "sock-two": 400, "sock-hex": 400, "sock-missing": 400, "sock-array": 400,
        "500-noaccept": 400, "user-nosock": 400, "x-socket": 400,
    },
    "malformed (a type that is no string, not ASCII, more than 164 bytes) is 400": {
        "json-array": 400, "json-true-channel": 400, "badutf8": 400,
        "ch:private-App.Models.User.111111~324": 400, "long-164": 400,
    },
    "a type that is not configured is 401, not 500": {
        "tok-nosuch": 401, "tok-nosuch-noaccept": 401,
    },
    "redirects and HTML become JSON": {
        "notok-pjax": 401, "403-noaccept": 403, "html-404": 404,
    },
    "404 and 405 have the phrase for a message": {
        "dblslash": 404,
    },
    "ids that are not canonical are 403": {
        "ch:private-App.Models.User.01": 403, "ch:private-chat.6.conversation.0123": 403,
    },
    "GET and HEAD are 405": {
        "get": 405, "head": 405,
    },
    "OPTIONS is a preflight": {
        "options": 204,
    },
    "a body without or with another Content-Type is read all the same": {
        "json-no-ct": SIGNED, "no-ct": SIGNED,
    },
    "a presence rule without data gives the user_id alone": {
        "ch:presence-true": SIGNED,
    },
    "names without a guarded prefix are 403": {
        "ch:privatefoo": 403, "ch:cache-true": 403,
    },
    "an encrypted channel without a master key is refused, not an error": {
        "ch:private-encrypted-private-true": 403,
    },
    "duplicates are 400": {
        "json-dupkey": 400,
    },
    "numbers are not strings": {
        "big-float-sock": 400,
    },
    "PHP's key mangling and method override are not copied": {
        "dotkey": 400, "override": SIGNED,
    },
    "a NUL anywhere is 400": {
        "ch:private-true\0": 400,
    },
    "user authentication has the type of its body": {
        "user-ok-zoe": SIGNED,
    },
}

# The recorded application did what no castgate rule can say: case -> (castgate's status, reason).
NOT_EXPRESSIBLE = {
    "ch:private-wild.": (403, "the pattern wild.*: a star is no wildcard in castgate, and Laravel's"
                              " match of a bare dot is an accident of its regular expression"),
    "ch:presence-dash-x-y-z": (403, "the pattern dash-{a}-{b}: captures whose boundary could fall in"
                                    " two places are a configuration error"),
    "ch:private-opt.1": (403, "the pattern opt.{id?}: there are no optional captures"),
    "user-badid": (SIGNED, "a resolver that returns an unusable id: castgate builds the id itself"),
}


def deviations():
    return {case: (status, reason) for reason, cases in DEVIATIONS.items()
            for case, status in cases.items()}


class Recorded(unittest.TestCase):
    """One class for each mount is made from this one."""

    mount_name = None

    @classmethod
    def setUpClass(cls):
        system = suite.enter_for_class(
            cls, laravel.Laravel("recorded", laravel.CONFORMANCE / "recorded.conf",
                                 [laravel.CONFORMANCE / "recorded.sql"]))
        cls.mount = suite.enter_for_class(
            cls, mounts.mount(cls.mount_name, system.site, system.scratch))

    def replay(self, case):
        body = case["body"]
        request = Request(case["method"], case["path"], list(case["headers"].items()),
                          None if body is None else body.encode())
        reply = self.mount.send(request)
        self.assertEqual(wire_rules.violations(reply), [], str(reply))
        special = {**deviations(), **NOT_EXPRESSIBLE}.get(case["id"])
        if special is None:
            self.assertEqual(reply.status, case["status"], str(reply))
            self.assertEqual(reply.body, case["resp_body"].encode())
            self.assertEqual(reply.values("Content-Type"), case["resp_headers"]["Content-Type"])
            return
        status, reason = special
        self.assertEqual(reply.status, status, f"{reason}: {reply}")
        if status == SIGNED:
            self.check_signed(case, reply)
        elif case["method"] != "HEAD":
            self.assertEqual(reply.body, BODIES[status], reason)

    def check_signed(self, case, reply):
        """What Laravel refused or worded otherwise is signed for what the body asks."""
        self.assertEqual(reply.header("Content-Type"), "application/json")
        if case["body"].startswith("{"):
            fields = json.loads(case["body"])
        else:
            fields = dict(pair.split("=") for pair in case["body"].split("&"))
        answer = ticket.check(reply.body, laravel.KEYS.key, laravel.KEYS.secret,
                              fields["socket_id"], fields.get("channel_name"))
        if case["status"] == 200:
            self.assertEqual(sorted(answer), sorted(json.loads(case["resp_body"])))

    def differs(self, case):
        """An entry of the lists that is not needed is wrong too."""
        special = {**deviations(), **NOT_EXPRESSIBLE}[case["id"]]
        same_type = case["resp_headers"]["Content-Type"] == ["application/json"]
        return (special[0] != case["status"] or special[0] == SIGNED or not same_type
                or case["resp_body"].encode() != BODIES[special[0]])


class Lists(unittest.TestCase):
    """The lists of deviations themselves."""

    def test_every_entry_is_a_recorded_case(self):
        recorded = {case["id"] for case in RECORDING["cases"]}
        self.assertEqual(set(deviations()) - recorded, set())
        self.assertEqual(set(NOT_EXPRESSIBLE) - recorded, set())
        self.assertEqual(set(deviations()) & set(NOT_EXPRESSIBLE), set())

    def test_no_entry_is_without_need(self):
        listed = {**deviations(), **NOT_EXPRESSIBLE}
        for case in RECORDING["cases"]:
            if case["id"] in listed:
                with self.subTest(case["id"]):
                    self.assertTrue(Recorded.differs(None, case))


def tests_for(mount_name):
    members = {"mount_name": mount_name}
    names = []
    for number, case in enumerate(RECORDING["cases"]):
        if case["path"] == "/nope" and mount_name in mounts.SERVED:
            continue  # the web server's own 404
        name = f"test_{number:03}_{case['id']}"
        members[name] = lambda self, case=case: self.replay(case)
        names.append(name)
    cls = type(mount_name, (Recorded,), members)
    return unittest.TestSuite(cls(name) for name in names)


if __name__ == "__main__":
    suite.main(unittest.TestSuite(
        [unittest.defaultTestLoader.loadTestsFromTestCase(Lists), *map(tests_for, MOUNTS)]))
