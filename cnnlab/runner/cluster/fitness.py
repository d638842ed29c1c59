"""Which nodes runs may go to: those that were checked and are like this machine."""

from collections.abc import Sequence

from cnnlab.runner.cluster.api import RayApi
from cnnlab.runner.cluster.checking import Asked, Checked, ask_node, read_answer
from cnnlab.runner.cluster.nodes import Node
from cnnlab.storage.home import Home


class Fitness:
    """Checks each node once, when it is first seen; one that comes back has another id.

    Args:
        home: its storage takes the answers.
        api: asks the cluster.

    Attributes:
        only: ids of the nodes that runs are kept to; empty where all may have them.
        problem: what is wrong with the others, in words; empty where nothing is.
    """

    def __init__(self, home: Home, api: RayApi) -> None:
        self.only: tuple[str, ...] = ()
        self.problem = ""
        self._home, self._api = home, api
        self._asked: dict[str, Asked] = {}
        self._checked: dict[str, Checked] = {}

    def fit(self, nodes: Sequence[Node]) -> list[Node]:
        """Those of the nodes that may have runs; asks those that nothing is known of yet.

        Raises:
            OutOfReachError: the cluster doesn't answer.
        """
        able = [node for node in nodes if node.cpus > 0]
        for node in able:
            if node.id not in self._checked:
                self._see(node)
        known = {node.id: self._checked[node.id] for node in able if node.id in self._checked}
        fit = [node for node in able if node.id in known and known[node.id].is_fit]
        self.only = () if len(fit) == len(able) else tuple(node.id for node in fit)
        self.problem = " ".join(
            f"{node.name}: {known[node.id].problems[0]}"
            for node in able
            if node.id in known and not known[node.id].is_fit
        )
        return fit

    def _see(self, node: Node) -> None:
        """Ask a node, or see whether it has answered."""
        asked = self._asked.get(node.id)
        if asked is None:
            self._asked[node.id] = ask_node(self._api, self._home, node)
            return
        if (checked := read_answer(self._api, node, asked)) is not None:
            self._checked[node.id] = checked
