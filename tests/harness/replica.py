"""How does a test get a database server that follows another one, and falls behind when told to?"""

from .mariadb import MariaDB

# What the server that is followed needs.
PRIMARY_OPTIONS = {"log-bin": "bin", "server-id": 1}
_USER = "follower"
_PASSWORD = "only-for-following"


class Replica(MariaDB):
    """A second private mariadbd on loopback that replays everything its primary ever did.

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
        self.execute(
            "CHANGE MASTER TO MASTER_HOST='127.0.0.1',"
            f" MASTER_PORT={self._primary.port}, MASTER_USER='{_USER}',"
            f" MASTER_PASSWORD='{_PASSWORD}', MASTER_CONNECT_RETRY=1,"
            " MASTER_LOG_FILE='bin.000001', MASTER_LOG_POS=4; START SLAVE", database=None)
        self.catch_up()

    def fall_behind(self):
        """Learn nothing more until catch_up()."""
        self.execute("STOP SLAVE", database=None)

    def catch_up(self):
        """Follow, and return once all that the primary did until now was replayed."""
        self.execute("START SLAVE", database=None)
        log, position = self._primary.execute("SHOW MASTER STATUS", database=None)[0][:2]
        done = self.execute(f"SELECT MASTER_POS_WAIT('{log}', {position}, 30)", database=None)[0][0]
        if done is None or int(done) < 0:
            state = self.execute("SHOW SLAVE STATUS", database=None)
            raise AssertionError(f"the replica does not follow: {state}")
