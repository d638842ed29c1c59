"""What is known of one watched run, and what of it is news to a client."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from cnnlab import lab
from cnnlab.domain.run import Run

STATE_EVERY = 5
"""Status and log are looked at in every fifth poll; epochs and steps in each."""


@dataclass(frozen=True)
class Position:
    """What a client has.

    Attributes:
        epochs: number of finished epochs.
        steps: number of rows of the step file, phases included.
        state: version of status, log and facts.
    """

    epochs: int = 0
    steps: int = 0
    state: int = 0


class Channel:
    """The rows of one run so far, and a bell that rings when there are more.

    Args:
        run: the run as it was when the first client came.
    """

    def __init__(self, run: Run) -> None:
        self.is_complete = False
        self._run = run
        self._feed = lab.follow_run(run)
        self._end: Position | None = None  # unknown before the first read
        self._state: dict[str, Any] = {}
        self._polls = 0
        self._bell = asyncio.Condition()

    async def update(self) -> None:
        """Take over what was written since the last call.

        Raises:
            CnnlabError: the run was deleted or its files are damaged.
        """
        ended = self._run.status.is_ended  # looked at before the rows, so that none is missed
        changed = await asyncio.to_thread(self._read)
        if changed or ended:
            await self._ring(complete=ended)

    async def fail(self, message: str) -> None:
        """Tell the clients that nothing more will come, and why."""
        end = self._end or Position()
        self._state, self._end = {"error": message}, replace(end, state=end.state + 1)
        await self._ring(complete=True)

    def news(self, position: Position, end: Position) -> dict[str, Any]:
        """What a client at `position` doesn't have up to `end`; `next` is where it is then."""
        message: dict[str, Any] = {"next": {"epochs": end.epochs, "steps": end.steps}}
        if position.state < end.state:
            message |= self._state
        if position.epochs < end.epochs:
            message["epochs"] = self._feed.epochs[position.epochs : end.epochs]
        if position.steps < end.steps:
            message["steps"] = self._feed.steps_between(position.steps, end.steps)
        return message

    async def wait_beyond(self, position: Position) -> Position:
        """Wait until there is more than a client at `position` has, or nothing more will come."""
        async with self._bell:
            await self._bell.wait_for(lambda: self._end not in (None, position) or self.is_complete)
            return self._end or position

    def _read(self) -> bool:
        """Read the files and, less often, the run's row; say whether anything is new."""
        state = self._state
        if self._polls % STATE_EVERY == 0:
            self._run = lab.load_run(self._run.id)
            state = self._describe()
        self._polls += 1
        changed = self._feed.read()
        if self._feed.facts and "facts" not in state:
            state = state | {"facts": self._feed.facts}
        version = self._end.state if self._end else 0
        if state != self._state:
            self._state, changed, version = state, True, version + 1
        # Last of all, because the event loop looks at it from another thread.
        self._end = Position(len(self._feed.epochs), self._feed.next_step, version)
        return changed

    def _describe(self) -> dict[str, Any]:
        return {
            "status": self._run.status,
            "message": self._run.message,
            "device": self._run.device,
            "stopping": lab.is_stopping(self._run),
            "log": lab.log_tail(self._run),
        } | ({"facts": self._feed.facts} if self._feed.facts else {})

    async def _ring(self, *, complete: bool) -> None:
        async with self._bell:
            self.is_complete = complete
            self._bell.notify_all()
