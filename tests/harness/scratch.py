"""Where do the files of one test live, and how do they disappear whatever happens?"""

import os
import pathlib
import shutil
import tempfile

from . import ending


class Scratch:
    """A directory that other users can pass through, with short paths for sockets.

    Used as a context manager; it is removed at the end, or kept when CASTGATE_KEEP is set.
    """

    def __init__(self, name):
        parent = tempfile.gettempdir()
        # A UNIX socket's path has at most 107 bytes; a long TMPDIR would use them up.
        if len(parent) > 40:
            parent = "/tmp"
        self._prefix = f"castgate-{name}-"
        self._parent = parent
        self.path = None

    def __enter__(self):
        ending.unwind_on_signals()
        # The servers' user must be able to read what the test writes, whatever the person's mask.
        os.umask(0o022)
        self.path = pathlib.Path(tempfile.mkdtemp(prefix=self._prefix, dir=self._parent))
        os.chmod(self.path, 0o711)
        return self

    def __exit__(self, *_):
        if os.environ.get("CASTGATE_KEEP"):
            print(f"kept: {self.path}")
        else:
            shutil.rmtree(self.path, ignore_errors=True)

    def directory(self, name, account=None, mode=0o755):
        """Make a directory below, owned by `account` if one is given."""
        path = self.path / name
        path.mkdir()
        os.chmod(path, mode)
        if account:
            account.own(path)
        return path
