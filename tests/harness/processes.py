"""What do running processes do, as /proc tells it? ps may be missing.

A process that ends meanwhile is none: its directory is still listed then, and whatever is asked of it fails. So
nothing here lets pathlib look for names in such a directory; glob() passes on that the process is gone.
"""

import os
import pathlib
import re
import signal
import time


def read_each(name, of="/proc"):
    """Pairs of an id and what /proc has under that name, of every process; of every thread below a task directory."""
    for entry in os.listdir(of):
        if entry.isdigit():
            try:
                yield int(entry), pathlib.Path(of, entry, name).read_bytes()
            except OSError:
                pass  # ended meanwhile


def _fields(stat):
    """The state, the parent and so on: what follows the name, which may hold anything but ends with the last
    parenthesis."""
    return stat.rpartition(b")")[2].split()


def children_of(pid):
    """The processes that a process has started and not outlived."""
    return sorted(child for child, stat in read_each("stat")
                  if int(_fields(stat)[1]) == pid and _fields(stat)[0] != b"Z")


def running(program):
    """The processes that were started by this path."""
    return sorted(pid for pid, line in read_each("cmdline")
                  if line.split(b"\0")[0] == os.fsencode(program))


def stand_still(*pids):
    """Stop processes, and return once all of their threads stand still."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    for pid in pids:
        while any(_fields(stat)[0] != b"T" for _, stat in read_each("stat", f"/proc/{pid}/task")):
            time.sleep(0.001)


def status_of(pid):
    """What the kernel says about a process, in lines; nothing of one that has ended."""
    try:
        return pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return ""


def takes_signals(pid):
    """Has a castgate come so far that signals are kept for it? Its main blocks them first of all; until then
    they would end it, or be lost between the fork and the exec of whoever starts it."""
    blocked = re.search(r"(?m)^SigBlk:\s*([0-9a-f]+)$", status_of(pid))
    return bool(blocked and int(blocked[1], 16) & 1 << (signal.SIGHUP - 1))


def descriptors(pid):
    """What a process has open, by number; one it closes meanwhile is left out. Only root may look."""
    found = {}
    for number in os.listdir(f"/proc/{pid}/fd"):
        try:
            found[int(number)] = os.readlink(f"/proc/{pid}/fd/{number}")
        except FileNotFoundError:
            pass
    return found


def serves(pid):
    """Has a worker of castgate's read all it needs, so that it takes requests and reads signals from a
    descriptor? Only root may look; others have to believe it."""
    try:
        names = descriptors(pid).values()
    except PermissionError:
        return True
    except OSError:
        return False  # ended by itself meanwhile
    # the first may be the parent's, for a moment; the second never is
    return {"anon_inode:[signalfd]", "anon_inode:[eventpoll]"} <= set(names)
