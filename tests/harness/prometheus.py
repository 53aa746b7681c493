"""A strict reader of Prometheus' text format 0.0.4: whatever is not exactly right is an error."""

import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (NaN|[+-]Inf|[+-]?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
HEAD = re.compile(rf"# (HELP|TYPE) ({NAME}) (.+)")
TYPES = ("counter", "gauge", "histogram")


class Metrics:
    """What one scrape says: `samples` maps (name, sorted labels) to numbers, `types` names to types."""

    def __init__(self, text):
        if not text.endswith("\n"):
            raise AssertionError("the last line has no line feed")
        self.samples = {}
        self.types = {}
        helps = set()
        for line in text.splitlines():
            head = HEAD.fullmatch(line)
            if head and head.group(1) == "HELP":
                self._require(head.group(2) not in helps, line)
                helps.add(head.group(2))
            elif head:
                self._require(head.group(2) in helps and head.group(2) not in self.types, line)
                self._require(head.group(3) in TYPES, line)
                self.types[head.group(2)] = head.group(3)
                self._current = head.group(2)
            else:
                self._add(line)
        for name, kind in self.types.items():
            self._require(kind != "counter" or name.endswith("_total"), name)
            if kind == "histogram":
                self._check_histogram(name)

    @staticmethod
    def _require(holds, line):
        if not holds:
            raise AssertionError(f"not Prometheus' text format: {line}")

    def _add(self, line):
        match = SAMPLE.fullmatch(line)
        self._require(match, line)
        name, inside, value = match.groups()
        labels = LABEL.findall(inside or "")
        self._require("".join(m.group(0) for m in LABEL.finditer(inside or "")) == (inside or ""),
                      line)
        self._require(not (inside or "").endswith(","), line)
        self._require(len({label for label, _ in labels}) == len(labels), line)
        # samples of one name stand together, behind their type
        family = re.sub(r"_(bucket|sum|count)$", "", name)
        self._require(self._current in (name, family), line)
        self._require(name == self._current or self.types[family] == "histogram", line)
        key = (name, tuple(sorted(labels)))
        self._require(key not in self.samples, line)
        self.samples[key] = float(value)

    def _check_histogram(self, name):
        buckets = [(float(dict(labels)["le"].replace("+Inf", "inf")), value)
                   for (found, labels), value in self.samples.items() if found == f"{name}_bucket"]
        self._require(buckets == sorted(buckets), name)
        self._require([value for _, value in buckets] == sorted(value for _, value in buckets), name)
        self._require(buckets[-1][0] == float("inf"), name)
        self._require(buckets[-1][1] == self.samples[f"{name}_count", ()], name)
        self._require((f"{name}_sum", ()) in self.samples, name)

    def value(self, name, **labels):
        return self.samples.get((name, tuple(sorted(labels.items()))), 0)

    def sum(self, name, **labels):
        """Of all samples of a name that have these labels among theirs."""
        return sum(value for (found, own), value in self.samples.items()
                   if found == name and set(labels.items()) <= set(own))
