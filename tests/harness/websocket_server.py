"""A WebSocket server that says what a test tells it to, also what no server should say."""

import base64
import hashlib
import re
import socket
import ssl
import threading

from .waiting import PATIENCE_SECONDS

_WORDS = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def frame(payload, opcode=1, last=True):
    """A server's frame."""
    if isinstance(payload, str):
        payload = payload.encode()
    head = bytes([(0x80 if last else 0) | opcode])
    if len(payload) < 126:
        return head + bytes([len(payload)]) + payload
    return head + b"\x7e" + len(payload).to_bytes(2, "big") + payload


class Peer:
    """The other end of one connection, after the opening."""

    def __init__(self, stream, received):
        self._stream = stream
        self._received = received

    def say(self, *frames):
        self._stream.sendall(b"".join(frames))

    def hear(self):
        """The opcode and the payload of the client's next frame; it must be masked and whole."""
        head = self._take(2)
        assert head[0] & 0x80 and head[1] & 0x80, head
        length = head[1] & 0x7f
        if length == 126:
            length = int.from_bytes(self._take(2), "big")
        mask = self._take(4)
        payload = self._take(length)
        return head[0] & 0x0f, bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))

    def _take(self, count):
        while len(self._received) < count:
            piece = self._stream.recv(65536)
            if not piece:
                raise OSError("the client has gone")
            self._received += piece
        piece, self._received = self._received[:count], self._received[count:]
        return piece


class WebSocketServer:
    """A context manager. `talk(peer)` is called for each connection after the opening; `files` are a key
    and a certificate for TLS. `opening` replaces the reply to the handshake: bytes, in which ACCEPT
    stands for the right answer."""

    RIGHT = (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             b"Sec-WebSocket-Accept: ACCEPT\r\n\r\n")

    def __init__(self, talk, files=None, opening=RIGHT):
        self.talk = talk
        self.opening = opening
        self.requests = []
        self.problems = []
        self._context = None
        if files:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(files[1], files[0])
        self._threads = []
        self._listener = None
        self.port = None

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads.append(threading.Thread(target=self._accept, daemon=True))
        self._threads[0].start()
        return self

    def __exit__(self, *_):
        # shutdown wakes the thread that accepts
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(20)

    def _accept(self):
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(peer,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, peer):
        peer.settimeout(PATIENCE_SECONDS)
        try:
            with peer:
                stream = self._context.wrap_socket(peer, server_side=True) if self._context else peer
                self._open(stream)
        except OSError:
            pass  # the client has gone, which is what some tests want
        except AssertionError as problem:
            self.problems.append(problem)

    def _open(self, stream):
        received = b""
        while b"\r\n\r\n" not in received:
            piece = stream.recv(4096)
            if not piece:
                return
            received += piece
        head, _, rest = received.partition(b"\r\n\r\n")
        self.requests.append(head.decode())
        key = re.search(rb"Sec-WebSocket-Key: (\S+)", head).group(1)
        accept = base64.b64encode(hashlib.sha1(key + _WORDS).digest())
        stream.sendall(self.opening.replace(b"ACCEPT", accept))
        if self.talk:
            self.talk(Peer(stream, rest))
