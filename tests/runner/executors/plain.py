"""What executors of tests have in common: they count nothing and keep nothing ready."""

from cnnlab.runner.devices import Capacity
from cnnlab.runner.notes import Loss


class PlainExecutor:
    """All of an executor but how it starts, sees and ends a job.

    Args:
        capacity: the devices to give.
    """

    def __init__(self, capacity=None):
        self._capacity = capacity or Capacity()

    def capacity(self):
        return self._capacity

    def baseline(self):
        return 0

    def why_lost(self, job, baseline):
        return Loss.KILLED

    def keep_warm(self):
        return False

    def close(self):
        """Nothing is held."""
