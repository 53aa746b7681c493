"""Is an expiry right to the minute, whichever zone the database server and the application live in?

An application writes its times without a zone. The server's own zone must not matter at all, and the
application's is what `time_zone` says.
"""

import datetime
import pathlib
import sys
import unittest
import zoneinfo

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import laravel, suite
from harness.audit import AuditLog
from harness.exchange import subscription
from harness.mount_memory import Memory

TOKEN = "50|zoned"


class OnServer:
    """The cases, for a server in one zone."""

    zone = None

    @classmethod
    def setUpClass(cls):
        cls.system = suite.enter_for_class(
            cls, laravel.Laravel("zone", options={"default-time-zone": cls.zone}))
        cls.db = cls.system.db
        cls.db.execute("INSERT INTO personal_access_tokens"
                       " (id, tokenable_type, tokenable_id, name, token)"
                       " VALUES (50, 'App\\\\Models\\\\User', 1, 't', SHA2('zoned', 256))")

    def reason(self, expires_at, time_zone="UTC"):
        """What becomes of a token whose expiry an application wrote as this text."""
        self.db.execute(f"UPDATE personal_access_tokens SET expires_at = {expires_at},"
                        " last_used_at = NULL WHERE id = 50")
        self.system.configure()
        config = self.system.site.config
        self.system.site.write_secret(config, config.read_text().replace(
            "database {", f'database {{\n\ttime_zone = "{time_zone}"', 1))
        log = AuditLog(self.system.site)
        with Memory(self.system.site) as mount:
            mount.send(subscription(laravel.CHANNEL, TOKEN))
        return log.reasons()

    def test_the_server_is_in_the_zone(self):
        self.assertEqual(self.db.value(
            "SELECT TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(), NOW())"), str(self.offset_minutes()))

    def offset_minutes(self):
        sign = -1 if self.zone[0] == "-" else 1
        return sign * (int(self.zone[1:3]) * 60 + int(self.zone[4:6]))

    def test_an_application_in_utc(self):
        for minutes, expected in ((-1, "token_expired"), (1, "allowed"), (-600, "token_expired"),
                                  (600, "allowed")):
            with self.subTest(minutes=minutes):
                self.assertEqual(self.reason(f"UTC_TIMESTAMP() + INTERVAL {minutes} MINUTE"),
                                 [expected])

    def test_an_application_in_another_zone(self):
        for time_zone, offset in (("+05:00", 300), ("-08:00", -480), ("Europe/Berlin", None)):
            for minutes, expected in ((-1, "token_expired"), (1, "allowed")):
                with self.subTest(time_zone=time_zone, minutes=minutes):
                    if offset is None:
                        local = python_local(time_zone, minutes)
                    else:
                        local = f"UTC_TIMESTAMP() + INTERVAL {offset + minutes} MINUTE"
                    self.assertEqual(self.reason(local, time_zone), [expected])

    def test_last_used_at_is_written_in_the_applications_zone(self):
        self.assertEqual(self.reason("NULL", "+05:00"), ["allowed"])
        seconds = int(self.db.value(
            "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP() + INTERVAL 5 HOUR, last_used_at)"
            " FROM personal_access_tokens WHERE id = 50"))
        self.assertLess(abs(seconds), 600)


def python_local(zone, minutes):
    """A moment as naive text in a named zone."""
    try:
        there = zoneinfo.ZoneInfo(zone)
    except zoneinfo.ZoneInfoNotFoundError as error:
        raise unittest.SkipTest("no time zone database") from error
    moment = datetime.datetime.now(there) + datetime.timedelta(minutes=minutes)
    return moment.strftime("'%Y-%m-%d %H:%M:%S'")


class East(OnServer, unittest.TestCase):
    zone = "+05:00"


class West(OnServer, unittest.TestCase):
    zone = "-08:00"


if __name__ == "__main__":
    suite.main()
