"""Waiting for a condition, never for a time."""

import time


def wait_until(condition, *, seconds=30, tick=lambda: None):
    """Call `tick` until `condition` holds; fail after so many seconds."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "the condition didn't come true in time"
        tick()
        time.sleep(0.01)
    return value
