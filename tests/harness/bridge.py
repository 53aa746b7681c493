"""What do all tests about system 4 share: a provider's tokens, and a client that keeps its cookies?"""

import json
import uuid

from . import places
from .case_file import Keys
from .exchange import Request
from .system import Description
from .tokens import hmac_token

SECRET = "a-legacy-secret-that-is-long-enough!"
OURS = "our-own-secret-of-at-least-32-bytes!"
CLAIMS = {"iss": "https://project.example/auth/v1", "aud": "authenticated", "role": "authenticated"}
COOKIE, REFRESH = "__Host-castgate_session", "__Secure-castgate_refresh"
PAGE = [("Origin", "https://app.example"), ("Sec-Fetch-Site", "same-site")]
EVIL = [("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")]

DESCRIPTION = Description(
    name="session", cases=None, template=places.SOURCE / "tests/integration/session.conf",
    keys=Keys("app-key", "app-secret", None), migrations=("supabase",))


def values(secrets=(OURS,), grace="600s", more=""):
    """What the template has beyond a site's own values. The grace interval is longer than anybody here
    goes on asking, on a machine however busy."""
    return {"SECRETS": ", ".join(f'"{word}"' for word in secrets), "GRACE": grace, "MORE": more}


def provider_token(user="7", session=None, **claims):
    """What the provider gives to who signed in there; a new sign-in unless one is named."""
    return hmac_token(SECRET, sub=user, session_id=session or str(uuid.uuid4()),
                      **{**CLAIMS, **claims})


class Browser:
    """One client of the session endpoints; cookies are kept as a browser would keep them."""

    def __init__(self, mount, cookies=None):
        self._mount = mount
        self.cookies = dict(cookies or {})

    def ask(self, method, target, body=None, headers=()):
        lines = list(headers)
        if self.cookies:
            lines.append(("Cookie", "; ".join(f"{k}={v}" for k, v in self.cookies.items())))
        if body is not None:
            lines.append(("Content-Type", "application/json"))
            body = json.dumps(body).encode()
        elif method != "GET":
            body = b""
        reply = self._mount.send(Request(method, target, lines, body))
        for line in reply.values("Set-Cookie"):
            name, _, rest = line.partition("=")
            value = rest.split(";")[0]
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return reply

    def bridge(self, token, headers=PAGE, **body):
        return self.ask("POST", "/api/auth/session/bridge", body or None,
                        [("Authorization", f"Bearer {token}"), *headers])

    def refresh(self, headers=PAGE, **body):
        return self.ask("POST", "/api/auth/session/refresh", body or None, headers)

    def logout(self, headers=PAGE, **body):
        return self.ask("POST", "/api/auth/session/logout", body or None, headers)

    def who(self):
        return self.ask("GET", "/auth/session")

    def copy(self, mount=None):
        """Another tab; or the same browser, asking elsewhere."""
        return Browser(mount or self._mount, self.cookies)
