"""How fast are rows deleted that are over, and who waits for it?

Fills user_sessions and refresh_tokens, of which `--over` is over, and prunes them with castgate session prune,
then with the file of sql/maintenance again and again, while browsers ask who they are and others refresh. Prints
rows a second, the slowest batch as the server's own log has it, and the slowest request; a
refresh may have to wait for a batch, or be told to come again.
"""

import argparse
import contextlib
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import data
from harness import bridge, ending, mariadb, places, statement_log
from harness.load import Load
from harness.exchange import Request
from harness.mount_cgi import cgi_environment
from harness.mount_socket import OwnSocket
from harness.system import System

TABLES = ("refresh_tokens", "user_sessions")


class Refreshing:
    """A browser that refreshes all the time; `slowest` in seconds, and every status. A context manager."""

    def __init__(self, mount):
        self._browser = bridge.Browser(mount)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.slowest = 0.0
        self.statuses = {}

    def __enter__(self):
        self._browser.bridge(bridge.provider_token("refresher"))
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _run(self):
        while not self._stop.is_set():
            started = time.monotonic()
            status = self._browser.refresh().status
            self.slowest = max(self.slowest, time.monotonic() - started)
            self.statuses[status] = self.statuses.get(status, 0) + 1


class Site:
    """The session bridge over so many refresh tokens. A context manager."""

    def __init__(self, tokens, over):
        self._tokens = tokens
        self._over = over
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        with self._stack as stack:
            self.system = stack.enter_context(System(
                bridge.DESCRIPTION, "bench-prune", values=bridge.values(),
                options={**statement_log.OPTIONS, "innodb-buffer-pool-size": "2G",
                         "innodb-log-file-size": "1G", "innodb-flush-log-at-trx-commit": "1"}))
            self.db = self.system.db
            site = self.system.site
            data.surround(self.db, "supabase-bridge", self._tokens)
            self.make_old()
            self.db.execute(f"GRANT SELECT, DELETE ON {mariadb.DATABASE}.* TO '{mariadb.USER}'@'localhost'")
            self.mount = stack.enter_context(OwnSocket(site, self.system.scratch, workers=4))
            self.log = statement_log.StatementLog(self.db)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error):
        return self._stack.__exit__(*error)

    def make_old(self):
        """Whole sessions with their tokens, in no order of their keys."""
        for table, key in zip(TABLES, ("session_id", "id")):
            self.db.execute(
                f"UPDATE {table} SET expires_at = '2020-01-01' + INTERVAL CRC32({key}) % 99999999 SECOND"
                f" WHERE CRC32({key}) % 100 < {100 * self._over:.0f}; ANALYZE TABLE {table}")

    def over(self):
        """How many rows are to be deleted; others come all the time."""
        return sum(int(self.db.value(f"SELECT COUNT(*) FROM {table} WHERE expires_at < '2025-01-01'"))
                   for table in TABLES)

    def who(self):
        browser = bridge.Browser(self.mount)
        browser.bridge(bridge.provider_token("reader"))
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        request = Request("GET", "/auth/session", [("Cookie", cookie)], None)
        return Load(self.mount.path, cgi_environment(request, self.system.site), b"", count=4)

    def measure(self, name, user, prune):
        """One line of the table, and what was wrong."""
        before = self.over()
        self.log.forget()
        with self.who() as load, Refreshing(self.mount) as refreshing:
            load.wait_for(50)
            started = time.monotonic()
            prune()
            took = time.monotonic() - started
            load.wait_for(50)
        gone = before - self.over()
        batches = [one.seconds for one in self.log.read(user) if one.sql.startswith("DELETE")]
        print(f"| {name} | {gone:,} | {gone / took:,.0f} | {len(batches):,} | {max(batches):.2f} |"
              f" {load.slowest:.2f} | {refreshing.slowest:.2f} | {refreshing.statuses.get(503, 0)} of"
              f" {sum(refreshing.statuses.values())} |", flush=True)
        wrong = [] if set(load.statuses) == {200} and not load.broken else [f"{name}: {load} {load.wrong}"]
        return wrong + ([] if set(refreshing.statuses) <= {200, 503} else [f"{name}: {refreshing.statuses}"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokens", type=int, default=2000000, help="a tenth as many sessions")
    parser.add_argument("--over", type=float, default=0.5, help="how much of them is over")
    options = parser.parse_args()
    ending.unwind_on_signals()
    wrong = []
    print("| pruned by | rows | rows/s | batches | slowest batch, s | slowest GET, s | slowest refresh, s |"
          " refreshes told to come again (503) |\n|---|---|---|---|---|---|---|---|")
    with Site(options.tokens, options.over) as site:
        tool = site.system.site

        def by_tool():
            done = tool.tool("session", "prune", seconds=3600)
            if done.returncode != 0:
                wrong.append(done.stdout + done.stderr)

        def by_file():
            while site.over():
                site.db.load(places.SOURCE / "sql/maintenance/supabase.prune.sql")
        wrong += site.measure("`castgate session prune`", mariadb.USER, by_tool)
    with Site(options.tokens, options.over) as site:
        wrong += site.measure("`supabase.prune.sql`, again and again", site.db.administrator, by_file)
    for line in wrong:
        print(f"WRONG: {line}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
