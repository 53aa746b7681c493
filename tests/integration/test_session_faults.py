"""Do sessions outlive tabs that refresh at once, killed responders, and a killed database?

The short form of tests/faults/session.py.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import database_server, suite
from harness.rotation import STEPS, Rotation, TwoNodes


class OneNode(Rotation):
    def test_many_tabs_are_one_rotation(self):
        self.check_rounds(10)

    def test_a_responder_killed_between_two_steps(self):
        for name, (action, lock) in STEPS.items():
            with self.subTest(name):
                self.check_step(action, lock, self.kill_responders, True)

    def test_a_database_killed_between_two_steps(self):
        for name, (action, lock) in STEPS.items():
            with self.subTest(name):
                self.check_step(action, lock, self.kill_database, False)

    def test_responders_killed_at_any_moment(self):
        self.check_random_kills(self.kill_responders, 5, 0.03)


@database_server.machine_only("a Galera cluster is made of the machine's MariaDB")
class TwoOfThree(TwoNodes):
    def test_many_tabs_on_two_nodes_are_one_rotation(self):
        self.check_rounds(10)


if __name__ == "__main__":
    suite.main()
