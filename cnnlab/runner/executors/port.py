"""Where workers run, as the supervisor sees it."""

from typing import Protocol

from cnnlab.runner.devices import Capacity
from cnnlab.runner.notes import Loss
from cnnlab.worker.process.channel import Job


class Executor(Protocol):
    """Starts, watches and ends the workers that do jobs; one suite of tests runs over every one.

    A job of whatever kind is known by its folder, and its worker writes all that it has to say
    there. The laws:

    - *One worker.* A job has at most one worker at a time, whoever starts it how often.
    - *No gap.* `is_alive` holds from the moment `start` returns until the last process of the job
      is gone, and what they wrote can be read here before it ceases to hold.
    - *Workers outlive us.* Neither `close` nor the death of the supervisor ends a worker that has a
      job.
    - *Adoption.* What one executor of a home started, the next one watches and ends as its own.
    - *No verdict.* How a job ended is in its folder; a lost worker raises nothing, here or there.
    """

    def capacity(self) -> Capacity:
        """The devices there are to give at the moment; the supervisor chooses who gets them."""

    def start(self, job: Job) -> None:
        """Have a worker do a job.

        Raises:
            RunStateError: the job has a worker already, which goes on undisturbed.
            StorageError: its folder can't be written.
            OSError: no worker can be started. One may have been all the same: fence the folder off.
        """

    def is_alive(self, job: Job) -> bool:
        """Whether any process of the job lives.

        Raises:
            StorageError: that can't be told at the moment.
        """

    def kill(self, job: Job) -> None:
        """End every process of the job at once; none left is fine.

        They may need a moment to be gone: `is_alive` tells.
        """

    def baseline(self) -> int:
        """A number to note before a job is started, for `why_lost`; the system's business."""

    def why_lost(self, job: Job, baseline: int) -> Loss:
        """Why the worker of a job is gone that didn't say how it ended; asked again, the same.

        Args:
            job: whose worker it was.
            baseline: what `baseline` said before the start, of this executor or an earlier one.

        Returns:
            `MEMORY`, each time that the memory ran out explaining one loss only; `KILLED` where
            nothing is known.
        """

    def keep_warm(self) -> bool:
        """Do what makes later starts fast; say whether there is a reason to stay.

        To be called once in a round, after all of the round's other calls.
        """

    def close(self) -> None:
        """Let go what nobody needs; workers that have a job bring it to the end."""
