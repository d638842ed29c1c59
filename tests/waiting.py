"""Waiting for a condition, never for a time."""

import time

SHORTEST_SLEEP, LONGEST_SLEEP = 0.01, 0.5  # seconds
REST = 3
"""So many times as long as looking took nobody looks: what is waited for needs the processor."""


def wait_until(condition, *, seconds=120, tick=lambda: None):
    """Call `tick` until `condition` holds; fail after so many seconds.

    On a machine that others keep busy, a server that starts in four seconds has taken forty.
    Where looking takes long, it is done more rarely.
    """
    end = time.monotonic() + seconds
    while True:
        began = time.monotonic()
        if value := condition():
            return value
        assert began < end, "the condition didn't come true in time"
        tick()
        rest = REST * (time.monotonic() - began)
        time.sleep(min(max(SHORTEST_SLEEP, rest), LONGEST_SLEEP))
