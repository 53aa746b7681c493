"""castgate behind a private Apache, mounted by the files of apache/."""

import os
import signal

from . import evidence, places
from .copied_file import with_apache_values
from .exchange import over_http
from .ports import accepts, free_port
from .server_process import ServerProcess

# What any Apache has loaded; the mounts name the rest.
_BASE_MODULES = ("authz_core", "mime", "dir", "unixd", "log_config")
_BUILT_IN_ELSEWHERE = ("unixd", "log_config")


class Apache:
    """An Apache with a generated configuration and one virtual host on a loopback port.

    A mount is a subclass: `name`, `modules`, the `mpm`, and prepare(), which returns the lines of
    the virtual host. A context manager.
    """

    name = None
    mpm = "event"
    modules = ()

    def __init__(self, site, scratch, port=None):
        self._site = site
        self.directory = scratch.directory(self.name)
        self.error_log = self.directory / "error.log"
        self.port = port or free_port()
        self._server = None

    def prepare(self):
        raise NotImplementedError

    def __enter__(self):
        program = places.tool("apache2", "httpd")
        config = self.directory / "httpd.conf"
        config.write_text(self._main_config() + self.prepare() + "</VirtualHost>\n")
        # Apache writes its start-up errors to stderr, later ones to its own log.
        self._server = ServerProcess(
            self.name, [program, "-f", config, "-DFOREGROUND"], self.error_log,
            environment={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C"})
        self._server.start(lambda: accepts(self.port))
        return self

    def __exit__(self, *_):
        self._server.stop()
        evidence.fail_on_sanitizer_report(self.error_log)

    def send(self, request):
        return over_http(self.port, request)

    def log_text(self):
        return self.error_log.read_text(errors="replace")

    def reload(self):
        """What apachectl graceful does."""
        os.kill(self._server.pid, signal.SIGUSR1)

    def _main_config(self):
        at = self.directory
        account = self._site.account
        lines = [f'ServerRoot "{at}"', f'DefaultRuntimeDir "{at}"', f'PidFile "{at}/pid"',
                 f'ErrorLog "{self.error_log}"', "LogLevel info", f"Listen 127.0.0.1:{self.port}",
                 "ServerName 127.0.0.1", f'Mutex "file:{at}" default', "EnableSendfile off",
                 "TypesConfig /dev/null"]
        lines += self._load(f"mpm_{self.mpm}", *_BASE_MODULES, *self.modules)
        if account.drops:
            # Apache refuses to serve as root.
            lines += [f"User {account.user}", f"Group {account.group}"]
        if "fcgid" in self.modules:
            sockets = at / "fcgid"
            sockets.mkdir()
            account.own(sockets)
            lines += [f'FcgidIPCDir "{sockets}"', f'FcgidProcessTableFile "{at}/fcgid-table"']
        if "cgid" in self.modules:
            lines += [f'ScriptSock "{at}/cgid"']
        lines += ["<Directory />", "  AllowOverride None", "  Require all denied", "</Directory>",
                  f'DocumentRoot "{self._site.docroot}"', f"<VirtualHost 127.0.0.1:{self.port}>"]
        return "\n".join(lines) + "\n"

    @staticmethod
    def _load(*names):
        directory = places.apache_modules()
        lines = []
        for name in names:
            file = directory / f"mod_{name}.so"
            if file.exists():
                lines.append(f'LoadModule {name}_module "{file}"')
            elif name not in _BUILT_IN_ELSEWHERE:
                raise places.missing(file.name)
        return lines

    def _values(self):
        return {"CASTGATE_PROGRAM": self._site.program("castgate.fcgi"),
                "CASTGATE_CONFIG": self._site.config}


class ApacheFcgid(Apache):
    """apache/castgate-fcgid.conf, as it is."""

    name = "apache-fcgid"
    modules = ("fcgid", "alias", "setenvif")

    def prepare(self):
        return with_apache_values(places.SOURCE / "apache/castgate-fcgid.conf", self._values())


class ApacheCgid(Apache):
    """apache/castgate-cgi.conf under a threaded server."""

    name = "apache-cgi"
    modules = ("cgid", "alias", "env", "setenvif")

    def prepare(self):
        return with_apache_values(places.SOURCE / "apache/castgate-cgi.conf", self._values())


class ApachePreforkCgi(ApacheCgid):
    """The same file under a prefork server."""

    name = "apache-cgi-prefork"
    mpm = "prefork"
    modules = ("cgi", "alias", "env", "setenvif")


class ApacheHtaccess(Apache):
    """apache/castgate.htaccess in a document root, allowed no more than FileInfo and ExecCGI."""

    name = "apache-htaccess"
    modules = ("fcgid", "rewrite", "setenvif")

    def prepare(self):
        root = self.directory / "www"
        root.mkdir()
        root.chmod(0o755)
        (root / ".htaccess").write_text(
            (places.SOURCE / "apache/castgate.htaccess").read_text() + self.application_rules())
        # The account has no home directory of its own: the script of the file's comment stands in.
        script = root / "castgate.fcgi"
        script.write_text(f"#!/bin/sh\nCASTGATE_CONFIG={self._site.config} "
                          f"exec {self._site.program('castgate.fcgi')}\n")
        script.chmod(0o755)
        (root / "index.html").write_text("the application\n")
        return (f'DocumentRoot "{root}"\n<Directory "{root}">\n  AllowOverride FileInfo\n'
                "  Options ExecCGI FollowSymLinks\n  Require all granted\n</Directory>\n")

    @staticmethod
    def application_rules():
        """What a framework's own .htaccess goes on with: everything else to the front controller."""
        return ("RewriteCond %{REQUEST_FILENAME} !-d\nRewriteCond %{REQUEST_FILENAME} !-f\n"
                "RewriteRule ^ index.html [L]\n")


class ApacheHtaccessCgi(ApacheHtaccess):
    """The same file on a host without mod_fcgid."""

    name = "apache-htaccess-cgi"
    modules = ("cgid", "rewrite", "setenvif")
