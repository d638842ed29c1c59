"""Whose turn it is: workspaces take turns, whatever waits in each of them.

First comes the workspace that has the least at work, among those the one whose last turn was the
longest ago. Inside of a workspace its own order holds.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from cnnlab.domain.errors import DamagedError
from cnnlab.files import read_json, write_json
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
        workspace = min(left, key=lambda one: (taken[one], last[one], one))
        order.append((workspace, waiting[workspace][places[workspace]]))
        number += 1
        places[workspace] += 1
        taken[workspace] += 1
        last[workspace] = number
    return order


class Turns:
    """The last turn of each workspace, kept for the next supervisor and for whoever asks.

    Args:
        home: of any workspace of the installation.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self.numbers = read_turns(home)

    def take(self, workspace: str) -> None:
        """Note that it was a workspace's turn.

        Raises:
            StorageError: the disk is full; it counts all the same.
        """
        newest = max(self.numbers.values(), default=0)
        if self.numbers.get(workspace) != newest or not newest:
            self.numbers[workspace] = newest + 1
            write_json(self._home.turns, self.numbers)


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
