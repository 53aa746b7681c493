"""castgate under Apache's suexec: as the user who owns the site, as on shared hosts.

suexec is compiled for fixed paths: its own, /var/www for the programs it starts, its log. They are
given to it in a mount namespace of Apache's alone, together with a user that exists only there. Nothing
of the system's is touched.
"""

import os
import pathlib
import re
import shutil
import subprocess
import unittest

from . import places
from .mount_apache import (ApacheCgiBin, ApacheExact, ApacheFcgid, ApacheHtaccess,
                           ApacheHtaccessCgi)

USER = "castgate-site"
ID = 23456

# The folder prepared by the test is $1; the rest is Apache's command line.
_NAMESPACE = """
set -e
mount --bind "$1/passwd" /etc/passwd
mount --bind "$1/group" /etc/group
mount --bind "$1" /var/www
mount --bind /usr/lib/apache2/modules "$1/lib/modules"
mount --rbind "$1/lib" /usr/lib/apache2
mount -t tmpfs tmpfs /var/log
mkdir /var/log/apache2
shift
exec "$@"
"""


def can_have_namespaces():
    """Root may make one, unless a container forbids it."""
    return os.geteuid() == 0 and subprocess.run(
        ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], check=False,
        capture_output=True).returncode == 0


class _Suexec:
    """Before a mount of mount_apache among the bases."""

    def prepare(self):
        if not can_have_namespaces():
            raise unittest.SkipTest("only root may give suexec its paths in a mount namespace")
        lines = super().prepare()
        home = self._make_home()
        at = self.directory
        for name, line in (("passwd", f"{USER}:x:{ID}:{ID}::{home}:/bin/sh\n"),
                           ("group", f"{USER}:x:{ID}:\n")):
            (at / name).write_text(pathlib.Path("/etc", name).read_text() + line)
        (at / "lib").mkdir()
        (at / "lib/modules").mkdir()
        places.suexec(at / "lib/suexec", self._site.account)
        for folder in ("www", "cgi-bin", "bin"):
            for path in (at / folder, *(at / folder).rglob("*")):
                if path.exists():
                    os.chown(path, ID, ID)
                    self._forget_configuration(path)
            lines = lines.replace(f"{at}/{folder}", f"/var/www/{folder}")
        return f"SuexecUserGroup {USER} {USER}\n{lines}"

    @staticmethod
    def _forget_configuration(path):
        """The user has a home to find it in."""
        if path.is_file() and path.read_bytes().startswith(b"#!/bin/sh\n"):
            path.write_text(re.sub(r"CASTGATE_CONFIG=\S+ ", "", path.read_text()))

    def _make_home(self):
        """~/.castgate/castgate.conf, and a log that the user may write."""
        home = self.directory / "home"
        folder = home / ".castgate"
        folder.mkdir(parents=True)
        file = folder / "castgate.conf"
        file.write_text(re.sub(r'(?m)^state_dir = .*\n', "", self._site.config.read_text()).replace(
            f'log = "{self._site.log}"', f'log = "{home}/castgate.log"'))
        file.chmod(0o600)
        for path in (home, folder, file):
            os.chown(path, ID, ID)
        return home

    @property
    def log(self):
        """castgate's, in the user's home."""
        return self.directory / "home/castgate.log"

    def command(self, words):
        return ["unshare", "-m", "/bin/sh", "-c", _NAMESPACE, "sh", self.directory, *words]


class SuexecFcgid(_Suexec, ApacheFcgid):
    """With the program below suexec's document root, as the file's comment says."""

    name = "suexec-fcgid"
    modules = (*ApacheFcgid.modules, "suexec")

    def _values(self):
        folder = self.directory / "bin"
        folder.mkdir()
        shutil.copy(self._site.program("castgate.fcgi"), folder)
        return {**super()._values(), "CASTGATE_PROGRAM": folder / "castgate.fcgi"}


class SuexecHtaccess(_Suexec, ApacheHtaccess):
    name = "suexec-htaccess"
    modules = (*ApacheHtaccess.modules, "suexec")


class SuexecHtaccessCgi(_Suexec, ApacheHtaccessCgi):
    name = "suexec-htaccess-cgi"
    modules = (*ApacheHtaccessCgi.modules, "suexec")


class SuexecExact(_Suexec, ApacheExact):
    name = "suexec-exact"
    modules = (*ApacheExact.modules, "suexec")


class SuexecCgiBin(_Suexec, ApacheCgiBin):
    """With the file's third step: a cgi-bin outside of the document root."""

    name = "suexec-cgi-bin"
    modules = (*ApacheCgiBin.modules, "suexec")
    file = 'SetEnvIf Authorization "(.+)" HTTP_AUTHORIZATION=$1\n'

    def prepare(self):
        lines = super().prepare()
        assert lines.count("  AllowOverride None\n") == 1
        (self.directory / "cgi-bin/.htaccess").write_text(self.file)
        return lines.replace("  AllowOverride None\n", "  AllowOverride FileInfo\n")


MOUNTS = (SuexecFcgid, SuexecHtaccess, SuexecHtaccessCgi, SuexecExact, SuexecCgiBin)
