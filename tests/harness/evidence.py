"""What is shown when a test fails? The ends of the logs of everything that was up at that moment."""

import pathlib

# What a sanitizer writes when it found something, in whichever log its stderr ends up.
_SANITIZER_MARKS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error:",
                    "UndefinedBehaviorSanitizer")

_logs = []


def keep(path):
    """Show this log on a failure, until it is forgotten."""
    _logs.append(pathlib.Path(path))


def forget(path):
    if pathlib.Path(path) in _logs:
        _logs.remove(pathlib.Path(path))


def tail(path, lines=40):
    """The end of a log."""
    try:
        text = pathlib.Path(path).read_text(errors="replace")
    except OSError as error:
        return f"({error})"
    return "\n".join(text.splitlines()[-lines:])


def shown():
    """The ends of all logs kept, one after the other."""
    return "\n".join(f"--- end of {path}\n{tail(path)}" for path in dict.fromkeys(_logs))


def fail_on_sanitizer_report(path):
    """For the end of a server: whatever its cases said, a report in its log is a failure."""
    try:
        report = sanitizer_report(pathlib.Path(path).read_text(errors="replace"))
    except FileNotFoundError:
        return
    if report:
        raise AssertionError(f"{path}:\n{report}")


def sanitizer_report(text):
    """The part of a log in which a sanitizer complains; empty when none does."""
    starts = [text.find(mark) for mark in _SANITIZER_MARKS if mark in text]
    return text[max(0, min(starts) - 200):][:6000] if starts else ""
