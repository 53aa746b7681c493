"""How does a test get a Galera cluster of its own, and how does it lose one node, or its quorum?"""

import os
import pathlib
import re
import shutil
import subprocess
import time

from . import places
from .mariadb import MariaDB
from .ports import free_port

PROVIDERS = ("/usr/lib/galera/libgalera_smm.so", "/usr/lib64/galera/libgalera_smm.so",
             "/usr/lib64/galera-4/libgalera_smm.so")
# A dead node is noticed within two seconds, where five are usual. Less, and a busy machine has nodes
# suspect each other for nothing.
TIMES = ("evs.keepalive_period=PT0.3S;evs.inactive_check_period=PT0.3S;"
         "evs.suspect_timeout=PT2S;evs.inactive_timeout=PT6S;evs.install_timeout=PT6S")

# What a joining node and its donor run to agree on where to begin. All data is there already, and what
# a node missed comes from the donor itself, so they only have to exchange one line. (The methods
# that copy everything are scripts of Debian's mariadb-server, which would start a service.)
TRANSFER = """#!/bin/sh
while [ $# -gt 0 ]; do
	case $1 in
	--role) role=$2 ;;
	--address) address=$2 ;;
	--gtid) position=$2 ;;
	--bypass) bypass=yes ;;
	esac
	shift
done
file=$(dirname "$0")/transfer-${address##*:}
if [ "$role" = joiner ]; then
	rm -f "$file"
	echo "ready $address"
	until [ -s "$file" ]; do sleep 0.05; done
	cat "$file"
elif [ "$bypass" = yes ]; then
	echo "$position" >"$file.new" && mv "$file.new" "$file"
	echo "done $position"
else
	exit 1
fi
"""


def provider():
    for path in PROVIDERS:
        if pathlib.Path(path).exists():
            return path
    raise places.missing("galera-4")


class Node(MariaDB):
    """One server of a cluster, on a copy of the data of `seed`, a server that stands still."""

    def __init__(self, scratch, name, seed):
        super().__init__(scratch, tcp=True, name=name)
        self._seed = seed.directory
        self._provider = provider()
        self.cluster_port = free_port()
        self.transfer_port = free_port()
        self.agreement_port = free_port()
        self._environment = {
            **os.environ, "PATH": f"{scratch.path}:{os.environ.get('PATH', '/usr/bin:/bin')}"}
        self.peers = ()

    def __enter__(self):
        self._mariadbd = self.kind.server()
        self._client = self.kind.client()
        self.directory.mkdir()
        self.directory.chmod(0o711)
        self._temporary = self.directory / "tmp"
        self._temporary.mkdir()
        self._make_certificate()
        self.port = free_port()
        shutil.copytree(self._seed / "data", self.directory / "data",
                        ignore=shutil.ignore_patterns("galera.cache", "gvwstate.dat"))
        return self

    def found(self):
        """Start as the first of a cluster."""
        self._options = {**self._cluster_options(), "wsrep-new-cluster": None}
        # it answers a moment before it takes changes
        self.start(lambda: self.synced)

    def join(self):
        """Start as one more; it serves once it has met the others, so nobody waits for it here."""
        self._options = self._cluster_options()
        self.start(lambda: True)

    def revive(self):
        """Start after a crash, where it stopped, as mariadbd-safe would; otherwise as join()."""
        self._options = {**self._cluster_options(),
                         "wsrep-start-position": self._recovered_position()}
        self.start(lambda: True)

    def state(self, name):
        return self.execute(f"SHOW GLOBAL STATUS LIKE 'wsrep_{name}'", database=None)[0][1]

    @property
    def synced(self):
        return (self.alive and self._is_ready() and self.state("ready") == "ON"
                and self.state("local_state_comment") == "Synced")

    def catch_up(self):
        """Return once all that any node has done until now is to be seen on this one, which is a moment later."""
        self.execute("SET SESSION wsrep_sync_wait = 1; SELECT 1")

    def kill(self):
        """As a power cut would."""
        self._server.stop(9)

    def _cluster_options(self):
        return {
            "wsrep-on": "ON",
            "wsrep-provider": self._provider,
            "wsrep-cluster-name": "castgate",
            "wsrep-cluster-address": "gcomm://" + ",".join(
                f"127.0.0.1:{peer.cluster_port}" for peer in self.peers),
            "wsrep-node-address": f"127.0.0.1:{self.cluster_port}",
            "wsrep-node-name": self.directory.name,
            "wsrep-sst-method": "nothing",
            "wsrep-sst-receive-address": f"127.0.0.1:{self.agreement_port}",
            "wsrep-provider-options":
                f"gmcast.listen_addr=tcp://127.0.0.1:{self.cluster_port};"
                f"ist.recv_addr=127.0.0.1:{self.transfer_port};gcache.size=8M;" + TIMES,
            "binlog-format": "ROW",
            "innodb-autoinc-lock-mode": "2",
            "innodb-flush-log-at-trx-commit": "2",
        }

    def _recovered_position(self):
        done = subprocess.run(
            [self._mariadbd, "--no-defaults", *self._user_options(),
             f"--datadir={self.directory / 'data'}", f"--tmpdir={self._temporary}",
             "--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M",
             *(f"--{name}={value}" for name, value in self._cluster_options().items()),
             "--skip-networking", f"--socket={self.directory / 'r'}", "--wsrep-recover"],
            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300)
        found = re.search(r"WSREP: Recovered position:? ?(\S+)", done.stderr + done.stdout)
        if not found:
            raise AssertionError(f"no position recovered:\n{done.stderr[-3000:]}")
        return found.group(1)


class Galera:
    """Three nodes that hold what `seed`, a MariaDB with some data, held; it is stopped.

    A context manager: within the block all are members of one cluster.
    """

    def __init__(self, scratch, seed):
        self._seed = seed
        self._script = scratch.path / "wsrep_sst_nothing"
        first = Node(scratch, "node1", seed)
        self.nodes = [first, Node(scratch, "node2", first), Node(scratch, "node3", first)]

    def __enter__(self):
        self._seed.stop()
        self._script.write_text(TRANSFER)
        self._script.chmod(0o755)
        try:
            first, *others = self.nodes
            self._found(first)
            for node in others:
                node.__enter__()
            first.found()
            for node in others:
                node.join()
            self.wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for node in self.nodes:
            if node.alive:
                node.kill()

    def _found(self, first):
        """Make the first node a cluster of one, so that its data is marked as a cluster's."""
        for node in self.nodes:
            node.peers = self.nodes
        first.__enter__()
        first.found()
        first.execute("CREATE TABLE founded (id INT PRIMARY KEY); DROP TABLE founded")
        first.stop()

    def wait(self, seconds=180):
        """Until all are there and of one mind. A node that gave up on the way is started again, as a
        supervisor would: two that come back at once may wait for one another."""
        deadline = time.monotonic() + seconds
        while not all(node.synced and node.state("cluster_size") == "3" for node in self.nodes):
            if time.monotonic() > deadline:
                raise AssertionError("the cluster does not come together")
            for node in self.nodes:
                if not node.alive:
                    node.revive()
            time.sleep(0.1)
