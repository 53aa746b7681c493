"""The real better-auth on a loopback port, over the test's own database."""

import json
import urllib.parse

from . import mariadb, node, places
from .exchange import Request, over_http
from .ports import accepts, free_port
from .server_process import ServerProcess

SECRET = "a-secret-that-better-auth-finds-long-enough"

# The application's own account, which may do anything in its database.
_USER = "application"
_PASSWORD = "only-for-the-application"


class BetterAuthServer:
    """tests/e2e/better_auth_server.js. A context manager; its tables are there once it is entered."""

    def __init__(self, scratch, db, name="better-auth", cookie_prefix="better-auth",
                 secure_cookies=False, secret=SECRET):
        self.port = free_port()
        self._directory = scratch.directory(name, mode=0o700)
        self._settings = self._directory / "settings.json"
        self._settings.write_text(json.dumps({
            "port": self.port, "secret": secret, "cookiePrefix": cookie_prefix,
            "secureCookies": secure_cookies,
            "database": {"socketPath": str(db.socket), "user": _USER, "password": _PASSWORD,
                         "name": mariadb.DATABASE}}))
        self._db = db
        self._server = None

    def __enter__(self):
        program = node.program()
        self._db.execute(
            f"CREATE USER IF NOT EXISTS '{_USER}'@'localhost' IDENTIFIED BY '{_PASSWORD}';"
            f"GRANT ALL ON {mariadb.DATABASE}.* TO '{_USER}'@'localhost'")
        self._server = ServerProcess(
            "better_auth_server.js",
            [program, places.SOURCE / "tests/e2e/better_auth_server.js", self._settings],
            self._directory / "log", environment=node.environment())
        self._server.start(lambda: accepts(self.port))
        return self

    def __exit__(self, *_):
        self._server.stop()

    def ask(self, method, path, body=None, headers=()):
        """One request to better-auth's API as its own pages make it; the reply and its JSON."""
        headers = [("Origin", f"http://127.0.0.1:{self.port}"), *headers]
        if body is not None:
            headers.append(("Content-Type", "application/json"))
        reply = over_http(self.port, Request(
            method, f"/api/auth{path}", headers, None if body is None else json.dumps(body).encode()))
        return reply, json.loads(reply.body or b"null")

    def sign_up(self, name):
        """A new person, signed in: an object with `cookie_name`, `cookie` and `token`."""
        reply, answer = self.ask("POST", "/sign-up/email", {
            "name": name, "email": f"{name.lower()}@app.example", "password": f"{name}-password"})
        if reply.status != 200:
            raise AssertionError(f"better-auth does not sign up: {reply}")
        for cookie in reply.values("Set-Cookie"):
            cookie_name, _, rest = cookie.partition("=")
            if cookie_name.endswith(".session_token"):
                return SignedIn(cookie_name, rest.partition(";")[0], answer["token"],
                                answer["user"]["id"])
        raise AssertionError(f"better-auth set no cookie: {reply}")

    def session(self, headers):
        """What get-session answers for these headers: an object, or None."""
        reply, answer = self.ask("GET", "/get-session", headers=headers)
        if reply.status != 200:
            raise AssertionError(f"better-auth: {reply}")
        return answer


class SignedIn:
    """What a browser holds after signing in: the cookie as it was set, and the token within it."""

    def __init__(self, cookie_name, cookie, token, user):
        self.cookie_name = cookie_name
        self.cookie = cookie
        self.token = token
        self.user = user

    @property
    def decoded(self):
        """TOKEN.SIGNATURE."""
        return urllib.parse.unquote(self.cookie)

    @property
    def signature(self):
        return self.decoded.rpartition(".")[2]

    @property
    def headers(self):
        """As the browser sends it."""
        return [("Cookie", f"{self.cookie_name}={self.cookie}")]
