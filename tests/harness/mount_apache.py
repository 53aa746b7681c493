"""castgate behind a private Apache, mounted by the files of apache/."""

import os
import signal

from . import evidence, places
from .copied_file import SHIPPED_PATHS, with_apache_values, with_paths, with_texts
from .exchange import over_http
from .mount_socket import BesideCastgate
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
            self.name, self.command([program, "-f", config, "-DFOREGROUND"]), self.error_log,
            environment={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C"})
        self._server.start(lambda: accepts(self.port) and self._has_helper())
        return self

    def _has_helper(self):
        """mod_cgid's process listens before its socket belongs to those who serve."""
        return "cgid" not in self.modules or any(
            path.stat().st_uid == self._site.account.uid for path in self.directory.glob("cgid.*"))

    def __exit__(self, *_):
        self._server.stop()
        evidence.fail_on_sanitizer_report(self.error_log)

    def command(self, words):
        """What to run instead of Apache's own command line."""
        return words

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
        return with_paths(
            with_apache_values(places.SOURCE / "apache/castgate-fcgid.conf", self._values()),
            self._site.paths)


class ApacheWithPages(ApacheFcgid):
    """The same, beside the files that the site has published."""

    name = "apache-pages"

    def prepare(self):
        return (_allowed(self._site.docroot, "DirectoryIndex index.html") + super().prepare()
                + "AddType text/html .html\nAddType text/css .css\nAddType text/javascript .js\n"
                + "AddDefaultCharset utf-8\n")


class ApacheWithPagesTls(ApacheWithPages):
    """The same over TLS only. `tls` is a key's file and its certificate's."""

    name = "apache-pages-tls"
    modules = (*ApacheWithPages.modules, "ssl")
    tls = None

    def prepare(self):
        key, certificate = self.tls
        return (f'SSLEngine on\nSSLCertificateKeyFile "{key}"\n'
                f'SSLCertificateFile "{certificate}"\n' + super().prepare())


class ApacheCgid(Apache):
    """apache/castgate-cgi.conf under a threaded server."""

    name = "apache-cgi"
    modules = ("cgid", "alias", "env", "setenvif")

    def prepare(self):
        return with_paths(
            with_apache_values(places.SOURCE / "apache/castgate-cgi.conf", self._values()),
            self._site.paths)


class ApachePreforkCgi(ApacheCgid):
    """The same file under a prefork server."""

    name = "apache-cgi-prefork"
    mpm = "prefork"
    modules = ("cgi", "alias", "env", "setenvif")


class ApacheProxy(BesideCastgate, Apache):
    """apache/castgate-proxy.conf before castgate as a server of its own, in front of an application
    whose .htaccess wants every request for itself."""

    name = "apache-proxy"
    modules = ("proxy", "proxy_fcgi", "rewrite", "setenvif")

    def file(self):
        return with_paths(
            with_apache_values(places.SOURCE / "apache/castgate-proxy.conf",
                               {"CASTGATE_SOCKET": self.castgate.path}),
            self._site.paths)

    def prepare(self):
        root = _application(self.directory, "")
        return _allowed(root, "AllowOverride FileInfo", "Options FollowSymLinks") + self.file()


class ApacheProxyReuse(ApacheProxy):
    """The same file with connections that stay open."""

    name = "apache-proxy-reuse"

    def file(self):
        text = super().file()
        assert text.count("\tretry=0 ") == 1
        return text.replace("\tretry=0 ", "\tenablereuse=on retry=0 ")


class ApacheProxyHtaccess(ApacheProxy):
    """apache/castgate-proxy.htaccess, allowed no more than FileInfo: no program in the root."""

    name = "apache-proxy-htaccess"

    def prepare(self):
        file = with_texts(places.SOURCE / "apache/castgate-proxy.htaccess",
                          {"unix:/home/you/run/castgate.sock|": f"unix:{self.castgate.path}|"})
        root = _application(self.directory, with_paths(file, self._site.paths))
        return _allowed(root, "AllowOverride FileInfo", "Options FollowSymLinks")


class ApacheHtaccess(Apache):
    """apache/castgate.htaccess in a document root, allowed no more than FileInfo, on a host that lets
    programs run there."""

    name = "apache-htaccess"
    modules = ("fcgid", "rewrite", "setenvif")

    def prepare(self):
        root = _application(self.directory, self.file())
        _put_script(root / "castgate.fcgi", self._site)
        return _allowed(root, "AllowOverride FileInfo", "Options ExecCGI FollowSymLinks")

    def file(self):
        return with_paths((places.SOURCE / "apache/castgate.htaccess").read_text(),
                          self._site.paths)


class ApacheHtaccessCgi(ApacheHtaccess):
    """The same file on a host without mod_fcgid."""

    name = "apache-htaccess-cgi"
    modules = ("cgid", "rewrite", "setenvif")


class ApacheExact(Apache):
    """apache/castgate-exact.htaccess, with its Options line, on a host that lets .htaccess allow
    programs."""

    name = "apache-exact"
    modules = ("fcgid", "rewrite", "setenvif")

    def prepare(self):
        root = _application(self.directory, "")
        scripts = [root / path[1:] for path in self._site.paths or SHIPPED_PATHS]
        names = "|".join(dict.fromkeys(script.name for script in scripts))
        for script in scripts:
            _make_folders(root, script.parent)
            (script.parent / ".htaccess").write_text(with_texts(
                places.SOURCE / "apache/castgate-exact.htaccess",
                {"\n#Options +ExecCGI\n": "\nOptions +ExecCGI\n",
                 '"^(auth|user-auth)$"': f'"^({names})$"'}))
            _put_script(script, self._site)
        return _allowed(root, "AllowOverride FileInfo Options=ExecCGI", "Options FollowSymLinks")


class ApacheExactCgi(ApacheExact):
    """The same file on a host without mod_fcgid."""

    name = "apache-exact-cgi"
    modules = ("cgid", "rewrite", "setenvif")


class ApacheCgiBin(Apache):
    """apache/castgate-cgi-bin.htaccess, with the host's cgi-bin outside of the document root."""

    name = "apache-cgi-bin"
    modules = ("cgid", "alias", "rewrite", "setenvif")

    def prepare(self):
        root = _application(
            self.directory,
            with_paths((places.SOURCE / "apache/castgate-cgi-bin.htaccess").read_text(),
                       self._site.paths))
        folder = self.directory / "cgi-bin"
        folder.mkdir()
        folder.chmod(0o755)
        _put_script(folder / "castgate.fcgi", self._site)
        return (_allowed(root, "AllowOverride FileInfo", "Options FollowSymLinks")
                + f'ScriptAlias /cgi-bin/ "{folder}/"\n'
                + _allowed(folder, "AllowOverride None", "Options None"))


def _make_folders(root, folder):
    """A folder below the document root, and those between, which the server may read."""
    for path in (*reversed(folder.relative_to(root).parents), folder.relative_to(root)):
        (root / path).mkdir(exist_ok=True)
        (root / path).chmod(0o755)


def _put_script(path, site):
    """The script of the files' comments: the account has no home directory to find things in."""
    path.write_text(f"#!/bin/sh\nCASTGATE_CONFIG={site.config} "
                    f"exec {site.program('castgate.fcgi')}\n")
    path.chmod(0o755)


def _application(directory, htaccess):
    """A document root with these lines at the top of a framework's own, as Laravel has them."""
    root = directory / "www"
    root.mkdir()
    root.chmod(0o755)
    (root / ".htaccess").write_text(htaccess + _FRAMEWORK_RULES)
    (root / "index.html").write_text("the application\n")
    return root


# No trailing slash, and everything that is no file to the front controller.
_FRAMEWORK_RULES = """
RewriteEngine On
RewriteCond %{REQUEST_FILENAME} !-d
RewriteCond %{REQUEST_URI} (.+)/$
RewriteRule ^ %1 [L,R=301]
RewriteCond %{REQUEST_FILENAME} !-d
RewriteCond %{REQUEST_FILENAME} !-f
RewriteRule ^ index.html [L]
"""


def _allowed(folder, *lines):
    """What the host allows in a folder, and only that."""
    inside = "".join(f"  {line}\n" for line in (*lines, "Require all granted"))
    document_root = "" if folder.name == "cgi-bin" else f'DocumentRoot "{folder}"\n'
    return f'{document_root}<Directory "{folder}">\n{inside}</Directory>\n'
