"""castgate.fcgi as a server of its own, asked directly over its UNIX socket or by a web server."""

import contextlib
import socket
import unittest

from . import evidence, fastcgi, places
from .exchange import parse_cgi
from .mount_cgi import cgi_environment
from .processes import children_of, serves
from .server_process import ServerProcess
from .waiting import wait_until

# Makes an inherited socket standard input, as web servers do, and then becomes the program. For bash: Debian's sh
# knows no descriptor above 9.
HAND_OVER = 'exec 0<&"$1"; shift; exec "$@"'

# Puts the inherited socket where systemd puts it, and then becomes the program.
ACTIVATE = 'exec 3<&"$1"; shift; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'


class OwnSocket:
    """`castgate.fcgi --listen`: a parent, two workers, and a socket it makes itself."""

    name = "own-socket"
    peers = None
    workers = 2

    def __init__(self, site, scratch, path=None, workers=None):
        self._site = site
        self.path = path or site.state / "castgate.sock"
        self.workers = workers or self.workers
        self.error_log = site.logs / f"{self.name}.log"
        self.server = None

    def __enter__(self):
        self.error_log.touch()
        self.server = ServerProcess(self.name, self.command(), self.error_log,
                                    environment=self.environment(), **self.options())
        self.server.start(self._answers)
        return self

    def __exit__(self, *_):
        self.server.stop()
        evidence.fail_on_sanitizer_report(self.error_log)

    def restart(self):
        """End it as its guardian would, and start it anew."""
        self.server.stop()
        self.server.start(self._answers)

    def arguments(self):
        return [self._site.program("castgate.fcgi"), "--config", self._site.config,
                "--workers", str(self.workers),
                *(["--peers", self.peers] if self.peers else [])]

    def command(self):
        return [*self.arguments(), "--listen", f"unix:{self.path}"]

    def environment(self):
        return {"PATH": "/usr/bin:/bin"}

    def options(self):
        return self._site.account.popen_options()

    def _answers(self):
        try:
            fastcgi.connect(self.path).close()
        except OSError:
            return False
        return len(children_of(self.server.pid)) == self.workers

    def serving(self):
        """The workers, once all of them serve; they are there before."""
        workers = []

        def all_serve():
            workers[:] = children_of(self.server.pid)
            return len(workers) == self.workers and all(map(serves, workers))

        wait_until(all_serve, lambda: f"only {workers} have come up")
        return workers

    def send(self, request):
        environment = cgi_environment(request, self._site)
        with fastcgi.connect(self.path) as peer:
            peer.sendall(fastcgi.request_bytes(environment, request.body or b""))
            return parse_cgi(fastcgi.read_reply(peer))

    def log_text(self):
        return self.error_log.read_text(errors="replace")


class SystemdSocket(OwnSocket):
    """The same with a socket that was there before, as systemd's socket activation gives it."""

    name = "systemd-socket"

    def __init__(self, site, scratch, path=None, workers=None):
        super().__init__(site, scratch, path, workers)
        self._socket = None

    def __enter__(self):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(str(self.path))
        self._site.account.own(self.path)
        self._socket.listen(511)
        return super().__enter__()

    def __exit__(self, *error):
        super().__exit__(*error)
        self._socket.close()
        self.path.unlink()

    def command(self):
        return ["/bin/bash", "-c", ACTIVATE, "bash", str(self._socket.fileno()), *self.arguments()]

    def options(self):
        return {**super().options(), "pass_fds": (self._socket.fileno(),)}


class Spawned(OwnSocket):
    """One process over a socket that its starter made, as lighttpd and mod_fcgid start it. `family`
    may be AF_INET, which castgate does not serve."""

    name = "spawned"
    family = socket.AF_UNIX
    workers = 1

    def __enter__(self):
        self.socket = socket.socket(self.family, socket.SOCK_STREAM)
        self.socket.bind(str(self.path) if self.family == socket.AF_UNIX else ("127.0.0.1", 0))
        if self.family == socket.AF_UNIX:
            self._site.account.own(self.path)
        self.socket.listen(16)
        return super().__enter__()

    def __exit__(self, *error):
        super().__exit__(*error)
        self.socket.close()
        self.path.unlink(missing_ok=True)

    def command(self):
        return ["/bin/bash", "-c", HAND_OVER, "bash", str(self.socket.fileno()),
                self._site.program("castgate.fcgi")]

    def environment(self):
        return {**super().environment(), "CASTGATE_CONFIG": str(self._site.config)}

    def options(self):
        return {**super().options(), "pass_fds": (self.socket.fileno(),)}

    def _answers(self):
        return True


class Sandboxed(OwnSocket):
    """The same with `sandbox = "strict"`; the whole replay has to work inside."""

    name = "own-socket-sandboxed"

    def __enter__(self):
        if places.is_instrumented():
            raise unittest.SkipTest("sanitizers need calls that the sandbox refuses")
        self._plain = self._site.config.read_text()
        self._site.write_secret(self._site.config, self._plain + '\nsandbox = "strict"\n')
        return super().__enter__()

    def __exit__(self, *error):
        super().__exit__(*error)
        self._site.write_secret(self._site.config, self._plain)


class BesideCastgate:
    """Before the class of a web server among the bases: `self.castgate`, a castgate of its own, is
    up while the server is. Its socket lies in a folder of the site's account; `own` makes it."""

    own = OwnSocket
    workers = 4

    def __init__(self, site, scratch, port=None):
        super().__init__(site, scratch, port)
        folder = scratch.directory(f"{self.name}-run", site.account, 0o750)
        self.castgate = self.own(site, scratch, folder / "castgate.sock", self.workers)
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        with self._stack:
            self._stack.enter_context(self.castgate)
            super().__enter__()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *error):
        super().__exit__(*error)
        self._stack.__exit__(*error)
