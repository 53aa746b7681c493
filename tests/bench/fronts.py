"""The responders, and one lighttpd and one Apache before all of them: a port for each responder."""

import resource

from harness import mariadb, places
from harness.mount_apache import Apache
from harness.mount_lighttpd import Lighttpd
from harness.mount_socket import OwnSocket
from harness.ports import free_port
from harness.processes import children_of

import network

KEY, SECRET = "benchmark", "benchmark-secret"
PATH = "^/broadcasting/auth$"


class Castgate(OwnSocket):
    """castgate.fcgi as it is shipped."""

    name = "castgate"

    def __init__(self, site, folder, workers):
        super().__init__(site, None, folder / f"{self.name}.sock", workers)

    def pids(self):
        return children_of(self.server.pid)


class Other(Castgate):
    """castgate.fcgi of another build, to see what a change is worth."""

    name = "other"

    def __init__(self, site, folder, workers, program):
        super().__init__(site, folder, workers)
        self._program = program

    def arguments(self):
        return [self._program, *super().arguments()[1:]]


class Null(Castgate):
    name = "null"

    def command(self):
        return [self._site.program("tests/bench/null_responder"), self.path, str(self.workers)]


class Floor(Castgate):
    name = "floor"

    def __init__(self, site, folder, workers, db):
        super().__init__(site, folder, workers)
        self._db = db

    def command(self):
        return [self._site.program("tests/bench/floor_responder"), self.path, str(self.workers)]

    def environment(self):
        return {**super().environment(), "FLOOR_SOCKET": str(self._db.socket), "FLOOR_NAME": mariadb.DATABASE,
                "FLOOR_USER": mariadb.USER, "FLOOR_PASSWORD": mariadb.PASSWORD,
                "FLOOR_KEY": KEY, "FLOOR_SECRET": SECRET}


class LighttpdFront(Lighttpd):
    """One lighttpd; `ports` has the port of each responder."""

    name = "lighttpd"

    def __init__(self, site, scratch, responders):
        super().__init__(site, scratch)
        self.ports = {responder.name: free_port() for responder in responders}
        self._responders = responders

    def mount_lines(self, sockets):
        lines = ['server.modules += ( "mod_fastcgi" )', f"server.listen-backlog = {network.QUEUE}",
                 "server.max-keep-alive-requests = 1000000", "server.max-keep-alive-idle = 60"]
        for responder in self._responders:
            lines += [f'$SERVER["socket"] == "127.0.0.1:{self.ports[responder.name]}" {{',
                      f'  $HTTP["url"] =~ "{PATH}" {{',
                      '    fastcgi.server = ( "/" => ((',
                      f'      "socket" => "{responder.path}",',
                      '      "disable-time" => 0, "check-local" => "disable" ))) } }']
        return "\n".join(lines) + "\n"

    def pids(self):
        return [self._server.pid]


class ApacheFront(Apache):
    """One Apache with mod_proxy_fcgi; `ports` has the port of each responder."""

    name = "apache"
    modules = ("proxy", "proxy_fcgi", "setenvif")

    def __init__(self, site, scratch, responders):
        super().__init__(site, scratch)
        self.ports = {responder.name: free_port() for responder in responders}
        self._responders = responders

    def prepare(self):
        # which reaches wrk's connections, too, as many requests as each of them sends
        storm = (places.SOURCE / "apache/castgate-storm.conf").read_text().replace(
            "MaxKeepAliveRequests 1000", "MaxKeepAliveRequests 0")
        lines = ["LogLevel warn", "</VirtualHost>", storm]
        for responder in self._responders:
            port = self.ports[responder.name]
            lines += [f"Listen 127.0.0.1:{port}", f"<VirtualHost 127.0.0.1:{port}>",
                      f'ProxyPassMatch "{PATH}" "unix:{responder.path}|fcgi://{responder.name}/"'
                      " retry=0 timeout=20",
                      f'<LocationMatch "{PATH}">', "Require all granted",
                      'SetEnvIf Authorization "(.+)" HTTP_AUTHORIZATION=$1', "</LocationMatch>",
                      "</VirtualHost>"]
        # the base class ends the host it began
        lines += [f"<VirtualHost 127.0.0.1:{self.port}>"]
        return "\n".join(lines) + "\n"

    def pids(self):
        return children_of(self._server.pid)


FRONTS = {front.name: front for front in (LighttpdFront, ApacheFront)}


def allow_many_files():
    """Let this process and its servers open as many files as the machine allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

