"""What can be done to castgate's processes while clients ask, and who may notice?"""

import json
import os
import shutil
import signal
import unittest

from . import laravel, suite, ticket
from .exchange import subscription
from .load import HttpLoad
from .processes import children_of, running, takes_signals
from .site import PATIENT_HOLD
from .waiting import wait_until

GOOD = subscription(laravel.CHANNEL, laravel.ALICE)
OTHER_KEY = "anotherkey"
# How a web server words it that it got no answer.
NO_ANSWER = {500, 502, 503}


class UnderLoad(unittest.TestCase):
    """Each method here does one thing `rounds` times, with `between` answered requests before,
    between and after, and returns the load. It fails unless every reply of castgate's is the right
    one, byte for byte; what the web server got no answer for is in the load's `broken`."""

    rounds = 1
    between = 100
    clients = 16
    hold = PATIENT_HOLD
    started = 0

    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(cls, laravel.Laravel(
            "load", hold=cls.hold))
        cls.site = cls.system.site
        cls.program = cls.site.program("castgate.fcgi")

    def start(self, kind, **attributes):
        """A mount in a directory of its own, until the end of the case."""
        UnderLoad.started += 1
        kind = type(kind.__name__, (kind,), {
            "name": f"{kind.name}-{UnderLoad.started}", **attributes})
        mount = kind(self.site, self.system.scratch)
        mount.__enter__()
        self.addCleanup(mount.__exit__, None, None, None)
        return mount

    def responders(self, mount):
        """The processes that serve, castgate's own parent left out."""
        if hasattr(mount, "castgate"):
            return children_of(mount.castgate.server.pid)
        return running(self.program)

    def signal(self, pids, number):
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass  # ended by itself meanwhile

    def load(self, mount):
        return HttpLoad(mount.port, GOOD, count=self.clients)

    def judge(self, mount, load, *keys, unanswered=frozenset(NO_ANSWER)):
        """Whatever castgate said was right; afterwards all is as before."""
        self.assertEqual(set(load.statuses), {200}, load.wrong)
        seen = set()
        for body in load.bodies:
            key = json.loads(body)["auth"].partition(":")[0]
            ticket.check(body, key, laravel.KEYS.secret, "1234.5678", laravel.CHANNEL)
            seen.add(key)
        self.assertEqual(seen, set(keys or [laravel.KEYS.key]))
        self.assertLessEqual(set(load.broken), unanswered, load)
        for _ in range(self.clients):
            self.assertEqual(mount.send(GOOD).status, 200)

    def kill_workers(self, mount):
        """kill -9 of one process each time, and never of the last: lighttpd looks for dead ones once a second, and
        answers for all of them until then. A request inside of one that is killed is lost."""
        def several():
            serving = self.responders(mount)
            return serving if len(serving) > 1 else None

        with self.load(mount) as load:
            for number in range(self.rounds):
                load.wait_for(self.between)
                serving = wait_until(several, "nobody has started another")
                self.signal([serving[number % len(serving)]], signal.SIGKILL)
            load.wait_for(self.between)
        self.judge(mount, load)
        return load

    def flip_configuration(self, mount):
        """SIGHUP with one configuration after the other: changed, good, broken in several ways."""
        good = self.site.config.read_text()
        changed = good.replace(f'"{laravel.KEYS.key}"', f'"{OTHER_KEY}"')
        self.assertNotEqual(good, changed)
        states = (changed, good + "\nnonsense = 1\n", good, good[:len(good) // 2], changed,
                  good.replace("c.id = :conversation", "c.nope = :conversation"), "", good)
        self.addCleanup(self.site.write_secret, self.site.config, good)
        with self.load(mount) as load:
            # mod_fcgid starts processes as it needs them; with a broken file they would say 503
            load.wait_for(self.between)
            for _ in range(self.rounds):
                for text in states:
                    before = load.answers_with(OTHER_KEY)
                    self.site.write_secret(self.site.config, text)
                    told = ([mount.castgate.server.pid] if hasattr(mount, "castgate")
                            else self.responders(mount))
                    self.signal(filter(takes_signals, told), signal.SIGHUP)
                    load.wait_for(self.between)
                    if text is changed:
                        wait_until(lambda before=before: load.answers_with(OTHER_KEY) > before)
        self.judge(mount, load, laravel.KEYS.key, OTHER_KEY)
        return load

    def replace_program(self):
        """Put another file of the same content in the program's place, as an upgrade does, and
        return its inode."""
        fresh = self.program.with_suffix(".new")
        shutil.copyfile(self.program, fresh)
        fresh.chmod(0o755)
        fresh.rename(self.program)
        return self.program.stat().st_ino

    def restart(self, mount, with_new_program=False):
        """SIGTERM to castgate's parent, and a new one in its place."""
        with self.load(mount) as load:
            for _ in range(self.rounds):
                load.wait_for(self.between)
                inode = self.replace_program() if with_new_program else None
                mount.castgate.restart()
                load.wait_for(self.between)
                self.assert_runs(mount, inode)
        self.judge(mount, load)
        return load

    def replace_spawned(self, mount, renew, unanswered=frozenset(NO_ANSWER)):
        """A new program below a web server that starts the processes itself; `renew` ends the
        old ones."""
        with self.load(mount) as load:
            for _ in range(self.rounds):
                load.wait_for(self.between)
                inode = self.replace_program()
                before = set(self.responders(mount))
                renew(mount, load)
                while before & set(self.responders(mount)):
                    load.wait_for(1)
                load.wait_for(self.between)
                self.assert_runs(mount, inode)
        self.judge(mount, load, unanswered=unanswered)
        return load

    def assert_runs(self, mount, inode):
        """All that serve run this file; only root may look."""
        pids = self.responders(mount)
        self.assertTrue(pids)
        if inode is not None and os.geteuid() == 0:
            self.assertEqual({os.stat(f"/proc/{pid}/exe").st_ino for pid in pids}, {inode})
