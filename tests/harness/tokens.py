"""How are JSON Web Tokens and key sets made, without the library that castgate verifies them with?

The encoding is written here; only the numbers come from the openssl program.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import subprocess
import time

from . import places


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class EcKey:
    """A key on P-256, in a file of a folder that only the test reads."""

    _made = 0

    def __init__(self, folder, kid):
        EcKey._made += 1
        self.kid = kid
        self._path = pathlib.Path(folder) / f"key-{EcKey._made}.pem"
        _openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self._path)

    def jwk(self):
        # The end of a SubjectPublicKeyInfo is the point, uncompressed.
        point = _openssl("ec", "-in", self._path, "-pubout", "-outform", "DER")[-64:]
        members = {"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256",
                   "x": base64url(point[:32]), "y": base64url(point[32:])}
        return {**members, "kid": self.kid} if self.kid else members

    def token(self, header=None, **claims):
        """A token for user 7, valid for ten minutes unless the claims say otherwise; None leaves one out."""
        head = {"alg": "ES256", **({"kid": self.kid} if self.kid else {}), **(header or {})}
        signed = _signed_part(head, claims)
        der = _openssl("dgst", "-sha256", "-sign", self._path, given=signed.encode())
        return f"{signed}.{base64url(_flat(der))}"


def hmac_token(secret, header=None, **claims):
    """A token signed HS256 with a secret taken as it stands; the claims as of EcKey.token."""
    signed = _signed_part({"alg": "HS256", "typ": "JWT", **(header or {})}, claims)
    mac = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64url(mac)}"


def header_of(token):
    return _part_of(token, 0)


def claims_of(token):
    """What a token says, without a look at its signature."""
    return _part_of(token, 1)


def _part_of(token, index):
    part = token.split(".")[index]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def _signed_part(header, claims):
    whole = {"sub": "7", "exp": int(time.time()) + 600, **claims}
    payload = {name: value for name, value in whole.items() if value is not None}
    return ".".join(base64url(json.dumps(part).encode()) for part in (header, payload))


def key_set(*keys):
    return json.dumps({"keys": [key.jwk() for key in keys]}).encode()


def _flat(der):
    """The two integers of an ECDSA-Sig-Value, 32 bytes each."""
    numbers = b""
    rest = der[2:]
    for _ in range(2):
        length = rest[1]
        numbers += rest[2:2 + length].lstrip(b"\0").rjust(32, b"\0")
        rest = rest[2 + length:]
    return numbers


def _openssl(*words, given=b""):
    done = subprocess.run([places.tool("openssl"), *map(str, words)], input=given,
                          capture_output=True, check=True)
    return done.stdout
