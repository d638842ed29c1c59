"""Whose turn it is: workspaces take turns, whatever waits in each of them.

First comes the workspace that has the least at work, among those the one whose last turn was the
longest ago. Inside of a workspace its own order holds. One that an admin puts first has a turn of a
number below 0, and the next one whatever it has at work.
"""

import heapq
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from typing import TypeVar

from cnnlab.domain.errors import DamagedError, StorageError
from cnnlab.files import read_json, wait_for_lock, write_json, written_at
from cnnlab.storage.home import Home

Waiting = TypeVar("Waiting")

_log = logging.getLogger(__name__)


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
    number = max(0, *(turns.get(workspace, 0) for workspace in waiting), 0)
    left = {workspace: deque(each) for workspace, each in waiting.items() if each}
    # A heap: thousands may wait, and they are ordered in every round in which anything is free.
    ranks = [_rank(one, taken[one], turns.get(one, 0)) for one in left]
    heapq.heapify(ranks)
    order = []
    while ranks:
        workspace = heapq.heappop(ranks)[-1]
        order.append((workspace, left[workspace].popleft()))
        number += 1
        taken[workspace] += 1
        if left[workspace]:
            heapq.heappush(ranks, _rank(workspace, taken[workspace], number))
    return order


def _rank(workspace: str, at_work: int, last: int) -> tuple[int, int, int, str]:
    return (0, 0, last, workspace) if last < 0 else (1, at_work, last, workspace)


class Turns:
    """The last turn of each workspace, kept for the next supervisor and for whoever asks.

    A file that can't be read stops nobody: the turns that are known count.

    Args:
        home: of any workspace of the installation.

    Attributes:
        numbers: of the last turns, by workspace.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._read_at = 0
        self.numbers: dict[str, int] = {}
        self.see()

    def see(self) -> None:
        """Take over what an admin, or a supervisor before this one, has written."""
        changed_at = written_at(self._home.turns)
        if changed_at == self._read_at:
            return
        self._read_at = changed_at
        try:
            self.numbers = read_turns(self._home)
        except StorageError as error:
            _log.warning("whose turn it is can't be read: %s", error)

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
            self._read_at, self.numbers = written_at(self._home.turns), kept


def read_turns(home: Home) -> dict[str, int]:
    """The number of each workspace's last turn; none where that was lost.

    Raises:
        StorageError: it can't be read.
    """
    if not home.turns.exists():
        return {}
    try:
        return {str(one): int(number) for one, number in read_json(home.turns).items()}
    except (DamagedError, AttributeError, TypeError, ValueError, OverflowError, RecursionError):
        return {}
