"""Which runs and studies a table is of."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cnnlab.domain.batches import in_batches
from cnnlab.domain.errors import NotFoundError
from cnnlab.domain.run import Run
from cnnlab.lab.runs import as_it_is, load_run
from cnnlab.lab.study.studies import list_studies, load_study, study_runs
from cnnlab.lab.workplace import workplace

_RUNS_AT_ONCE = 100
"""A run's row has some 10 kB: those of all runs of a large home needn't be held together."""


@dataclass(frozen=True)
class Chosen:
    """What a table is of.

    Attributes:
        runs: ids, in the order of the rows, none twice.
        studies: ids, likewise.
        is_everything: whether nobody named any of them.
    """

    runs: tuple[str, ...]
    studies: tuple[str, ...]
    is_everything: bool


def choose(ids: Sequence[str]) -> Chosen:
    """Runs and studies by their ids, a study with its runs; everything there is, oldest first.

    Args:
        ids: of runs and studies; none means everything.

    Raises:
        NotFoundError: one is no run and no study.
    """
    if not ids:
        studies = [study.id for study in reversed(list_studies())]
        return Chosen(tuple(workplace().runs.ids()), tuple(studies), is_everything=True)
    runs: dict[str, None] = {}
    named: dict[str, None] = {}
    for one in ids:
        found, is_study = _runs_of(one)
        runs |= dict.fromkeys(found)
        if is_study:
            named[one] = None
    return Chosen(tuple(runs), tuple(named), is_everything=False)


def iterate_runs(chosen: Chosen) -> Iterator[Run]:
    """Their rows, read as they are asked for; what was deleted meanwhile is left out."""
    for some in in_batches(chosen.runs, _RUNS_AT_ONCE):
        yield from map(as_it_is, workplace().runs.load_all(some))


def _runs_of(one: str) -> tuple[list[str], bool]:
    with contextlib.suppress(NotFoundError):
        return [load_run(one).id], False
    with contextlib.suppress(NotFoundError):
        return [run.id for run in study_runs(load_study(one).id)], True
    raise NotFoundError(
        f"There is no run and no study {one!r}: `runs` and `studies` list what there is."
    )
