"""Which nodes runs may go to: those that were checked and are like this machine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cnnlab.runner.cluster.api import RayApi
from cnnlab.runner.cluster.checking import Asked, Checked, ask_node, read_answer
from cnnlab.runner.cluster.nodes import Node
from cnnlab.storage.home import Home

AGAIN_SECONDS, AGAIN_AT_MOST_SECONDS = 60.0, 900.0
"""So soon a node that isn't fit is asked again: somebody may have mended it; later each time."""

LATE_SECONDS = 90.0
"""What a node has no answer for by then is told; a busy one takes ten seconds."""


@dataclass
class _Known:
    """What is known of a node.

    Attributes:
        asked: what it was asked and hasn't answered yet, if anything.
        asked_at: when, on the executor's clock.
        checked: what came of the last check that ended, if any did.
        ask_at: when it is asked again, unless it is fit.
        tries: how many checks in a row found it unfit.
    """

    asked: Asked | None = None
    asked_at: float = 0.0
    checked: Checked | None = None
    ask_at: float = 0.0
    tries: int = 0

    @property
    def is_fit(self) -> bool:
        return self.checked is not None and self.checked.is_fit

    def problem(self, now: float) -> str:
        """What is wrong, in words; empty where nothing is, as far as anybody knows."""
        if self.checked is not None:
            return "" if self.checked.is_fit else self.checked.problems[0]
        if self.asked is None or now - self.asked_at < LATE_SECONDS:
            return ""
        return (
            f"It had no answer within {LATE_SECONDS:.0f} s, so no run is sent there: see it in "
            "Ray's dashboard."
        )


class Fitness:
    """Checks each node when it is first seen, and those that aren't fit again and again.

    One that comes back has another id.

    Args:
        home: its storage takes the answers.
        api: asks the cluster.
        clock: seconds on a clock that never jumps.

    Attributes:
        only: ids of the nodes that runs are kept to; empty where all may have them.
        problem: what is wrong with the others, in words; empty where nothing is.
    """

    def __init__(self, home: Home, api: RayApi, clock: Callable[[], float]) -> None:
        self.only: tuple[str, ...] = ()
        self.problem = ""
        self._home, self._api, self._clock = home, api, clock
        self._known: dict[str, _Known] = {}

    def fit(self, nodes: Sequence[Node]) -> list[Node]:
        """Those of the nodes that may have runs; asks those that nothing good is known of yet.

        Raises:
            OutOfReachError: the cluster doesn't answer.
        """
        able = [node for node in nodes if node.cpus > 0]
        self._known = {node.id: self._known.get(node.id, _Known()) for node in able}
        for node in able:
            self._see(node, self._known[node.id])
        fit = [node for node in able if self._known[node.id].is_fit]
        self.only = () if len(fit) == len(able) else tuple(node.id for node in fit)
        told = ((node.name, self._known[node.id].problem(self._clock())) for node in able)
        self.problem = " ".join(f"{name}: {problem}" for name, problem in told if problem)
        return fit

    def _see(self, node: Node, known: _Known) -> None:
        """Ask a node, or see whether it has answered."""
        now = self._clock()
        if known.asked is None:
            if not known.is_fit and now >= known.ask_at:
                known.asked, known.asked_at = ask_node(self._api, self._home, node), now
            return
        if (checked := read_answer(self._api, node, known.asked)) is None:
            return
        known.asked, known.checked = None, checked
        known.ask_at = now + min(AGAIN_SECONDS * 2**known.tries, AGAIN_AT_MOST_SECONDS)
        known.tries += 1
