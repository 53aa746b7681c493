"""How does a test end what it started, also when it is told to stop itself?

SIGTERM, SIGINT and SIGHUP become an exception in the main thread, so that every `with` block on the
way out runs: servers stop, directories go. A child also gets SIGTERM from the kernel should the test
be killed outright.
"""

import ctypes
import os
import signal
import threading

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class Stopped(BaseException):
    """A signal asked the test to stop. Not an Exception, so that no test swallows it."""

    def __init__(self, number):
        super().__init__(signal.Signals(number).name)
        self.number = number


def _raise_stopped(number, _frame):
    # A second signal must not interrupt the clean-up the first one started.
    for other in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    raise Stopped(number)


def unwind_on_signals():
    """Turn termination signals into Stopped. Called by whatever creates something to clean up."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _raise_stopped)


def die_with(parent):
    """A function for a child of process `parent` to call between fork and exec: it makes the child
    end when the test ends, even by SIGKILL."""
    def arrange():
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        # The test may have died before the call; then nobody would send the signal.
        if os.getppid() != parent:
            os._exit(1)
    return arrange
