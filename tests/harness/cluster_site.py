"""What do tests over a cluster share: three nodes with the rows of a system, and a site that asks them?"""

import contextlib

from . import laravel
from .galera import Galera


class ClusterSite:
    """A system, Laravel unless told, whose database is three nodes. A context manager."""

    def __init__(self, name, system=None):
        self._stack = contextlib.ExitStack()
        self._system = system or laravel.Laravel(name, tcp=True)
        self._last_touch = (lambda text: text) if system else laravel.unthrottled
        self.site = self.scratch = self.cluster = self.nodes = None

    def __enter__(self):
        with self._stack:
            self._stack.enter_context(self._system)
            self.site, self.scratch = self._system.site, self._system.scratch
            self.cluster = self._stack.enter_context(Galera(self.scratch, self._system.db))
            self.nodes = self.cluster.nodes
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *error):
        return self._stack.__exit__(*error)

    def configure(self, nodes=None, lines="", site=None, **values):
        """Have a site, the only one unless told, ask these nodes, in this order, all of them unless
        told; forget what its processes shared before. `values` are the template's own."""
        site = site or self.site
        site.configure(self._system.description.template, self._system.db, None, **values)
        hosts = ", ".join(f'"127.0.0.1:{node.port}"' for node in nodes or self.nodes)
        text = site.config.read_text().replace(
            f'socket = "{self._system.db.socket}"', f"hosts = {{{hosts}}}\n\t{lines}")
        site.write_secret(site.config, self._last_touch(text))
        for path in site.state.iterdir():
            path.unlink()
