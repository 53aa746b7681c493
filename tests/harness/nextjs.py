"""What do all tests about system 0, Next.js with better-auth and Sockudo, share?"""

import base64
import hmac

from .case_file import Keys
from .system import CONFORMANCE, Description

PATH = "/api/pusher/auth"
SECRET = "only-for-tests-0123456789abcdefgh"

DESCRIPTION = Description(
    name="nextjs-sockudo",
    cases=CONFORMANCE / "nextjs-sockudo.cases",
    template=CONFORMANCE / "nextjs-sockudo.conf",
    keys=Keys("app-key", "sockudo-secret", None),
    migrations=("better-auth", "nextjs"),
    rows=(CONFORMANCE / "nextjs-sockudo.sql",),
    paths=(PATH,))


def signed(token):
    """A token as better-auth hands it out."""
    return f"{token}." + base64.b64encode(
        hmac.digest(SECRET.encode(), token.encode(), "sha256")).decode()


def channel(number):
    """The channel of a session of the fixture."""
    return f"private-session-11111111-2222-4333-8444-{number:012}"
