"""What does sql/grants.sql.in say?"""

import re

from . import places

_TEMPLATE = places.SOURCE / "sql" / "grants.sql.in"


def statements(database, accounts, part=""):
    """The template with names put in; `accounts` are {"APPLICATION": "castgate", ...} on localhost. With
    `part`, of those parts only whose titles begin so."""
    head, *parts = re.split(r"(?m)^(?=-- == )", _TEMPLATE.read_text())
    text = "".join([head] + [one for one in parts if one.startswith(f"-- == {part}")])
    text = text.replace("@DATABASE@", database)
    for word, name in accounts.items():
        text = text.replace(f"@{word}@", f"'{name}'@'localhost'")
    return text


def accounts(names):
    """Statements that make these accounts on localhost, without a password and with no privilege."""
    return "".join(f"DROP USER IF EXISTS '{name}'@'localhost'; CREATE USER '{name}'@'localhost';"
                   for name in names)


def of_application():
    """What the application gets, by table: {"users": ["SELECT (id, name)"], ...}."""
    grants = {}
    for privileges, table in re.findall(
            r"(?m)^GRANT ([^;]*?)\s+ON `@DATABASE@`\.`(\w+)` TO @APPLICATION@;", _TEMPLATE.read_text()):
        grants.setdefault(table, []).append(privileges)
    return grants
