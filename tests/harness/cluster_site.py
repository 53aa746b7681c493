"""What do tests over a cluster share: three nodes with the rows of system 1, and a site that asks them?"""

import contextlib

from . import laravel
from .galera import Galera


class ClusterSite:
    """A Laravel system whose database is three nodes. A context manager."""

    def __init__(self, name):
        self._stack = contextlib.ExitStack()
        self._laravel = laravel.Laravel(name, tcp=True)
        self.site = self.scratch = self.cluster = self.nodes = None

    def __enter__(self):
        with self._stack:
            self._stack.enter_context(self._laravel)
            self.site, self.scratch = self._laravel.site, self._laravel.scratch
            self.cluster = self._stack.enter_context(Galera(self.scratch, self._laravel.db))
            self.nodes = self.cluster.nodes
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *error):
        return self._stack.__exit__(*error)

    def configure(self, nodes=None, lines=""):
        """Ask these nodes, in this order, all of them unless told; forget what was shared before."""
        self._laravel.configure()
        hosts = ", ".join(f'"127.0.0.1:{node.port}"' for node in nodes or self.nodes)
        text = self.site.config.read_text().replace(
            f'socket = "{self._laravel.db.socket}"', f"hosts = {{{hosts}}}\n\t{lines}")
        self.site.write_secret(self.site.config, laravel.unthrottled(text))
        for path in self.site.state.iterdir():
            path.unlink()
