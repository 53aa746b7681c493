"""How does a test wait for what must happen, however busy the machine is?"""

import time

# What has not happened by then never will. Who waits for what comes waits for a moment.
PATIENCE_SECONDS = 120


def wait_until(holds, what="it never came", pause_seconds=0.02):
    """Return what `holds` returns once that is true; fail with `what`, a text or a function that makes one."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := holds()):
        if time.monotonic() > deadline:
            raise AssertionError(what() if callable(what) else what)
        time.sleep(pause_seconds)
    return found
