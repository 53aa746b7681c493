"""What does castgate need on disk to serve one site, and who may read it?"""

import os
import pathlib
import re
import shutil
import subprocess

from . import evidence, mariadb, places
from .account import service_account
from .copied_file import filled

PATIENT_HOLD = "60s"
# A database that is away is known to be after a few seconds, which a busy one rarely needs for an answer.
BRIEF_HOLD = "2s"
_OWN_TIMES = re.compile(r"(?m)^\s*(deadline|hold) =")


def patient(text, hold=PATIENT_HOLD):
    """A configuration without times of its own, with those of a busy machine: `hold` is how much of a
    request's may go by for one answer of the database."""
    text, found = re.subn(
        r"(?m)^([ \t]*)database \{\n",
        lambda head: f"{head[0]}{head[1]}\tdeadline = {PATIENT_HOLD}\n{head[1]}\thold = {hold}\n", text, count=1)
    if not found:
        raise AssertionError(f"no line `database {{` to put times behind:\n{text}")
    return text


class Site:
    """Programs, configuration, state and log of one site, in a directory of the scratch.

    The configuration holds secrets: root owns it and the servers' group may read it, or it is the
    user's own. The programs are copies, so that a build below a closed home directory will do.
    `paths` are those that a web server hands over, None those of the files that users copy.
    A context manager only for its log, which is shown when a test fails.
    """

    def __init__(self, scratch, name="site", paths=None):
        self.paths = paths
        self.account = service_account()
        self.path = scratch.directory(name)
        self.config = self.path / "castgate.conf"
        self.state = self._own_directory("state", 0o700)
        self.logs = self._own_directory("log", 0o755)
        self.log = self.logs / "castgate.log"
        self.docroot = self.path / "www"
        self.docroot.mkdir()
        self.docroot.chmod(0o755)
        self.programs = self.path / "bin"
        self.programs.mkdir()
        self.programs.chmod(0o755)

    def __enter__(self):
        evidence.keep(self.log)
        return self

    def __exit__(self, *_):
        evidence.forget(self.log)

    def program(self, name):
        """The path of a copy of a built program that the account may run."""
        copy = self.programs / os.path.basename(name)
        if not copy.exists():
            shutil.copyfile(places.built(name), copy)
            copy.chmod(0o755)
        return copy

    def configure(self, template, db, hold=PATIENT_HOLD, **values):
        """Write the configuration from a template of the tests. Takes effect in new processes.

        A request may take as long as a busy machine needs. `hold` is how much of that for one answer of
        the database, or until it is back; None leaves the times that are shipped. A template that has
        times of its own keeps them."""
        text = filled(template, {
            "DB_SOCKET": db.socket, "DB_PORT": db.port, "DB_CA": db.tls_ca,
            "DB_NAME": mariadb.DATABASE, "DB_USER": mariadb.USER, "DB_PASSWORD": mariadb.PASSWORD,
            "STATE": self.state, "LOG": self.log, **values})
        if hold and not _OWN_TIMES.search(text):
            text = patient(text, hold)
        self.write_secret(self.config, text)

    def tool(self, *words, stdin="", seconds=300):
        """Run `castgate WORDS --config CONFIG` as the account; the finished process, not judged."""
        return subprocess.run(
            [self.program("castgate"), *map(str, words), "--config", self.config], input=stdin,
            capture_output=True, text=True, cwd="/", env={"PATH": "/usr/bin:/bin"},
            timeout=seconds, **self.account.popen_options())

    def check(self):
        """Fail with castgate's own words unless the configuration works with the database."""
        done = self.tool("check")
        if done.returncode != 0:
            raise AssertionError(f"castgate check:\n{done.stdout}{done.stderr}")

    def publish(self, *files):
        """Put copies of files where the web server shows them to everybody."""
        for file in files:
            self.publish_text(os.path.basename(file), pathlib.Path(file).read_text())

    def publish_text(self, name, text):
        """The same for a file that is made up."""
        copy = self.docroot / name
        copy.write_text(text)
        copy.chmod(0o644)

    def write_secret(self, path, text):
        """Write a file that the account may read and others may not."""
        path.write_text(text)
        if self.account.drops:
            os.chown(path, 0, self.account.gid)
            path.chmod(0o640)
        else:
            path.chmod(0o600)

    def forget_throttle(self):
        """Put nobody in penalty any more, also in running processes: zero all that is counted in
        the file, and leave its head with the layout and the key."""
        file = self.state / "throttle"
        if file.exists():
            with file.open("r+b") as stream:
                stream.seek(64)
                stream.write(bytes(file.stat().st_size - 64))

    def log_text(self):
        try:
            return self.log.read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def _own_directory(self, name, mode):
        path = self.path / name
        path.mkdir()
        path.chmod(mode)
        self.account.own(path)
        return path
