"""castgate.fcgi executed directly, with the environment a web server gives a CGI program."""

import subprocess
import urllib.parse

from . import evidence
from .exchange import parse_cgi
from .waiting import PATIENCE_SECONDS


class DirectCgi:
    """One process for each request, as the site's account."""

    name = "cgi"

    def __init__(self, site):
        self._site = site
        self.error_log = site.logs / "cgi-stderr.log"

    def __enter__(self):
        self.error_log.touch()
        evidence.keep(self.error_log)
        return self

    def __exit__(self, *_):
        evidence.forget(self.error_log)
        evidence.fail_on_sanitizer_report(self.error_log)

    def send(self, request, argv=(), extra=None):
        """Answer one request; `argv` is what Apache makes of a query without an equals sign."""
        environment = cgi_environment(request, self._site)
        environment.update(extra or {})
        done = subprocess.run(
            [self._site.program("castgate.fcgi"), *argv], input=request.body or b"",
            env=environment, capture_output=True, timeout=PATIENCE_SECONDS, cwd="/",
            **self._site.account.popen_options())
        with open(self.error_log, "ab") as log:
            log.write(done.stderr)
        if done.returncode != 0:
            raise AssertionError(f"castgate.fcgi ended with {done.returncode}: "
                                 f"{done.stderr.decode(errors='replace')}")
        return parse_cgi(done.stdout)

    def log_text(self):
        return self.error_log.read_text(errors="replace")


def cgi_environment(request, site):
    """The variables of RFC 3875, and REQUEST_URI as every server adds it."""
    path, _, query = request.target.partition("?")
    environment = {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_SOFTWARE": "test",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "REQUEST_METHOD": request.method,
        "REQUEST_URI": request.target,
        "SCRIPT_NAME": urllib.parse.unquote(path, "latin-1"),
        "QUERY_STRING": query,
        "DOCUMENT_ROOT": str(site.docroot),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "CASTGATE_CONFIG": str(site.config),
    }
    if request.body is not None:
        environment["CONTENT_LENGTH"] = str(len(request.body))
    for name, value in request.headers:
        variable = name.upper().replace("-", "_")
        if variable not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            variable = "HTTP_" + variable
        if variable in environment and variable.startswith("HTTP_"):
            value = f"{environment[variable]}, {value}"
        environment[variable] = value
    return {name: value.encode("latin-1", "surrogateescape")
            for name, value in environment.items()}
