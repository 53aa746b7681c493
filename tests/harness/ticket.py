"""What should the signed answer be? Computed again with Python's own hmac, from contract to bytes."""

import base64
import hashlib
import hmac
import json


def sign(secret, message):
    """Lower-case hex HMAC-SHA256, as Pusher's protocol signs."""
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


def shared_secret(master_key, channel):
    """The key of an encrypted channel, in base64."""
    return base64.b64encode(hashlib.sha256(channel.encode() + master_key).digest()).decode()


def check(body, key, secret, socket_id, channel):
    """Fail unless `body` is a flat object of strings whose signature fits its own data."""
    answer = json.loads(body)
    if not all(isinstance(value, str) for value in answer.values()):
        raise AssertionError(f"not only strings: {body!r}")
    if not set(answer) <= {"auth", "channel_data", "shared_secret", "user_data"}:
        raise AssertionError(f"unexpected members: {sorted(answer)}")
    message = f"{socket_id}:{channel}"
    if "channel_data" in answer:
        message += ":" + answer["channel_data"]
    if "user_data" in answer:
        message = f"{socket_id}::user::{answer['user_data']}"
    expected = f"{key}:{sign(secret, message)}"
    if answer["auth"] != expected:
        raise AssertionError(f"signature of {message!r}: {answer['auth']} instead of {expected}")
    return answer
