#!/usr/bin/env python3
"""Rooms: arrows go downwards only, and each foreign library is seen by one room."""
import re

import house

ORDER = ["base", "codec", "crypto", "config", "db", "http", "ticket", "session", "credential",
         "channel", "guard", "endpoint", "cli", "main"]

# The rooms that a room may include, besides itself.
ALLOWED = {
    "base": [],
    "codec": ["base"],
    "crypto": ["base", "codec"],
    "config": ["base", "codec", "crypto"],
    "db": ["base", "config"],
    "http": ["base", "codec", "config"],
    "ticket": ["base", "codec", "crypto"],
    "credential": ["base", "codec", "crypto", "config", "db", "http", "session"],
    "channel": ["base", "codec", "config", "db", "ticket", "credential"],
    "session": ["base", "codec", "crypto", "config", "db"],
    "guard": ["base", "codec", "crypto", "config", "http"],
    "endpoint": ORDER[:ORDER.index("endpoint")],
    "cli": ORDER[:ORDER.index("cli")],
    "main": ORDER[:ORDER.index("main")],
}

# Who may see a foreign header.
FOREIGN = [
    (re.compile(r"jansson"), "codec"),
    (re.compile(r"openssl/"), "crypto"),
    (re.compile(r"confuse\.h"), "config"),
    (re.compile(r"mysql|mariadb|errmsg\.h|ma_"), "db"),
    (re.compile(r"fcgi|fastcgi\.h"), "http"),
]

INCLUDE = re.compile(r'^\s*#\s*include\b\s*(?:"([^"]*)"|<([^>]*)>|(.*))')


def room_of(name):
    parts = name.split("/")
    if len(parts) == 3:
        return parts[1]
    return "main" if parts[1].startswith("main_") else None


def include_problem(room, quoted, angled):
    """What is wrong with one include, or None."""
    header = quoted if quoted is not None else angled
    if header is None:
        return "an include that is not written out"
    for pattern, owner in FOREIGN:
        if pattern.match(header):
            return None if room == owner else f"{header} belongs to the room {owner}"
    if quoted is None or quoted == "platform.h":
        return None
    target = quoted.split("/")
    if len(target) != 2 or target[0] not in ALLOWED:
        return f'"{quoted}" is not of the form "room/x.h"'
    if target[0] != room and target[0] not in ALLOWED[room]:
        return f"the room {room} may not include {quoted}"
    return None


def check_file(name, code):
    room = room_of(name)
    if room not in ALLOWED:
        return [f"{name}:1: is in no room"]
    complaints = []
    includes = []
    for number, line in house.lines_of(house.blank(code)):
        match = INCLUDE.match(line)
        if not match:
            continue
        includes.append(match.group(1))
        problem = include_problem(room, match.group(1), match.group(2))
        if problem:
            complaints.append(f"{name}:{number}: {problem}")
    if name.endswith(".c") and includes[:1] != ["platform.h"]:
        complaints.append(f'{name}:1: the first include is not "platform.h"')
    return complaints


def check(top):
    complaints = []
    for name in house.files_below(top, "src", ".c", ".h"):
        complaints += check_file(name, house.read(top, name))
    return complaints


P = '#include "platform.h"\n'
SAMPLES = [
    ({"src/ticket/a.c": P + '#include "ticket/a.h"\n#include <string.h>\n#include "base/b.h"\n',
      "src/ticket/a.h": '#include "crypto/c.h"\n',
      "src/main_tool.c": P + '#include "cli/x.h"\n'}, []),
    ({"src/codec/a.h": '#include "ticket/t.h"\n'}, ["codec may not include ticket/t.h"]),
    ({"src/base/a.c": P + '#include "codec/c.h"\n'}, ["base may not include"]),
    ({"src/guard/a.c": P + '  #  include "db/d.h"\n'}, ["a.c:2: the room guard may not"]),
    ({"src/codec/a.c": '#include <string.h>\n' + P}, ["first include"]),
    ({"src/codec/a.c": ''}, ["first include"]),
    ({"src/codec/a.c": '/*\n' + P + '*/\n#include "codec/a.h"\n'}, ["first include"]),
    ({"src/codec/a.h": '#include "a.h"\n'}, ["not of the form"]),
    ({"src/codec/a.h": '#include "codec/../db/d.h"\n'}, ["not of the form"]),
    ({"src/codec/a.h": '#include "nowhere/d.h"\n'}, ["not of the form"]),
    ({"src/codec/a.h": '#include HEADER\n'}, ["not written out"]),
    ({"src/nowhere/a.h": ''}, ["is in no room"]),
    ({"src/a.c": P}, ["is in no room"]),
    ({"src/crypto/a.h": '#include <jansson.h>\n'}, ["belongs to the room codec"]),
    ({"src/codec/a.h": '#include <openssl/evp.h>\n'}, ["belongs to the room crypto"]),
    ({"src/cli/a.h": '#include "confuse.h"\n'}, ["belongs to the room config"]),
    ({"src/cli/a.h": '#include <mysql.h>\n#include <mysql/errmsg.h>\n#include <mariadb_com.h>\n'},
     ["room db", "room db", "room db"]),
    ({"src/main_responder.c": P + '#include <fcgiapp.h>\n#include <fcgi_stdio.h>\n'},
     ["room http", "room http"]),
    ({"src/http/a.h": '#include <fcgiapp.h>\n#include <sys/socket.h>\n'}, []),
]

if __name__ == "__main__":
    for upper, lowers in ALLOWED.items():
        for lower in lowers:
            assert ORDER.index(lower) < ORDER.index(upper), f"{upper} may include {lower}"
    house.run(check, SAMPLES)
