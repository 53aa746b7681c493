"""castgate behind a private lighttpd, mounted by the files of lighttpd/."""

import re

from . import evidence, places
from .copied_file import with_lighttpd_values, with_paths
from .exchange import over_http
from .mount_socket import BesideCastgate
from .ports import accepts, free_port
from .server_process import ServerProcess


class Lighttpd:
    """A lighttpd with a generated configuration on a loopback port; mounts are subclasses."""

    name = None
    file = None

    def __init__(self, site, scratch, port=None):
        self._site = site
        self.directory = scratch.directory(self.name)
        self.error_log = self.directory / "error.log"
        self.port = port or free_port()
        self._server = None

    def __enter__(self):
        program = places.lighttpd(self.directory)
        site = self._site
        sockets = self.directory / "sockets"
        sockets.mkdir()
        site.account.own(sockets)
        config = self.directory / "lighttpd.conf"
        lines = ['server.bind = "127.0.0.1"', f"server.port = {self.port}",
                 f'server.document-root = "{site.docroot}"',
                 f'server.errorlog = "{self.error_log}"',
                 f'server.breakagelog = "{self.error_log}"', f'server.upload-dirs = ( "{sockets}" )',
                 "server.modules = ()"]
        config.write_text("\n".join(lines) + "\n" + self.mount_lines(sockets))
        self.error_log.touch()
        site.account.own(self.error_log)
        # Started as the account rather than told to become it: a change of user would lose the
        # signal that ends it should the test be killed.
        self._server = ServerProcess(self.name, [*program, "-D", "-f", config], self.error_log,
                                     environment={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
                                     **site.account.popen_options())
        self._server.start(lambda: accepts(self.port))
        return self

    def __exit__(self, *_):
        self._server.stop()
        evidence.fail_on_sanitizer_report(self.error_log)

    def mount_lines(self, sockets):
        return with_paths(
            with_lighttpd_values(places.SOURCE / "lighttpd" / self.file, self.values(sockets)),
            self._site.paths)

    def values(self, sockets):
        """The file's var lines."""
        return {"castgate_program": self._site.program("castgate.fcgi"),
                "castgate_config": self._site.config}

    def send(self, request):
        return over_http(self.port, request)

    def log_text(self):
        return self.error_log.read_text(errors="replace")


class LighttpdFastcgi(Lighttpd):
    """lighttpd/castgate-fastcgi.conf, as it is."""

    name = "lighttpd-fastcgi"
    file = "castgate-fastcgi.conf"

    def values(self, sockets):
        return {**super().values(sockets), "castgate_socket": sockets / "castgate"}


class LighttpdWithPages(LighttpdFastcgi):
    """The same, beside the files that the site has published."""

    name = "lighttpd-pages"

    def mount_lines(self, sockets):
        return super().mount_lines(sockets) + (
            'index-file.names = ( "index.html" )\n'
            'mimetype.assign = ( ".html" => "text/html; charset=utf-8",'
            ' ".css" => "text/css; charset=utf-8", ".js" => "text/javascript; charset=utf-8" )\n')


class LighttpdCgi(Lighttpd):
    """lighttpd/castgate-cgi.conf, as it is."""

    name = "lighttpd-cgi"
    file = "castgate-cgi.conf"

    def mount_lines(self, sockets):
        """The file names the paths a second time, one a line."""
        lines = super().mount_lines(sockets)
        if self._site.paths is None:
            return lines
        programs = ",\n".join(f'\t\t"{path}" => var.castgate_program' for path in self._site.paths)
        lines, count = re.subn(r'(\t\t"[^"]+" => var\.castgate_program,?\n)+',
                               lambda _: programs + "\n", lines)
        assert count == 1, lines
        return lines


class LighttpdSocket(BesideCastgate, Lighttpd):
    """lighttpd/castgate-socket.conf, before castgate as a server of its own."""

    name = "lighttpd-socket"
    file = "castgate-socket.conf"

    def values(self, sockets):
        return {"castgate_socket": self.castgate.path}
