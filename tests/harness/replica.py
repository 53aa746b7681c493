"""How does a test get a database server that follows another one, and falls behind when told to?"""

from .mariadb import MariaDB
from .waiting import PATIENCE_SECONDS

# What the server that is followed needs.
PRIMARY_OPTIONS = {"log-bin": "bin", "server-id": 1}
_USER = "follower"
_PASSWORD = "only-for-following"


class Replica(MariaDB):
    """A second private server on loopback that replays everything its primary ever did.

    The primary is a MariaDB with PRIMARY_OPTIONS and `tcp`. A context manager: the two are alike when
    the block begins.
    """

    def __init__(self, scratch, primary, name="replica", number=2):
        super().__init__(scratch, {"server-id": number, "read-only": None}, tcp=True, name=name)
        self._primary = primary

    def _prepare(self):
        self._primary.execute(
            f"CREATE USER IF NOT EXISTS '{_USER}'@'127.0.0.1' IDENTIFIED BY '{_PASSWORD}';"
            f"GRANT REPLICATION SLAVE ON *.* TO '{_USER}'@'127.0.0.1'")
        self.execute(self.kind.follow.format(port=self._primary.port, user=_USER, password=_PASSWORD),
                     database=None)
        self.catch_up()

    def fall_behind(self):
        """Learn nothing more until catch_up()."""
        self.execute(f"STOP {self.kind.replica}", database=None)

    def catch_up(self):
        """Follow, and return once all that the primary did until now was replayed."""
        self.execute(f"START {self.kind.replica}", database=None)
        log, position = self._primary.execute(
            f"SHOW {self.kind.log_status}", database=None)[0][:2]
        done = self.execute(
            f"SELECT {self.kind.wait_for_log}('{log}', {position}, {PATIENCE_SECONDS})", database=None)[0][0]
        if done is None or int(done) < 0:
            state = self.execute(f"SHOW {self.kind.replica} STATUS", database=None)
            raise AssertionError(f"the replica does not follow: {state}")
