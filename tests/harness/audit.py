"""What did castgate write into its log about a request?"""

import json
import time


class AuditLog:
    """castgate's own log, read from where the last look ended. Lines are JSON objects."""

    def __init__(self, site):
        self._site = site
        self._seen = len(site.log_text())

    def decisions(self, at_least=1, seconds=2):
        """The decisions logged since the last call; waits for `at_least` of them.

        A decision is a line with a reason. With FastCGI the line may come a moment after the reply.
        """
        deadline = time.monotonic() + seconds
        while True:
            text = self._site.log_text()[self._seen:]
            whole = text[:text.rfind("\n") + 1]
            lines = [json.loads(line) for line in whole.splitlines() if line.startswith("{")]
            found = [line for line in lines if "event.reason" in line]
            if len(found) >= at_least or time.monotonic() > deadline:
                self._seen += len(whole)
                return found
            time.sleep(0.005)

    def reasons(self, at_least=1):
        return [line["event.reason"] for line in self.decisions(at_least)]
