#!/usr/bin/env python3
"""Manual: every directive stands in castgate.conf(5) and in a sample, and nothing else does."""
import re
import subprocess

import house

MANUAL = "doc/castgate.conf.5"
TOKEN = re.compile(
    r'#[^\n]*|//[^\n]*|/\*.*?\*/|(?P<string>"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\')'
    r"|(?P<word>[\w.-]+)|(?P<mark>[{}()=,+])", re.DOTALL)


def table(top):
    """Rows (section, name, what, default, closed set), from the program or, in a sample, a file."""
    if top == house.TOP:
        program = house.BUILD / "tests/guard/list_directives"
        output = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    else:
        output = house.read(top, "directives.tsv")
    return [tuple(line.split("\t")) for line in output.splitlines()]


def plain(lines):
    """mdoc lines as text: requests and escapes dropped, white space folded."""
    text = " ".join(re.sub(r"^\.[A-Z][a-z] ", "", line) for line in lines)
    text = re.sub(r'\\&|\\\(..|"', "", text)
    return re.sub(r"\s+", " ", text)


def manual_items(text):
    """What the part DIRECTIVES describes: {(section, name): lines}. A subsection is a section, and
    is itself found under (None, name); a list below an item with braces describes the section that
    the item opens."""
    items = {}
    lists = [""]
    opened = None
    body = []
    part = re.search(r"^\.Sh DIRECTIVES\n(.*?)(?=^\.Sh |\Z)", text, re.MULTILINE | re.DOTALL)
    for line in part.group(1).split("\n") if part else []:
        words = line.split()
        if words[:1] == [".Ss"]:
            lists = ["" if words[1] == "Top" else words[1]]
            body = items.setdefault((None, lists[0]), []) if lists[0] else []
        elif words[:1] == [".Bl"]:
            lists.append(opened or lists[-1])
            opened = None
        elif words[:1] == [".El"]:
            lists.pop()
            opened = None
        elif words[:2] == [".It", "Ic"]:
            opened = words[2] if "{" in words else None
            body = items.setdefault((lists[-1], words[2]), [])
        body.append(line)
    return items


def value_end(marks, at):
    """The place after the value, braced list or argument list that begins at `at`."""
    closing = {"{": "}", "(": ")"}.get(marks[at])
    return marks.index(closing, at) + 1 if closing in marks[at:] else at + 1


def sample_names(text):
    """Every (section, name) that a configuration file uses."""
    tokens = [match for match in TOKEN.finditer(text) if match.lastgroup]
    marks = [match.group() if match.lastgroup == "mark" else "" for match in tokens] + [""] * 3
    used = set()
    sections = [""]
    at = 0
    while at < len(tokens):
        brace = at + 1 if marks[at + 1] else at + 2
        name = tokens[at].group()
        if tokens[at].lastgroup != "word":
            sections = sections[:-1] or [""] if marks[at] == "}" else sections
            at += 1
        elif marks[at + 1] in ("=", "("):
            used.add((sections[-1], name))
            at = value_end(marks, at + 2 if marks[at + 1] == "=" else at + 1)
        elif marks[brace] == "{":
            used.add((sections[-1], name))
            sections.append(name)
            at = brace + 1
        else:
            at += 1
    return used


def check_row(row, items, manual):
    section, name, what, default, words = row
    label = f"{section or 'top'}: {name}"
    if what == "statement":
        found = re.search(rf"^\.(It )?Ic {name}\b", manual, re.MULTILINE)
        return [] if found else [f"{MANUAL}: {label}: is not described"]
    lines = items.get((section, name))
    if lines is None and what == "section":
        lines = items.get((None, name))
    if lines is None:
        return [f"{MANUAL}: {label}: is not described"]
    text = plain(lines)
    complaints = []
    stated = re.search(r"Default: (.*)", text)
    if default and not (stated and default in stated.group(1)):
        complaints.append(f"{MANUAL}: {label}: does not state the default {default}")
    missing = [word for word in words.split("|") if word and word not in text]
    if missing:
        complaints.append(f"{MANUAL}: {label}: does not name {', '.join(missing)}")
    return complaints


def check(top):
    rows = table(top)
    known = {row[:2] for row in rows}
    manual = house.read(top, MANUAL)
    items = manual_items(manual)
    complaints = [] if rows else ["the directive table is empty"]
    for row in rows:
        complaints += check_row(row, items, manual)
    sections = {(None, row[1]) for row in rows if row[2] == "section"}
    complaints += [f"{MANUAL}: {section or 'top'}: {name}: is no directive"
                   for section, name in sorted(items.keys() - known - sections, key=str)]
    shown = set()
    for folder in ("recipes", "doc/samples"):
        for name in house.files_below(top, folder, ".conf"):
            used = sample_names(house.read(top, name))
            complaints += [f"{name}: {section or 'top'}: {word}: is no directive"
                           for section, word in sorted(used - known)]
            shown |= used
    return complaints + [f"{section or 'top'}: {name}: is in no recipe and no sample"
                         for section, name in sorted(known - shown)]


TSV = ("\tinclude\tstatement\t\t\n\tlog\tvalue\tstderr\tstderr|syslog\n\tbox\tsection\t\t\n"
       "box\tsize\tvalue\t5m\t\nbox\tlid\tsection\t\t\nlid\tcolours\tvalue\t\tred|blue\n")
PAGE = r""".Sh SYNTAX
.It
.Ic include
reads a file.
.Sh DIRECTIVES
.Ss Top level
.Bl -tag
.It Ic log = Ar PATH
.Cm stderr , syslog .
Default:
.Cm stderr .
.El
.Ss box \(dqNAME\(dq
A box.
.Bl -tag
.It Ic size = Ar SIZE
Default: 5m.
.It Ic lid Ar \(dqNAME\(dq No { ... }
.Bl -tag
.It Ic colours = Cm red | blue
.Bl -bullet
.It
hm
.El
.El
.El
.Sh FILES
.It Ic other = Ar X
"""
CONF = """include("a.conf")
log = "x { y = z" # size = 3
box "one" { size = 5m
	lid 'x' { colours = {"red", "blue"} } }
log = stderr
"""
GOOD = {"directives.tsv": TSV, MANUAL: PAGE, "recipes/a.conf": CONF}
SAMPLES = [
    (GOOD, []),
    ({**GOOD, "recipes/a.conf": CONF.replace("log", "# log"), "doc/samples/b.conf": "log=a\n"}, []),
    ({**GOOD, "directives.tsv": ""}, ["empty"] + [" no "] * 11),
    ({**GOOD, MANUAL: PAGE.replace(".Ic include", "include")}, ["top: include: is not described"]),
    ({**GOOD, MANUAL: PAGE.replace(".It Ic size = Ar SIZE\n", "")},
     ["box: size: is not described"]),
    ({**GOOD, MANUAL: PAGE.replace("Default: 5m", "Default: 6m")}, ["does not state the default"]),
    ({**GOOD, MANUAL: PAGE.replace("red | blue", "red")}, ["does not name blue"]),
    ({**GOOD, MANUAL: PAGE.replace("Ic size = Ar SIZE\n",
                                   "Ic size = Ar SIZE\nDefault: 5m\n.It Ic gone = Ar X\n")},
     ["box: gone: is no directive"]),
    ({**GOOD, MANUAL: PAGE.replace("Ic colours", "Ic colour")},
     ["lid: colours: is not described", "lid: colour: is no directive"]),
    ({**GOOD, MANUAL: PAGE.replace(".Ss box", ".Ss bag")},
     ["top: box: is not", "box: size: is not", "box: lid: is not",
      "bag: lid", "bag: size", "top: bag"]),
    ({**GOOD, "recipes/a.conf": CONF.replace(" size = 5m", "")}, ["box: size: is in no recipe"]),
    ({**GOOD, "recipes/a.conf": CONF.replace("colours", "size")},
     ["a.conf: lid: size: is no directive", "lid: colours: is in no recipe"]),
    ({**GOOD, "recipes/a.conf": "/* " + CONF + " */"}, ["is in no recipe"] * 6),
]

if __name__ == "__main__":
    house.run(check, SAMPLES)
