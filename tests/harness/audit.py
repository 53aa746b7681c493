"""What did castgate write into its log about a request?"""

import datetime
import json
import re
import time

from .waiting import PATIENCE_SECONDS, wait_until

PAIR = re.compile(r'([a-z@_.]+)=("(?:[^"\\]|\\.)*"|[^\s"]*)(?: |$)')
NUMBERS = ("http.response.status_code", "event.duration", "castgate.connection_id")


def parsed(line):
    """One line of the log in any of its formats, as names of the Elastic Common Schema and values."""
    if not line.startswith("{"):
        found = {name: json.loads(value) if value.startswith('"') else value
                 for name, value in PAIR.findall(line)}
        if "".join(match.group(0) for match in PAIR.finditer(line)) != line:
            raise AssertionError(f"not pairs: {line}")
        return {name: int(value) if name in NUMBERS else value for name, value in found.items()}
    found = json.loads(line)
    return _from_ocsf(found) if "class_uid" in found else found


def _from_ocsf(event):
    places = {
        "event.reason": ("status_code",), "http.response.status_code": ("http_response", "code"),
        "http.request.id": ("http_request", "uid"), "client.ip": ("src_endpoint", "ip"),
        "url.path": ("http_request", "url", "path"), "trace.id": ("trace", "uid"),
        "user.id": ("actor", "user", "uid"), "castgate.rule": ("policy", "name"),
        "castgate.channel": ("resources", 0, "name"), "message": ("message",)}
    moment = datetime.datetime.fromtimestamp(event["time"] / 1000, datetime.timezone.utc)
    found = {"@timestamp": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
             **event.get("unmapped", {})}
    for name, path in places.items():
        value = event
        try:
            for step in path:
                value = value[step]
        except (KeyError, IndexError):
            continue
        found[name] = value
    return found


class AuditLog:
    """castgate's own log, read from where the last look ended."""

    def __init__(self, site):
        self._site = site
        self._seen = len(site.log_text())

    def decisions(self, at_least=1, seconds=PATIENCE_SECONDS):
        """The decisions logged since the last call; waits for `at_least` of them, but no longer than told.

        A decision is a line with a reason. With FastCGI the line may come a moment after the reply.
        """
        deadline = time.monotonic() + seconds
        while True:
            text = self._site.log_text()[self._seen:]
            whole = text[:text.rfind("\n") + 1]
            lines = [parsed(line) for line in whole.splitlines() if line.startswith(("{", "@"))]
            found = [line for line in lines if "event.reason" in line]
            if len(found) >= at_least or time.monotonic() > deadline:
                self._seen += len(whole)
                return found
            time.sleep(0.005)

    def decision_of(self, reply):
        """The decision logged for a reply, by the id that both have. It and those before it count as
        seen, those after it do not."""
        number = reply.header("X-Request-Id")
        return wait_until(lambda: self._look_for(number), f"the log has no {number}")

    def _look_for(self, number):
        at = self._seen
        for line in self._site.log_text()[at:].splitlines(keepends=True):
            at += len(line)
            found = parsed(line[:-1]) if line.endswith("\n") and line.startswith(("{", "@")) else {}
            if found.get("http.request.id") == number and "event.reason" in found:
                self._seen = at
                return found
        return None

    def reasons(self, at_least=1):
        return [line["event.reason"] for line in self.decisions(at_least)]
