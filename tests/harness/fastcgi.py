"""One FastCGI request and its reply over a UNIX socket, as a web server sends it."""

import socket
import struct

from .waiting import PATIENCE_SECONDS

BEGIN, END, PARAMS, STDIN, STDOUT, STDERR = 1, 3, 4, 5, 6, 7
KEEP_CONNECTION = 1


def record(kind, content=b"", request_id=1):
    return struct.pack(">BBHHBx", 1, kind, request_id, len(content), 0) + content


def _length(number):
    return bytes([number]) if number < 128 else struct.pack(">I", number | 0x80000000)


def pairs(environment):
    out = b""
    for name, value in environment.items():
        name = name.encode("latin-1")
        value = value if isinstance(value, bytes) else value.encode("latin-1")
        out += _length(len(name)) + _length(len(value)) + name + value
    return out


def request_bytes(environment, body=b"", keep=False):
    flags = KEEP_CONNECTION if keep else 0
    wire = record(BEGIN, struct.pack(">HB5x", 1, flags))
    wire += record(PARAMS, pairs(environment)) + record(PARAMS)
    for start in range(0, len(body), 60000):
        wire += record(STDIN, body[start:start + 60000])
    return wire + record(STDIN)


def connect(path):
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    peer.settimeout(PATIENCE_SECONDS)
    peer.connect(str(path))
    return peer


def _exactly(peer, count):
    out = b""
    while len(out) < count:
        piece = peer.recv(count - len(out))
        if not piece:
            raise AssertionError("the connection ended in the middle of a reply")
        out += piece
    return out


def read_reply(peer):
    """What the program wrote to its output stream until the end of the request."""
    output = b""
    while True:
        _, kind, _, length, padding = struct.unpack(">BBHHBx", _exactly(peer, 8))
        content = _exactly(peer, length)
        _exactly(peer, padding)
        if kind == STDOUT:
            output += content
        elif kind == END:
            return output
        elif kind != STDERR:
            raise AssertionError(f"a record of type {kind} in a reply")
