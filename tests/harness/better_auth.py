"""What do all tests about system 3 share: secrets, tables and rows?"""

from .case_file import Keys
from .system import CONFORMANCE, Description

KEYS = Keys("thisisaauthkey", "thisisasecret", b"")

DESCRIPTION = Description(
    name="better-auth",
    cases=CONFORMANCE / "better-auth.cases",
    template=CONFORMANCE / "better-auth.conf",
    keys=KEYS,
    migrations=("better-auth",),
    rows=(CONFORMANCE / "better-auth.sql",),
    paths=("/auth/session", "/raw/auth/session", "/shop/auth/session", "/any/auth/session",
           "/api/pusher/auth"))
