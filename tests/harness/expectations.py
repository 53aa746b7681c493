"""How is an operator's file of expectations run against a site?"""

import contextlib

from . import mariadb


@contextlib.contextmanager
def fixtures_allowed(system):
    """Meanwhile castgate's account may make temporary tables, as an account for tests may."""
    right = f"CREATE TEMPORARY TABLES ON {mariadb.DATABASE}.*"
    account = f"'{mariadb.USER}'@'localhost'"
    system.db.execute(f"GRANT {right} TO {account}")
    yield
    system.db.execute(f"REVOKE {right} FROM {account}")


def run(site, text, fixtures=None, *words):
    """Run `castgate rules test` over the text of a file, and of a file of fixtures; not judged."""
    files = {"site.expect": text, "fixtures.sql": fixtures}
    for name, content in files.items():
        if content is not None:
            site.write_secret(site.path / name, content)
    if fixtures is not None:
        words = ("--fixtures", site.path / "fixtures.sql", *words)
    return site.tool("rules", "test", *words, site.path / "site.expect")


def run_shipped(site, expect):
    """The same with a file that is shipped with a recipe, and its fixtures where it has some."""
    fixtures = expect.with_suffix(".fixtures.sql")
    return run(site, expect.read_text(), fixtures.read_text() if fixtures.exists() else None)


def summary(done):
    """How many were as expected, otherwise, and not to be found out."""
    words = done.stdout.splitlines()[-1].split() if done.stdout else []
    return tuple(int(word) for word in words if word.isdigit())


def count(text):
    """The expectations in a file's text."""
    return sum(line.startswith(("allow ", "deny ")) for line in text.splitlines())
