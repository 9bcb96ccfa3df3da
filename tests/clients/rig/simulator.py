"""What the simulated providers have seen: the truth about what arrived behind the gateway."""

import json
import time
import urllib.request

SETTLE_DEADLINE_S = 5


class Simulator:
    """The log of the simulated providers."""

    def __init__(self, url):
        self.url = url

    def forget(self):
        """Begins anew: no calls, no counted troubles, no prompt cache."""
        request = urllib.request.Request(f"{self.url}/_simulator/log", method="DELETE")
        urllib.request.urlopen(request, timeout=10).close()

    def calls(self):
        """All calls so far, oldest first."""
        with urllib.request.urlopen(f"{self.url}/_simulator/log", timeout=10) as answer:
            return json.load(answer)

    def last_call(self):
        """The newest call, once it has ended."""
        until = time.monotonic() + SETTLE_DEADLINE_S
        while True:
            calls = self.calls()
            if calls and calls[-1]["ended"] != "running":
                return calls[-1]
            assert time.monotonic() < until, f"no call has ended: {calls}"
            time.sleep(0.02)
