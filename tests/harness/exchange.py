"""What is one request, what is one reply, and how do they travel over a socket?

Written on raw sockets: the tests send what a library would refuse to send, and look at the very bytes
of the answer.
"""

import dataclasses
import socket

from .waiting import PATIENCE_SECONDS


@dataclasses.dataclass
class Request:
    """`target` is the request line's target, query included. `body` is None for no body at all."""
    method: str = "POST"
    target: str = "/broadcasting/auth"
    headers: list = dataclasses.field(default_factory=list)
    body: bytes = None

    def header(self, name):
        """The first value of a header, or None."""
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return None


@dataclasses.dataclass
class Reply:
    status: int
    headers: list
    body: bytes

    def values(self, name):
        """All values of a header, in order."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name):
        """The only value of a header; None when it is absent or repeated."""
        found = self.values(name)
        return found[0] if len(found) == 1 else None

    def __str__(self):
        lines = [str(self.status)] + [f"{name}: {value}" for name, value in self.headers]
        return "\n".join(lines) + "\n\n" + self.body.decode(errors="backslashreplace")


def subscription(channel, token=None, socket_id="1234.5678", target="/broadcasting/auth",
                 headers=()):
    """The request pusher-js sends for a channel."""
    lines = [("Accept", "application/json"),
             ("Content-Type", "application/x-www-form-urlencoded")]
    if token is not None:
        lines.append(("Authorization", f"Bearer {token}"))
    body = f"socket_id={socket_id}&channel_name={channel}".encode()
    return Request("POST", target, lines + list(headers), body)


def over_http(port, request, timeout=PATIENCE_SECONDS):
    """Send to a server on loopback and read the whole reply. TimeoutError when nothing comes for so long."""
    head = [f"{request.method} {request.target} HTTP/1.1"]
    if request.header("Host") is None:
        head.append(f"Host: 127.0.0.1:{port}")
    head += [f"{name}: {value}" for name, value in request.headers]
    if request.body is not None and request.header("Content-Length") is None:
        head.append(f"Content-Length: {len(request.body)}")
    head += ["Connection: close", "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as peer:
        peer.sendall("\r\n".join(head).encode("latin-1", "surrogateescape") + (request.body or b""))
        received = b""
        while True:
            piece = peer.recv(65536)
            if not piece:
                break
            received += piece
    return parse_http(received, has_body=request.method != "HEAD")


def parse_http(received, has_body=True):
    """Read a whole HTTP/1 reply, and insist that its length is what it says."""
    head, blank, body = received.partition(b"\r\n\r\n")
    if not blank:
        raise AssertionError(f"no complete reply: {received[:500]!r}")
    first, *lines = head.decode("latin-1").split("\r\n")
    version, status, *_ = first.split(" ", 2)
    if not version.startswith("HTTP/1."):
        raise AssertionError(f"not an HTTP reply: {first!r}")
    reply = Reply(int(status), _parse_fields(lines), body)
    if reply.header("Transfer-Encoding") == "chunked":
        reply.body = _unchunk(body)
    elif has_body and reply.header("Content-Length") is not None:
        if int(reply.header("Content-Length")) != len(body):
            raise AssertionError(f"Content-Length does not fit: {reply}")
    return reply


def parse_cgi(output):
    """Read what a CGI program wrote: fields, an empty line, the body. CRLF throughout."""
    head, blank, body = output.partition(b"\r\n\r\n")
    if not blank:
        raise AssertionError(f"no CGI reply: {output[:500]!r}")
    fields = _parse_fields(head.decode("latin-1").split("\r\n"))
    statuses = [value for name, value in fields if name.lower() == "status"]
    if len(statuses) > 1:
        raise AssertionError(f"more than one Status: {statuses}")
    status = statuses[0].split(" ", 1) if statuses else ["200", "OK"]
    if len(status) < 2 or not status[1]:
        raise AssertionError(f"Status without a reason: {statuses}")
    return Reply(int(status[0]), [field for field in fields if field[0].lower() != "status"], body)


def _parse_fields(lines):
    fields = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise AssertionError(f"not a header line: {line!r}")
        fields.append((name, value.strip()))
    return fields


def _unchunk(body):
    whole = b""
    while True:
        size, _, body = body.partition(b"\r\n")
        count = int(size.split(b";")[0], 16)
        if count == 0:
            return whole
        whole += body[:count]
        if body[count:count + 2] != b"\r\n":
            raise AssertionError("a chunk does not end where it says")
        body = body[count + 2:]
