"""A server of key sets over TLS, with a CA of its own, that can misbehave in every way we know.

It counts connections, so that a test can say who asked how often.
"""

import socket
import ssl
import subprocess
import threading

from . import places
from .ports import free_port
from .waiting import PATIENCE_SECONDS


class Authority:
    """A CA below `folder`, and certificates it signs. `certificate` is for castgate to trust."""

    def __init__(self, folder, name="ca"):
        self._folder = folder
        self._key = folder / f"{name}.key"
        self.certificate = folder / f"{name}.pem"
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                 "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", self._key,
                 "-out", self.certificate)
        self.certificate.chmod(0o644)

    def issue(self, name, alternative):
        """Files of a key and a certificate for a name such as "DNS:localhost"."""
        key, request, certificate, extension = (
            self._folder / f"{name}.{end}" for end in ("key", "csr", "crt", "ext"))
        extension.write_text(f"subjectAltName={alternative}\n")
        _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                 "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        _openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key,
                 "-CAcreateserial", "-days", "2", "-extfile", extension, "-out", certificate)
        return key, certificate


def http(body, status="200 OK", headers=(), length=True):
    """A reply. `length` False leaves Content-Length out, a number lies about it."""
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", *headers]
    if length is not False:
        lines.append(f"Content-Length: {len(body) if length is True else length}")
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


class KeyServer:
    """A context manager. `reply` is what everybody gets; a test replaces it, or one of:

    `mute`: connections are accepted, and nothing is ever said.
    `abrupt`: the connection ends after the reply without TLS's good-bye.
    """

    def __init__(self, files, reply=b""):
        key, certificate = files
        self.reply = reply
        self.mute = False
        self.abrupt = False
        self.requests = []
        self.connections = 0
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._open = set()
        self._listener = None
        self._thread = None
        # no outgoing connection, and nobody else's server, has it while this one is away
        self.port = free_port()

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self._thread = threading.Thread(target=self._accept, args=(self._listener,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        # shutdown wakes the thread that accepts
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        self.hang_up()

    def hang_up(self):
        """End the connections that are held open."""
        for peer in list(self._open):
            try:
                peer.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            peer.close()
            self._open.discard(peer)

    def url(self, host="127.0.0.1"):
        return f"https://{host}:{self.port}/keys.json?v=1"

    def asked(self):
        """How many connections there were since the last call."""
        count, self.connections = self.connections, 0
        return count

    def _accept(self, listener):
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            if self.mute:
                self._open.add(peer)
                continue
            threading.Thread(target=self._answer, args=(peer,), daemon=True).start()

    def _answer(self, peer):
        try:
            peer.settimeout(PATIENCE_SECONDS)
            with self._context.wrap_socket(peer, server_side=True) as tls:
                request = b""
                while b"\r\n\r\n" not in request:
                    piece = tls.recv(4096)
                    if not piece:
                        return
                    request += piece
                self.requests.append(request.decode())
                tls.sendall(self.reply)
                if not self.abrupt:
                    tls.unwrap()
        except OSError:
            pass  # the peer did not like us, which is what some tests want
        finally:
            peer.close()


def _openssl(*words):
    subprocess.run([places.tool("openssl"), *map(str, words)], capture_output=True, check=True)
