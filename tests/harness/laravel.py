"""What do all tests about system 1 share: keys, tables and rows, and one site over them?"""

import contextlib

from . import mariadb, places
from .case_file import Keys
from .scratch import Scratch
from .site import Site

CONFORMANCE = places.SOURCE / "tests" / "conformance"
KEYS = Keys("thisisaauthkey", "thisisasecret", b"0123456789abcdef0123456789abcdef")

ALICE = "1|alice-plain"
CHANNEL = "private-chat.6.conversation.123"


class Laravel:
    """A database with migrations and fixtures, and a configured site. A context manager.

    `values` are those that the template has beyond the site's own.
    """

    def __init__(self, name, template=CONFORMANCE / "laravel.conf", more_sql=(),
                 options=None, tcp=False, values=None):
        self._name = name
        self._template = template
        self._more_sql = more_sql
        self._options = options
        self._tcp = tcp
        self._values = values or {}
        self._stack = contextlib.ExitStack()
        self.scratch = self.db = self.site = None

    def __enter__(self):
        with self._stack:
            self.scratch = self._stack.enter_context(Scratch(self._name))
            self.db = self._stack.enter_context(
                mariadb.MariaDB(self.scratch, self._options, self._tcp))
            self.db.migrate("laravel")
            self.db.load(CONFORMANCE / "laravel.sql", *self._more_sql)
            self.db.grant()
            self.site = self._stack.enter_context(Site(self.scratch))
            self.configure(**self._values)
            self.site.check()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *error):
        return self._stack.__exit__(*error)

    def configure(self, template=None, **values):
        """Write the configuration again. Processes that start from now on read it."""
        self.site.configure(template or self._template, self.db, **values)
