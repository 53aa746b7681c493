"""How is castgate explain asked about a request, or anything else?"""

import subprocess

from .waiting import PATIENCE_SECONDS


def as_http(request):
    """The bytes of a request, its header values as the memory mount hands them over."""
    lines = [f"{request.method} {request.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in dict(request.headers).items()]
    return "\r\n".join([*lines, "", ""]).encode() + (request.body or b"")


def explain(site, *words, stdin=b""):
    return subprocess.run(
        [site.program("castgate"), "explain", *words, "--config", site.config], input=stdin,
        capture_output=True, cwd="/", env={"PATH": "/usr/bin:/bin"}, timeout=PATIENCE_SECONDS, check=False,
        **site.account.popen_options())
