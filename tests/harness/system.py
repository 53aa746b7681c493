"""What does a documented system bring for its tests: cases, keys, tables and rows, and one site over them?"""

import contextlib
import dataclasses
import pathlib

from . import mariadb, places
from .case_file import Keys
from .scratch import Scratch
from .site import PATIENT_HOLD, Site

CONFORMANCE = places.SOURCE / "tests" / "conformance"


@dataclasses.dataclass(frozen=True)
class Description:
    """A system as its files in tests/conformance tell it.

    `migrations` are folders of sql/, `rows` files loaded after them. `paths` are those that a web
    server hands to castgate; None leaves the paths of the files that users copy. `mounts` are those
    its cases are replayed over; None is all of them.
    """
    name: str
    cases: pathlib.Path
    template: pathlib.Path
    keys: Keys
    migrations: tuple = ()
    rows: tuple = ()
    paths: tuple = None
    mounts: tuple = None


class System:
    """A database with migrations and fixtures, and a configured site. A context manager.

    `values` are those that the template has beyond the site's own; `hold` is as for a site.
    """

    def __init__(self, description, name=None, template=None, more_sql=(), options=None, tcp=False,
                 values=None, hold=PATIENT_HOLD):
        self.description = description
        self._name = name or description.name
        self._template = template or description.template
        self._more_sql = more_sql
        self._options = options
        self._tcp = tcp
        self._values = values or {}
        self._hold = hold
        self._stack = contextlib.ExitStack()
        self.scratch = self.db = self.site = None

    def __enter__(self):
        with self._stack:
            self.scratch = self._stack.enter_context(Scratch(self._name))
            self.db = self._stack.enter_context(
                mariadb.MariaDB(self.scratch, self._options, self._tcp))
            for folder in self.description.migrations:
                self.db.migrate(folder)
            self.db.load(*self.description.rows, *self._more_sql)
            self.db.grant()
            self.site = self._stack.enter_context(
                Site(self.scratch, paths=self.description.paths))
            self.configure(**self._values)
            self.site.check()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *error):
        return self._stack.__exit__(*error)

    def configure(self, template=None, **values):
        """Write the configuration again. Processes that start from now on read it."""
        self.site.configure(template or self._template, self.db,
                            **{"hold": self._hold, **values})
