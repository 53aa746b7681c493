"""castgate without any server: one JSON request a line to tests/memory_transport, one JSON reply."""

import base64
import json
import os
import selectors
import subprocess

from . import ending, evidence
from .exchange import Reply
from .waiting import PATIENCE_SECONDS


class Memory:
    """One process of the helper program for all requests, as the site's account."""

    name = "memory"

    def __init__(self, site):
        self._site = site
        self.error_log = site.logs / "memory-stderr.log"
        self._process = None

    def __enter__(self):
        ending.unwind_on_signals()
        evidence.keep(self.error_log)
        with open(self.error_log, "ab") as log:
            self._process = subprocess.Popen(
                [self._site.program("tests/memory_transport")], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=log, cwd="/",
                env={"CASTGATE_CONFIG": str(self._site.config), "PATH": "/usr/bin:/bin"},
                preexec_fn=ending.die_with(os.getpid()), **self._site.account.popen_options())
        return self

    def __exit__(self, *_):
        evidence.forget(self.error_log)
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        evidence.fail_on_sanitizer_report(self.error_log)

    def send(self, request):
        message = {
            "method": request.method,
            "uri": request.target,
            "headers": {name: value for name, value in request.headers},
            "remote_addr": "127.0.0.1",
        }
        if request.body is not None:
            message["body_base64"] = base64.b64encode(request.body).decode()
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        self._process.stdin.flush()
        answer = json.loads(self._line())
        body = (base64.b64decode(answer["body_base64"]) if "body_base64" in answer
                else answer["body"].encode())
        return Reply(answer["status"], [tuple(pair) for pair in answer["headers"]], body)

    def log_text(self):
        return self.error_log.read_text(errors="replace")

    def _line(self):
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(PATIENCE_SECONDS):
                raise AssertionError("memory_transport does not answer")
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(f"memory_transport ended:\n{self.log_text()[-3000:]}")
        return line
