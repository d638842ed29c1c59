"""The order in which runs that wait are served: said once, for all who ask for it."""

from collections.abc import Sequence

from cnnlab.storage.index.schema import runs

QUEUE_ORDER = (runs.c.queue_rank, runs.c.created_at, runs.c.id)
"""Lower ranks first; who was never moved has rank 0 and waits as it came."""


def ranks_after_move(
    queue: Sequence[tuple[str, int]], run: str, place: int
) -> dict[str, int] | None:
    """The ranks that have to change so that a run stands at a place of the queue.

    Runs that come later have rank 0, so that whoever is moved, and all before it, get ranks below.

    Args:
        queue: ids with their ranks, in order.
        run: the one that is moved.
        place: from 0; beyond the end is the end.

    Returns:
        New ranks by id; None where the run doesn't wait.
    """
    ranks = dict(queue)
    if run not in ranks:
        return None
    rest = [one for one in ranks if one != run]
    order = [*rest[: max(0, place)], run, *rest[max(0, place) :]]
    at = order.index(run)
    below = min(0, *(ranks[one] for one in order[at + 1 :]), 0)
    wanted = {one: below - (at + 1 - number) for number, one in enumerate(order[: at + 1])}
    return {one: rank for one, rank in wanted.items() if rank != ranks[one]}
