"""Do sessions outlive tabs that refresh at once, killed responders, a killed database, and a lost node?

Runs for some minutes, so it is not part of `make check`: make check-faults. A short form of it is
tests/integration/test_session_faults.py.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import suite
from harness.rotation import STEPS, Rotation, TwoNodes

ROUNDS = 50
TABS = 20
KILLS_OF_RESPONDERS = 150
KILLS_OF_THE_DATABASE = 40


class OneNode(Rotation):
    hold = None

    def test_many_tabs_are_one_rotation(self):
        self.check_rounds(ROUNDS, TABS)

    def test_kills_between_two_steps(self):
        for name, (action, lock) in STEPS.items():
            for number in range(5):
                with self.subTest(name, number=number):
                    self.check_step(action, lock, self.kill_responders, True)
                    self.check_step(action, lock, self.kill_database, False)

    def test_responders_killed_at_any_moment(self):
        self.check_random_kills(self.kill_responders, KILLS_OF_RESPONDERS, 0.03)

    def test_a_database_killed_at_any_moment(self):
        self.check_random_kills(self.kill_database, KILLS_OF_THE_DATABASE, 0.03)


class TwoOfThree(TwoNodes):
    def setUp(self):
        for node in self.nodes:
            if not node.alive:
                node.revive()
        self.system.cluster.wait()
        # each asks its own first node again
        for mount in self.mounts:
            mount.restart()

    def test_many_tabs_on_two_nodes_are_one_rotation(self):
        self.check_rounds(ROUNDS, TABS)

    def test_a_node_killed_while_tabs_refresh(self):
        for victim in self.nodes[:2]:
            with self.subTest(victim.directory.name):
                self.setUp()
                self.check_lost_node(victim)


if __name__ == "__main__":
    suite.main()
