"""Does each piece of the benchmark work? One second each; no time is judged, every status is."""

import itertools
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import bench
import data
import measure
import rows
from harness import laravel, suite, supabase
from harness.site import PATIENT_HOLD
from harness.waiting import wait_until

USERS = 1000


class Bench(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        options = bench.options_of(["--users", str(USERS), "--seconds", "1", "--rounds", "1",
                                    "--workers", "2", "--starts", "2", "--connections", "3",
                                    "--fronts", "lighttpd", "--storms", "1",
                                    "--blocks", "1", "--hold", PATIENT_HOLD])
        cls.rig = suite.enter_for_class(cls, bench.Rig(options))
        cls.front = cls.rig.fronts[0]

    def test_every_answer_of_every_responder_is_the_one_expected(self):
        for responder in self.rig.responders:
            with self.subTest(responder.name):
                seeds = itertools.count(1)

                def asked():
                    result = self.rig.run(self.front, responder, 3, next(seeds))
                    self.assertEqual((result["wrong"], result["errors"]), (0, 0), result)
                    self.assertGreater(result["answered"], 0)
                    # a tenth is refused: in a second of a busy machine there may be none of them
                    return result["refused"] or responder.name != "castgate"

                wait_until(asked, "nobody was refused")

    def test_a_wrong_answer_is_seen(self):
        """The floor does not look at the secret; who expects castgate of it must be told."""
        seeds = itertools.count(2)
        wait_until(lambda: measure.wrk(self.front.ports["floor"], "castgate", USERS, 3, 1,
                                       next(seeds))["wrong"], "none was seen")

    def test_requests_without_a_web_server_are_weighed(self):
        bench.section_alone(self.rig)
        self.assertEqual(self.rig.wrong, [])

    def test_a_batch_has_a_ticket_for_each_channel(self):
        result = self.rig.run(self.front, self.rig.castgate, 3, 1, data.MANY_MEMBERSHIPS)
        self.assertEqual((result["wrong"], result["errors"]), (0, 0), result)
        self.assertGreater(result["answered"], 0)

    def test_plain_cgi_is_started_and_answers(self):
        bench.section_cgi(self.rig)

    def test_a_storm_is_answered_whole(self):
        result = measure.storm(self.front.ports["castgate"], USERS, 100, data.MEMBERSHIPS, 120)
        self.assertEqual((result["answers"], result["errors"]),
                         (100 * data.MEMBERSHIPS, 0), result)

    def test_workers_can_be_weighed(self):
        self.assertGreater(measure.cpu_seconds([self.rig.db.pid]), 0)
        for responder in self.rig.responders:
            self.assertEqual(len(responder.pids()), 2, responder.name)

    def test_each_lookup_finds_its_row_among_others(self):
        for description in (laravel.DESCRIPTION, supabase.DESCRIPTION):
            with rows.Lookups(description, USERS) as lookups:
                self.assertGreater(len(lookups.statements), 2)
                for sql in lookups.statements:
                    self.assertEqual(lookups.measure(sql, 20, 1)[2], 1, sql)

    def tearDown(self):
        self.assertEqual(self.rig.wrong, [])


if __name__ == "__main__":
    suite.main()
