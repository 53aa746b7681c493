"""How is a conformance case written down, and is a reply the one it expects?

A file is a list of blocks; everything in them is what goes over the wire:

    === name-of-the-case
    # why the reply must be this one
    @reason no_row
    POST /broadcasting/auth
    Authorization: Bearer 1|alice-plain

    socket_id=1234.5678&channel_name=private-chat.6.conversation.123
    ---
    403
    Content-Type: application/json

    {"message":"..."}

Lines before the request line: `#` a comment, `@reason CODE` the reason code in the log, `@mounts NAME...`
the only mounts that can carry the request, `@lines N` the number of decisions logged if not one. In
the expected reply `Name: value` must be there exactly so, `Name: -` must not be there. Without an
empty line there is no body; line feeds at the end of a body do not count. In both parts

    <<0a>>               is one byte, in hexadecimal
    <<x*100>>            is a byte a hundred times
    <<sign MESSAGE>>     is the signature of MESSAGE with the app's secret
    <<secret CHANNEL>>   is the shared secret of an encrypted channel, with slashes as PHP writes them
    <<sha256 TEXT>>      is the hash of TEXT in lower-case hexadecimal
    <<hmac KEY TEXT>>    is the HMAC-SHA256 of TEXT in base64, as better-auth signs its cookies
    <<%hmac KEY TEXT>>   is the same, percent-encoded
    <<jwt KEY HEADER CLAIMS>>  is a JSON Web Token signed HS256 with the key; two JSON texts without blanks

and in the reply

    <<like PATTERN>>     is whatever the regular expression matches

A line that begins with ### is a heading, anywhere.
"""

import base64
import dataclasses
import hashlib
import hmac
import json
import pathlib
import re
import urllib.parse

from . import ticket
from .exchange import Request
from .tokens import base64url

# How a pattern stands in the bytes that are expected: between bytes that no reply has.
_LIKE = b"\0like %b\0"
_LIKE_PIECE = re.compile(_LIKE % b"(.*?)")


@dataclasses.dataclass
class Keys:
    """The app's keys, as the configuration of the tests has them."""
    key: str
    secret: str
    master_key: bytes


@dataclasses.dataclass
class Case:
    name: str
    line: int
    request: Request
    status: int
    headers: list
    body: bytes
    reason: str = None
    mounts: tuple = ()
    lines: int = 1

    @property
    def sets_cookies(self):
        return any(name == "Set-Cookie" and value != "-" for name, value in self.headers)


class CaseError(Exception):
    """The file itself is wrong."""


def read(path, keys):
    """All cases of a file, in order; two of one name are an error."""
    text = re.sub(r"(?m)^### .*$", "", pathlib.Path(path).read_text())
    cases = []
    for match in re.finditer(r"(?ms)^=== (\S+)\n(.*?)(?=^=== |\Z)", text):
        line = text.count("\n", 0, match.start()) + 1
        try:
            cases.append(_parse(match.group(1), line, match.group(2), keys))
        except (ValueError, CaseError) as error:
            raise CaseError(f"{path}:{line}: {error}") from error
    names = [case.name for case in cases]
    for name in names:
        if names.count(name) > 1:
            raise CaseError(f"{path}: {name} stands there twice")
    return cases


def _parse(name, line, block, keys):
    request_text, divider, reply_text = block.partition("\n---\n")
    if not divider:
        raise CaseError("no line of three hyphens between request and reply")
    options, request_text = _split_options(request_text)
    first, headers, body = _split_message(request_text, keys)
    method, target = first.split(" ", 1)
    status, expected, expected_body = _split_message(reply_text, keys)
    return Case(name, line, Request(method, _text(target, keys), headers, body), int(status),
                expected, expected_body or b"", **options)


def _split_options(text):
    options = {}
    lines = text.split("\n")
    while lines and (not lines[0].strip() or lines[0][0] in "#@"):
        words = lines.pop(0).split()
        if words and words[0] == "@reason":
            options["reason"] = words[1]
        elif words and words[0] == "@mounts":
            options["mounts"] = tuple(words[1:])
        elif words and words[0] == "@lines":
            options["lines"] = int(words[1])
        elif words and words[0].startswith("@"):
            raise CaseError(f"unknown {words[0]}")
    return options, "\n".join(lines)


def _split_message(text, keys):
    head, empty, body = text.partition("\n\n")
    first, *lines = head.rstrip("\n").split("\n")
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise CaseError(f"not a header: {line!r}")
        headers.append((name, _text(value.strip(), keys)))
    return first, headers, _bytes(body.rstrip("\n"), keys) if empty else None


def _bytes(text, keys):
    out = b""
    # The signed message may itself contain '>' but never '>>'.
    for index, piece in enumerate(re.split(r"<<(.*?)>>", text)):
        out += piece.encode() if index % 2 == 0 else _inserted(piece, keys)
    return out


def _text(text, keys):
    return _bytes(text, keys).decode("latin-1")


def _inserted(piece, keys):
    if re.fullmatch("[0-9a-f]{2}", piece):
        return bytes.fromhex(piece)
    repeated = re.fullmatch(r"(.)\*([0-9]+)", piece)
    if repeated:
        return repeated.group(1).encode() * int(repeated.group(2))
    word, space, rest = piece.partition(" ")
    if word == "like" and space:
        return _LIKE % rest.encode()
    if word == "jwt" and space:
        return _token(*rest.split(" ")).encode()
    if word == "sign" and space:
        return ticket.sign(keys.secret, rest).encode()
    if word == "secret" and space:
        return ticket.shared_secret(keys.master_key, rest).replace("/", "\\/").encode()
    if word == "sha256" and space:
        return hashlib.sha256(rest.encode()).hexdigest().encode()
    if word in ("hmac", "%hmac") and space:
        key, _, message = rest.partition(" ")
        signature = base64.b64encode(
            hmac.digest(key.encode(), message.encode(), "sha256")).decode()
        return (urllib.parse.quote(signature, safe="") if word[0] == "%" else signature).encode()
    raise CaseError(f"unknown <<{piece}>>")


def _token(key, header, claims):
    header = json.dumps({"alg": "HS256", **json.loads(header)})
    signed = f"{base64url(header.encode())}.{base64url(claims.encode())}"
    return f"{signed}.{base64url(hmac.digest(key.encode(), signed.encode(), 'sha256'))}"


def _is_as(found, wanted):
    """Equal but for what may be anything like a pattern."""
    pieces = _LIKE_PIECE.split(wanted)
    pattern = b"".join(re.escape(piece) if index % 2 == 0 else b"(?:" + piece + b")"
                       for index, piece in enumerate(pieces))
    return re.fullmatch(pattern, found, re.DOTALL) is not None


def mismatches(case, reply):
    """What is wrong with a reply: one sentence each, none when it is as expected."""
    wrong = []
    if reply.status != case.status:
        wrong.append(f"status {reply.status} instead of {case.status}")
    if not _is_as(reply.body, case.body):
        wrong.append(f"body {reply.body!r}\n  instead of {case.body!r}")
    for name, value in case.headers:
        found = ", ".join(reply.values(name)) if reply.values(name) else "-"
        if not _is_as(found.encode("latin-1"), value.encode("latin-1")):
            wrong.append(f"{name}: {found} instead of {value}")
    return wrong
