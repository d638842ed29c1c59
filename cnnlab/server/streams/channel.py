"""What is known of one watched run, and what of it is news to a client."""

import asyncio
from dataclasses import dataclass, replace

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.history import thin, without_weights
from cnnlab.domain.records.stream import StreamNews, StreamPosition
from cnnlab.domain.records.training import ProgressRow
from cnnlab.domain.run import Run

STATE_EVERY = 5
"""Status and log are looked at in every fifth poll; epochs, turns and steps in each."""

MOST_STEPS = 2000
"""Of the steps of a long epoch, a client that comes late gets so many, evenly spaced: no more are
drawn."""


@dataclass(frozen=True)
class Position:
    """What a client has.

    Attributes:
        attempt: number of the attempt that its rows are of; 0 if it has none or can't tell.
        epochs: number of finished epochs.
        turns: number of turns of the dials.
        steps: number of rows of the step file, phases included.
        state: version of status, log and facts.
    """

    attempt: int = 0
    epochs: int = 0
    turns: int = 0
    steps: int = 0
    state: int = 0

    def to_json(self) -> StreamPosition:
        """What the client brings back when it connects again."""
        return {
            "attempt": self.attempt,
            "epochs": self.epochs,
            "turns": self.turns,
            "steps": self.steps,
        }


class Channel:
    """The rows of one run so far, over all its attempts; clients wait here for more.

    Args:
        run: the run as it was when the first client came.
    """

    def __init__(self, run: Run) -> None:
        self.is_complete = False
        self._run = run
        self._attempt = 0
        self._feeds: dict[int, lab.AttemptFeed] = {}
        self._end: Position | None = None  # unknown before the first read
        self._described: StreamNews = {}
        self._state: StreamNews = {}
        self._phase = ""
        self._polls = 0
        self._changed = asyncio.Condition()

    async def update(self) -> None:
        """Take over what was written since the last call.

        Raises:
            CnnlabError: the run was deleted or its files are damaged.
        """
        ended = self._run.status.is_ended  # looked at before the rows, so that none is missed
        changed = await asyncio.to_thread(self._read)
        if changed or ended:
            await self._notify(complete=ended)

    async def fail(self, message: str) -> None:
        """Tell the clients that nothing more will come, and why."""
        end = self._end or Position()
        self._state, self._end = {"error": message}, replace(end, state=end.state + 1)
        await self._notify(complete=True)

    def news(self, position: Position, end: Position) -> StreamNews:
        """What a client at `position` doesn't have up to `end`; `next` is where it is then.

        After a change of the attempt everything is news: the new one may have begun a little
        further back. The client then drops what it has, in the same moment.
        """
        message: StreamNews = {"next": end.to_json()}
        if position.state < end.state:
            message |= self._state
        if position.attempt not in (0, end.attempt):
            position = Position()
        feed = self._feeds.get(end.attempt)
        if feed is None:
            return message
        if position.epochs < end.epochs:
            records = feed.history[position.epochs : end.epochs]
            message["epochs"] = [without_weights(record) for record in records]
        if position.turns < end.turns:
            message["turns"] = feed.turns[position.turns : end.turns]
        if position.steps < end.steps:
            message["steps"] = _thinned(feed.steps_between(position.steps, end.steps))
        return message

    async def wait_beyond(self, position: Position) -> Position:
        """Wait until there is more than a client at `position` has, or nothing more will come."""
        async with self._changed:
            await self._changed.wait_for(
                lambda: self._end not in (None, position) or self.is_complete
            )
            return self._end or position

    def known(self) -> StreamNews:
        """Read what is there now, for a page that is drawn: what a client that has nothing gets.

        Raises:
            CnnlabError: the run's files are damaged.
        """
        self._read()
        return self.news(Position(), self._end or Position())

    def _read(self) -> bool:
        """Read the files and, less often, the run's row; say whether anything is new."""
        if self._polls % STATE_EVERY == 0:
            self._run = lab.load_run(self._run.id)
            self._described = self._describe()
        self._polls += 1
        changed = self._change_attempt()
        feed = self._feeds[self._attempt]
        changed = feed.read() or changed
        state: StreamNews = {**self._described, "phase": self._phase}
        if feed.facts is not None:
            state["facts"] = feed.facts
        version = self._end.state if self._end else 0
        if state != self._state:
            self._state, changed, version = state, True, version + 1
        # Last of all, because the event loop looks at it from another thread.
        counts = (len(feed.history), len(feed.turns), feed.next_step)
        self._end = Position(self._attempt, *counts, version)
        return changed

    def _change_attempt(self) -> bool:
        """Go over to the newest attempt whose history is whole; say whether it was another one.

        It is whole once its worker has said what it begins with; before that, the rows of the
        attempt before are shown, and what the new worker is doing.
        """
        self._phase = ""
        for number in range(self._run.attempt, self._attempt, -1):
            feed = lab.follow_run(replace(self._run, attempt=number))
            feed.read()
            if feed.facts:
                return self._show(number, feed)
            self._phase = self._phase or _last_phase(feed)
        if not self._attempt:
            return self._show(self._run.attempt, lab.follow_run(self._run))
        return False

    def _show(self, number: int, feed: lab.AttemptFeed) -> bool:
        self._feeds[number] = feed
        self._attempt, self._phase = number, ""
        return True

    def _describe(self) -> StreamNews:
        return {
            "status": self._run.status,
            "message": self._run.message,
            "device": self._run.device,
            "changed_by_hand": self._run.changed_by_hand,
            "queue": lab.queue_words(self._run),
            "stopping": lab.is_stopping(self._run),
            "log": lab.log_tail(self._run),
        }

    async def _notify(self, *, complete: bool) -> None:
        async with self._changed:
            self.is_complete = complete
            self._changed.notify_all()


def known_of(run: Run) -> StreamNews:
    """What the stream of a run would tell a client that has nothing; `next` is where it goes on.

    Where the run's files are damaged, that is what it tells.
    """
    try:
        return Channel(run).known()
    except CnnlabError as error:
        return {"error": str(error)}


def _thinned(rows: list[ProgressRow]) -> list[ProgressRow]:
    """At most `MOST_STEPS` steps, the last one kept, and every phase."""
    steps = [number for number, row in enumerate(rows) if row["kind"] == "step"]
    kept = set(thin(steps, MOST_STEPS))
    return [row for number, row in enumerate(rows) if row["kind"] != "step" or number in kept]


def _last_phase(feed: lab.AttemptFeed) -> str:
    rows = feed.steps_between(0, feed.next_step)
    return next((row["text"] for row in reversed(rows) if row["kind"] == "phase"), "")
