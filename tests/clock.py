"""A clock that a test turns."""


class Clock:
    """Seconds; `now` is what it says."""

    now = 1000.0

    def __call__(self):
        return self.now
