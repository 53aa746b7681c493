"""As which user do the web servers and castgate run in a test?

Root must not serve requests: Apache drops to an unprivileged user, so castgate does too, and its
files belong to that user. Everybody else runs everything as themselves.
"""

import dataclasses
import grp
import os
import pwd


@dataclasses.dataclass(frozen=True)
class Account:
    user: str
    group: str
    uid: int
    gid: int

    @property
    def drops(self):
        """True when the test itself has another user than the servers."""
        return self.uid != os.geteuid()

    def own(self, path):
        """Give a file to the account."""
        if self.drops:
            os.chown(path, self.uid, self.gid)

    def popen_options(self):
        """Arguments for subprocess that start a program as this account."""
        if not self.drops:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def service_account():
    """The unprivileged user when the test runs as root, else the user of the test."""
    uid = os.geteuid()
    if uid == 0:
        for name in ("www-data", "nobody"):
            try:
                uid = pwd.getpwnam(name).pw_uid
                break
            except KeyError:
                continue
        else:
            raise AssertionError("running as root, and there is neither www-data nor nobody")
    entry = pwd.getpwuid(uid)
    group = grp.getgrgid(entry.pw_gid)
    return Account(entry.pw_name, group.gr_name, uid, entry.pw_gid)
