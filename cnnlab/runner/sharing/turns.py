"""Whose turn it is: workspaces take turns, whatever waits in each of them.

First comes the workspace that has the least at work, among those the one whose last turn was the
longest ago. Inside of a workspace its own order holds. One that an admin puts first has a turn of a
number below 0, and the next one whatever it has at work.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from cnnlab.domain.errors import DamagedError
from cnnlab.files import read_json, wait_for_lock, write_json
from cnnlab.storage.home import Home

Waiting = TypeVar("Waiting")


def in_turns(
    waiting: Mapping[str, Sequence[Waiting]], at_work: Mapping[str, int], turns: Mapping[str, int]
) -> list[tuple[str, Waiting]]:
    """All that waits, in the order in which it is served.

    Args:
        waiting: by workspace, each in its own order.
        at_work: how much of each workspace is being worked at.
        turns: number of each workspace's last turn; who had none yet comes first.

    Returns:
        What waits, each with its workspace.
    """
    taken = {workspace: at_work.get(workspace, 0) for workspace in waiting}
    last = {workspace: turns.get(workspace, 0) for workspace in waiting}
    places = dict.fromkeys(waiting, 0)
    number = max(last.values(), default=0)
    order = []
    while left := [one for one in waiting if places[one] < len(waiting[one])]:
        workspace = min(left, key=lambda one: _rank(one, taken[one], last[one]))
        order.append((workspace, waiting[workspace][places[workspace]]))
        number += 1
        places[workspace] += 1
        taken[workspace] += 1
        last[workspace] = number
    return order


def _rank(workspace: str, at_work: int, last: int) -> tuple[int, int, int, str]:
    return (0, 0, last, workspace) if last < 0 else (1, at_work, last, workspace)


class Turns:
    """The last turn of each workspace, kept for the next supervisor and for whoever asks.

    Args:
        home: of any workspace of the installation.

    Attributes:
        numbers: of the last turns, by workspace.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._read_at = _written_at(home)
        self.numbers = read_turns(home)

    def see(self) -> None:
        """Take over what an admin has changed."""
        written_at = _written_at(self._home)
        if written_at != self._read_at:
            self._read_at, self.numbers = written_at, read_turns(self._home)

    def take(self, workspace: str) -> None:
        """Note that it was a workspace's turn.

        Raises:
            StorageError: the disk is full; it counts all the same.
        """
        newest = max(0, *self.numbers.values(), 0)
        if self.numbers.get(workspace) != newest or not newest:
            self._number(workspace, newest + 1)

    def put_first(self, workspace: str) -> None:
        """Have a workspace be the next one, whatever it has at work.

        Raises:
            StorageError: the disk is full.
        """
        self._number(workspace, min(0, *self.numbers.values(), 0) - 1)

    def _number(self, workspace: str, number: int) -> None:
        self.numbers[workspace] = number
        with wait_for_lock(self._home.turns.with_suffix(".lock")):
            kept = read_turns(self._home) | {workspace: number}  # somebody else may write, too
            write_json(self._home.turns, kept)
            self._read_at, self.numbers = _written_at(self._home), kept


def _written_at(home: Home) -> int:
    try:
        return home.turns.stat().st_mtime_ns
    except OSError:  # not there yet; what is wrong with the disk the round will say
        return 0


def read_turns(home: Home) -> dict[str, int]:
    """The number of each workspace's last turn; none where that was lost.

    Raises:
        StorageError: it can't be read.
    """
    if not home.turns.exists():
        return {}
    try:
        return {str(one): int(number) for one, number in read_json(home.turns).items()}
    except (DamagedError, AttributeError, TypeError, ValueError):
        return {}
