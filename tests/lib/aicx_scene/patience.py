# SPDX-License-Identifier: Apache-2.0
"""patience.py - how long a scene waits for what must happen; busy machines stall for seconds."""
import os
import time

PATIENCE_S = int(os.environ.get("PATIENCE_S") or "30")  # less where a guard is broken on purpose


class Late(Exception):
    """Something did not happen in its time."""


def eventually(fact, what, seconds=PATIENCE_S):
    """Waits for what comes by itself; gives the first fact() that holds."""
    end = time.monotonic() + seconds
    while not (found := fact()):
        if time.monotonic() > end:
            raise Late(f"not in {seconds} s: {what}")
        time.sleep(0.01)
    return found
