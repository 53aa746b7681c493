"""What do all tests about system 1 share: keys, tables and rows, and one site over them?"""

import hashlib

from .case_file import Keys
from .site import PATIENT_HOLD
from .system import CONFORMANCE, Description, System

KEYS = Keys("thisisaauthkey", "thisisasecret", b"0123456789abcdef0123456789abcdef")

ALICE = "1|alice-plain"
CHANNEL = "private-chat.6.conversation.123"

DESCRIPTION = Description(
    name="laravel-sanctum",
    cases=CONFORMANCE / "laravel-sanctum.cases",
    template=CONFORMANCE / "laravel.conf",
    keys=KEYS,
    migrations=("laravel",),
    rows=(CONFORMANCE / "laravel.sql",))


class Laravel(System):
    """System 1, or what a test makes of it. A context manager."""

    def __init__(self, name, template=None, more_sql=(), options=None, tcp=False,
                 values=None, hold=PATIENT_HOLD):
        super().__init__(DESCRIPTION, name, template, more_sql, options, tcp, values, hold)


def fresh_token(number):
    """A token and the statement that makes it; its owner is that of ALICE."""
    plain = f"fresh-{number}"
    digest = hashlib.sha256(plain.encode()).hexdigest()
    return (f"{number}|{plain}",
            "INSERT INTO personal_access_tokens (id, tokenable_type, tokenable_id, name, token,"
            f" abilities, created_at, updated_at) SELECT {number}, tokenable_type, tokenable_id,"
            f" 'fresh', '{digest}', abilities, created_at, updated_at"
            " FROM personal_access_tokens WHERE id = 1")


def unthrottled(text):
    """A configuration made of laravel.conf in which refusals, however many, have no consequences."""
    head = 'endpoint "/broadcasting/auth" {\n'
    if text.count(head) != 1:
        raise AssertionError(f"not one {head}")
    return text.replace(head, f"{head}\tthrottle {{ failures = off }}\n")
