"""Which promises hold for every reply, whatever was asked?"""

import re

# One FastCGI record of a careful server holds a reply's header.
MOST_HEADER_BYTES = 4096


def violations(reply, may_set_cookies=False):
    """What breaks the contract of all replies; one sentence each."""
    wrong = []
    if not re.fullmatch(r"[0-9A-Za-z-]{8,64}", reply.header("X-Request-Id") or ""):
        wrong.append(f"X-Request-Id: {reply.values('X-Request-Id')}")
    if "no-store" not in (reply.header("Cache-Control") or ""):
        wrong.append(f"Cache-Control: {reply.values('Cache-Control')}")
    for name in ("Location",) if may_set_cookies else ("Set-Cookie", "Location"):
        if reply.values(name):
            wrong.append(f"a reply must not have {name}")
    size = sum(len(name) + len(value) + 4 for name, value in reply.headers)
    if size > MOST_HEADER_BYTES:
        wrong.append(f"{size} bytes of header")
    if 300 <= reply.status < 400 or reply.status == 500:
        wrong.append(f"status {reply.status}")
    if reply.status == 503 and not reply.values("Retry-After"):
        wrong.append("503 without Retry-After")
    if reply.status == 405 and not reply.values("Allow"):
        wrong.append("405 without Allow")
    if reply.body and reply.body.lstrip()[:1] == b"<":
        wrong.append("the body is HTML")
    return wrong
