"""How fast is castgate, compared with a null responder and a hand-written floor?

Starts a database, one lighttpd and one Apache, and all responders; drives them in interleaved rounds
with wrk, and prints tables in Markdown. Ends with 1 when any status was not the expected one. What is
measured, and how to read it: tests/bench/README.md.
"""

import argparse
import contextlib
import os
import pathlib
import random
import shutil
import statistics
import sys
from urllib.parse import urlencode

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import data
import fronts
import measure
import network
from harness import ending, mariadb
from harness.exchange import subscription
from harness.mount_cgi import cgi_environment
from harness.scratch import Scratch
from harness.site import Site

HERE = pathlib.Path(__file__).resolve().parent
SECTIONS = ("rounds", "alone", "batch", "cgi", "storm")


class Rig:
    """Everything that is measured, started. A context manager."""

    def __init__(self, options):
        self.options = options
        self.wrong = []
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        with self._stack as stack:
            fronts.allow_many_files()
            self.scratch = stack.enter_context(Scratch("bench"))
            self.db = stack.enter_context(mariadb.MariaDB(
                self.scratch, {"innodb-buffer-pool-size": "512M", "max-connections": "200"}))
            data.fill(self.db, self.options.users)
            self.site = stack.enter_context(Site(self.scratch))
            self.site.configure(HERE / "bench.conf", self.db, self.options.hold, TOUCH=self.options.touch)
            self.site.check()
            folder = self.scratch.directory("run", self.site.account, 0o750)
            workers = self.options.workers
            self.responders = [fronts.Null(self.site, folder, workers),
                               fronts.Floor(self.site, folder, workers, self.db)]
            if self.options.against:
                copy = self.site.programs / "other.fcgi"
                shutil.copyfile(pathlib.Path(self.options.against) / "castgate.fcgi", copy)
                copy.chmod(0o755)
                self.responders += [fronts.Other(self.site, folder, workers, copy)]
            self.responders += [fronts.Castgate(self.site, folder, workers)]
            for responder in self.responders:
                stack.enter_context(responder)
            self.fronts = [stack.enter_context(fronts.FRONTS[name](
                self.site, self.scratch, self.responders)) for name in self.options.fronts]
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error):
        return self._stack.__exit__(*error)

    @property
    def castgate(self):
        return self.responders[-1]

    def run(self, front, responder, connections, seed, batch=0):
        """One run of wrk, with what it cost: CPU microseconds of each group for each answer."""
        mode = "castgate" if responder.name == "other" else responder.name
        with measure.Watch({"workers": responder.pids(), "front": front.pids(),
                            "database": [self.db.pid]}) as watch:
            result = measure.wrk(front.ports[responder.name], mode, self.options.users,
                                 connections, self.options.seconds, seed, batch)
        answered = max(result["answered"], 1)
        result["cpu"] = {name: 1e6 * used / answered for name, used in watch.used.items()}
        if result["wrong"] or result["errors"] or not result["answered"]:
            self.wrong.append(f"{responder.name} behind {front.name}: {result['wrong']} wrong of "
                              f"{result['answered']}, {result['errors']} errors; "
                              f"{result['first_wrong']}")
        return result


def middle(values):
    return statistics.median(values)


def table(title, columns, rows):
    print(f"\n{title}\n")
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    sys.stdout.flush()


def rounds_of(rig, front, connections):
    """{responder: [result of each round]}; responders take turns within a round."""
    results = {responder.name: [] for responder in rig.responders}
    for number in range(rig.options.rounds):
        for responder in rig.responders:
            results[responder.name].append(rig.run(front, responder, connections, number + 1))
    return results


def show_rounds(rig, front, connections, results):
    rows = []
    for name, runs in results.items():
        ratios = [run["rate"] / floor["rate"] for run, floor in zip(runs, results["floor"])]
        rows.append([
            name, f"{middle([run['rate'] for run in runs]):,.0f}",
            f"**{middle(ratios):.2f}** ({min(ratios):.2f} to {max(ratios):.2f})",
            f"{middle([run['p50_ms'] for run in runs]):.2f}",
            f"{middle([run['p99_ms'] for run in runs]):.2f}",
            *(f"{middle([run['cpu'][group] for run in runs]):.0f}"
              for group in ("workers", "database", "front")),
            f"{sum(run['answered'] for run in runs):,}",
            str(sum(run["wrong"] + run["errors"] for run in runs))])
    table(f"### {front.name}, {connections} connections, {rig.options.rounds} rounds of "
          f"{rig.options.seconds} s, {rig.options.workers} workers, load "
          f"{os.getloadavg()[0]:.1f}",
          ["responder", "requests/s", "x floor", "p50 ms", "p99 ms", "workers µs/request",
           "database µs", "front µs", "answers", "wrong"], rows)
    if "other" in results:
        ratios = [new["rate"] / old["rate"]
                  for new, old in zip(results["castgate"], results["other"])]
        print(f"\ncastgate / other build: {middle(ratios):.3f} "
              f"({min(ratios):.3f} to {max(ratios):.3f})")


def section_rounds(rig):
    for front in rig.fronts:
        for connections in rig.options.connections:
            show_rounds(rig, front, connections, rounds_of(rig, front, connections))
    rows = []
    for responder in rig.responders:
        sizes = measure.pss_kilobytes(responder.pids())
        rows.append([responder.name, f"{middle(sizes):,.0f}" if sizes else "not readable",
                     f"{max(sizes):,.0f}" if sizes else ""])
    table("### Memory of a worker after the load (PSS, KiB)", ["responder", "median", "most"], rows)


def allowed_request(rig, batch):
    """One of any user's, or with so many channels of one who takes part in them."""
    if not batch:
        user = random.randint(1, rig.options.users)
        return subscription(data.channel(rig.options.users, user, 0), f"{user}|plain-{user}")
    user = random.randint(1, rig.options.users // 100)
    request = subscription("", f"{user}|plain-{user}")
    request.body = urlencode([("socket_id", "1234.5678")] + [
        ("channel_name[]", data.channel(rig.options.users, user, k)) for k in range(batch)]).encode()
    return request


def allowed_requests(rig, responder, count, batch):
    """One after another, straight to the socket; CPU microseconds of workers and database for each."""
    workers, database = responder.pids(), [rig.db.pid]
    before = measure.run_microseconds(workers), measure.run_microseconds(database)
    for _ in range(count):
        reply = responder.send(allowed_request(rig, batch))
        if reply.status != 200 or reply.body.count(b'"auth":"') != max(batch, 1):
            rig.wrong.append(f"{responder.name} alone: {reply.status}")
    return ((measure.run_microseconds(workers) - before[0]) / count,
            (measure.run_microseconds(database) - before[1]) / count)


def show_blocks(rig, compared, batch, title):
    """What other work on the machine disturbs least: short blocks in turns, and of many the better ones. Ratios are
    to the first of those compared."""
    blocks = {responder.name: [] for responder in compared}
    first = compared[0].name
    for responder in compared:
        allowed_requests(rig, responder, 200, batch)
    for _ in range(rig.options.blocks):
        for responder in compared:
            allowed_requests(rig, responder, 10, batch)
            blocks[responder.name].append(
                allowed_requests(rig, responder, 50 if batch else 150, batch))
        compared = compared[1:] + compared[:1]
    both = {name: sorted(map(sum, costs)) for name, costs in blocks.items()}
    quarter = rig.options.blocks // 4
    rows = [[name, *(f"{sorted(cost[which] for cost in costs)[quarter]:.0f}" for which in (0, 1)),
             f"{both[name][quarter]:.0f}", f"{middle(both[name]):.0f}",
             f"**{both[first][quarter] / both[name][quarter]:.2f}**"]
            for name, costs in blocks.items()]
    table(f"### {title} one by one, without a web server, {rig.options.blocks} blocks, "
          f"load {os.getloadavg()[0]:.1f}",
          ["responder", "workers µs, lower quartile", "database µs", "both", "both, median",
           f"{first} / it"], rows)


def section_alone(rig):
    show_blocks(rig, [responder for responder in rig.responders if responder.name != "null"], 0,
                "Allowed requests")


def section_batch(rig):
    """Channels a second, twenty in a request against one in a request; and what a channel costs."""
    count = data.MANY_MEMBERSHIPS
    builds = [responder for responder in rig.responders if responder.name in ("other", "castgate")]
    show_blocks(rig, builds, count, f"Batches of {count} allowed channels")
    rows = []
    for front in rig.fronts:
        for connections in rig.options.connections:
            runs = {build.name: [] for build in builds}
            for number in range(rig.options.rounds):
                for build in builds:
                    runs[build.name].append([
                        rig.run(front, build, connections, number + 1, batch)
                        for batch in (0, count)])
            for name, pairs in runs.items():
                ratios = [batch["rate"] * count / single["rate"] for single, batch in pairs]
                costs = [[middle([pair[which]["cpu"][group] / channels for pair in pairs])
                          for group in ("workers", "database", "front")]
                         for which, channels in enumerate((1, count))]
                rows.append([front.name, str(connections), name,
                             f"{middle([single['rate'] for single, _ in pairs]):,.0f}",
                             f"{middle([batch['rate'] for _, batch in pairs]) * count:,.0f}",
                             f"**{middle(ratios):.1f}** ({min(ratios):.1f} to {max(ratios):.1f})",
                             *(" + ".join(f"{part:.0f}" for part in cost) + f" = {sum(cost):.0f}"
                               for cost in costs),
                             f"{sum(costs[0]) / sum(costs[1]):.1f}"])
    table(f"### A batch of {count} channels against single requests, load "
          f"{os.getloadavg()[0]:.1f}",
          ["front", "connections", "responder", "single channels/s", "of a batch", "ratio",
           "CPU µs of a single: workers + database + front", "of a channel of a batch", "ratio"], rows)


def section_cgi(rig):
    """Starting castgate as a plain CGI program against one that only answers."""
    user = 7
    request = subscription(data.channel(rig.options.users, user, 0), f"{user}|plain-{user}")
    environment = {name: value.decode() for name, value in
                   cgi_environment(request, rig.site).items()}
    body = rig.scratch.path / "cgi-body"
    body.write_bytes(request.body)
    os.chmod(body, 0o644)
    programs = {"null": rig.site.program("tests/bench/null_cgi"),
                "castgate": rig.site.program("castgate.fcgi")}
    if rig.options.against:
        programs["other"] = rig.site.programs / "other.fcgi"
    times = {name: [] for name in programs}
    for _ in range(rig.options.rounds * rig.options.starts):
        for name, program in programs.items():
            times[name] += measure.spawn_seconds(program, environment, body, 1)
    rows = [[name, f"{1e3 * middle(runs):.2f}", f"**{middle(runs) / middle(times['null']):.2f}**",
             f"{1e3 * min(runs):.2f}", f"**{min(runs) / min(times['null']):.2f}**"]
            for name, runs in times.items()]
    table(f"### Plain CGI: one start, in ms ({len(times['null'])} starts of each, in turns, load "
          f"{os.getloadavg()[0]:.1f})",
          ["program", "median ms", "x null", "least ms", "x null"], rows)


def section_storm(rig):
    rows = []
    users = min(10000, rig.options.users)
    for front in rig.fronts:
        for _ in range(rig.options.storms):
            result = measure.storm(front.ports["castgate"], rig.options.users, users,
                                   data.MEMBERSHIPS, 300)
            if result["errors"]:
                rig.wrong.append(f"storm behind {front.name}: {result}")
            rows.append([front.name, f"{result['answers']:,}", str(result["errors"]),
                         f"{result['seconds']:.2f}",
                         f"{result['answers'] / result['seconds']:,.0f}",
                         f"{result['p50_ms']:.0f}", f"{result['p99_ms']:.0f}"])
    table(f"### Reconnect storm: {users:,} users x {data.MEMBERSHIPS} channels at once",
          ["front", "answers", "errors", "seconds to the last", "answers/s", "p50 ms", "p99 ms"],
          rows)


def options_of(words):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sections", nargs="*", help=f"of {', '.join(SECTIONS)}; none: all")
    parser.add_argument("--seconds", type=int, default=5, help="of one run")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--blocks", type=int, default=60, help="of requests without a web server")
    parser.add_argument("--users", type=int, default=100000, help="a multiple of 1,000")
    parser.add_argument("--workers", type=int, default=4, help="of each responder")
    parser.add_argument("--connections", type=int, nargs="+", default=[8, 32])
    parser.add_argument("--fronts", nargs="+", choices=list(fronts.FRONTS),
                        default=list(fronts.FRONTS))
    parser.add_argument("--starts", type=int, default=100, help="of each CGI program in a round")
    parser.add_argument("--storms", type=int, default=3)
    parser.add_argument("--touch", default="3600s", help='castgate\'s "touch"')
    parser.add_argument("--hold", help='castgate\'s "hold", and more for all of a request; default: as shipped')
    parser.add_argument("--against", help="the build directory of another castgate to compare with")
    options = parser.parse_args(words)
    options.sections = options.sections or list(SECTIONS)
    unknown = set(options.sections) - set(SECTIONS)
    if unknown:
        parser.error(f"no section {', '.join(sorted(unknown))}")
    return options


def run(options):
    """Measure, print, and return what was wrong."""
    with Rig(options) as rig:
        for section in options.sections:
            globals()[f"section_{section}"](rig)
        return rig.wrong


def main():
    ending.unwind_on_signals()
    options = options_of(sys.argv[1:])
    problem = network.own_network()
    if problem:
        print(f"warning: no network of its own ({problem}): a storm overflows the machine's queues of connections")
    wrong = run(options)
    for line in wrong:
        print(f"WRONG: {line}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
