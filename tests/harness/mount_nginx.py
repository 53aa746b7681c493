"""castgate behind a private nginx, mounted by the files of nginx/."""

from . import places
from .copied_file import with_paths, with_texts
from .exchange import over_http
from .mount_socket import BesideCastgate
from .ports import accepts, free_port
from .server_process import ServerProcess

# What Debian's nginx.conf has around the files, with every path below one folder.
_CONFIG = """
daemon off;
worker_processes 2;
pid {at}/pid;
error_log {log} info;
events {{
	worker_connections 256;
}}
http {{
	access_log off;
	client_body_temp_path {at}/body;
	proxy_temp_path {at}/proxy;
	fastcgi_temp_path {at}/fastcgi;
	uwsgi_temp_path {at}/uwsgi;
	scgi_temp_path {at}/scgi;
	include {at}/http.conf;
	server {{
		listen 127.0.0.1:{port};
		root {root};
		include {at}/location.conf;
	}}
}}
"""


class _Server:
    def __init__(self, site, scratch, port=None):
        self._site = site
        self.directory = scratch.directory(self.name, site.account)
        self.error_log = self.directory / "error.log"
        self.access_log = self.directory / "access.log"
        self.port = port or free_port()
        self._server = None

    def prepare(self):
        """The two files and the one around them; the path of the latter."""
        at = self.directory
        (at / "http.conf").write_text(with_texts(
            places.SOURCE / "nginx/castgate-http.conf",
            {"server unix:/run/castgate/castgate.sock;": f"server unix:{self.castgate.path};"}))
        location = with_texts(places.SOURCE / "nginx/castgate-location.conf",
                              {"/var/log/nginx/access.log": self.access_log})
        (at / "location.conf").write_text(with_paths(location, self._site.paths))
        config = at / "nginx.conf"
        config.write_text(_CONFIG.format(at=at, log=self.error_log, port=self.port,
                                         root=self._site.docroot))
        return config

    def __enter__(self):
        account = self._site.account
        self.error_log.touch()
        account.own(self.error_log)
        # -e: not even for a moment the log that the program was built with.
        self._server = ServerProcess(
            self.name, [places.nginx(self.directory), "-e", self.error_log, "-p", self.directory,
                        "-c", self.prepare()],
            self.error_log, environment={"PATH": "/usr/bin:/bin"}, **account.popen_options())
        self._server.start(lambda: accepts(self.port))
        return self

    def __exit__(self, *_):
        self._server.stop()

    def send(self, request):
        return over_http(self.port, request)

    def log_text(self):
        return self.error_log.read_text(errors="replace")


class Nginx(BesideCastgate, _Server):
    """nginx/castgate-http.conf and nginx/castgate-location.conf, as they are, on a loopback port,
    before castgate as a server of its own. A context manager."""

    name = "nginx"
