"""Several runs side by side: who they are, what they differ in, which can be paired, and the pairs.

What they said of their validation images is kept of every epoch, so no job is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from cnnlab.domain.comparing import ALL_PAIRS, LETTERS, ComparedAt, check_compared, epoch_of
from cnnlab.domain.config.wording.differences import FieldDifference, config_differences
from cnnlab.domain.people.person import Action
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.run import Run
from cnnlab.domain.words import counted, listed
from cnnlab.judging.pairs import Pair, are_same_images, compare_pairs
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.comparing.alone import Alone, alone_of
from cnnlab.lab.comparing.costs import Cost, cost_of
from cnnlab.lab.comparing.said import said_at
from cnnlab.lab.runs import load_run
from cnnlab.lab.study.run_records import History, run_facts, run_history
from cnnlab.lab.workplace import workplace

_DATASET, _SPLIT = "dataset", "split."
_OF_TRAINING = ("split.images_per_class", "split.label_noise_fraction")
"""Which validation images there are doesn't rest on these."""


@dataclass(frozen=True)
class ComparedRun:
    """One of the runs.

    Attributes:
        letter: what it is called here.
        run: as the store knows it.
        dataset: name of its dataset; its id where that is gone.
        classes: names by label; empty where the dataset is gone.
        history: its epoch records.
        epoch: 0-based, at which it is compared; None before its first is finished.
        said: of its validation images after it; None where that isn't known.
        why_unsaid: the rest of a sentence that says why it isn't.
        alone: what it is worth by itself at this epoch.
        cost: what it took.
        init_checksum: of its first weights; None before it began.
    """

    letter: str
    run: Run
    dataset: str
    classes: tuple[str, ...]
    history: History
    epoch: int | None
    said: Predictions | None
    why_unsaid: str
    alone: Alone
    cost: Cost
    init_checksum: str | None


@dataclass(frozen=True)
class ComparedPair:
    """Two of the runs on the same validation images."""

    first: ComparedRun
    second: ComparedRun
    found: Pair

    @property
    def name(self) -> str:
        """`A and B`."""
        return f"{self.first.letter} and {self.second.letter}"


@dataclass(frozen=True)
class Comparison:
    """Several runs side by side.

    Attributes:
        runs: in the order in which they were asked for.
        reference: place of the one that the others are compared with.
        at: at which epoch of each.
        fields: of the config, those that aren't the same in all.
        pairs: those of the same validation images that are shown: all of up to three runs, of more
            those with the reference.
        corrected_for: how many pairs there are, shown or not: p values are corrected for all of
            them, so that the choice of another reference finds no more by chance.
        unpaired: why other pairs can't be compared, a sentence each.
    """

    runs: tuple[ComparedRun, ...]
    reference: int
    at: ComparedAt
    fields: list[FieldDifference]
    pairs: list[ComparedPair]
    corrected_for: int
    unpaired: list[str]


@asks(Action.VIEW)
def compare_runs(
    ids: Sequence[str], *, at: ComparedAt = "last", reference: str | None = None
) -> Comparison:
    """Put runs side by side.

    Args:
        ids: of 2 to 8 runs, each once.
        at: at which epoch of each they are compared.
        reference: id of the one that the others are compared with, where not all pairs are; the
            first where none is named.

    Raises:
        BadInputError: too few, too many, one twice, or there is no such epoch to choose.
        NotFoundError: one of them isn't there.
        StorageError: the history of one is damaged.
    """
    check_compared(ids, at)
    rows = [load_run(run) for run in ids]
    runs = tuple(_compared(letter, run, at) for letter, run in zip(LETTERS, rows, strict=False))
    place = _place_of(reference, runs)
    pairs, corrected_for, unpaired = _paired(runs, place)
    fields = config_differences([run.config for run in rows])
    return Comparison(runs, place, at, _named(fields, runs), pairs, corrected_for, unpaired)


def _compared(letter: str, run: Run, at: ComparedAt) -> ComparedRun:
    dataset = workplace().datasets.find(run.dataset)
    history, epoch = run_history(run), epoch_of(run, at)
    said, why_unsaid = said_at(run, epoch)
    classes = tuple(dataset.classes) if dataset else ()
    return ComparedRun(
        letter=letter,
        run=run,
        dataset=dataset.name if dataset else run.dataset,
        classes=classes,
        history=history,
        epoch=epoch,
        said=said,
        why_unsaid=why_unsaid,
        alone=alone_of(history, epoch, said),
        cost=cost_of(run, history, len(classes)),
        init_checksum=run_facts(run).get("init_checksum"),
    )


def _place_of(reference: str | None, runs: Sequence[ComparedRun]) -> int:
    """That of the run that was asked for, or of the first that said anything."""
    said = [place for place, one in enumerate(runs) if one.said is not None]
    asked = [place for place in said if runs[place].run.id == reference]
    return next(iter(asked or said), 0)


def _paired(
    runs: Sequence[ComparedRun], reference: int
) -> tuple[list[ComparedPair], int, list[str]]:
    """The pairs to show, how many there are in all, and why others of those shown can't be."""
    unpaired = [f"{one.letter}: {one.why_unsaid}." for one in runs if one.said is None]
    chosen, said = [], []
    for first, second in combinations(_reference_first(runs, reference), 2):
        if first.said is None or second.said is None:
            continue
        if reason := _why_unpaired(first, second, first.said, second.said):
            if _is_shown(first, runs, reference):
                unpaired.append(reason)
        else:
            chosen.append((first, second))
            said.append((first.said, second.said))
    found = [
        ComparedPair(*pair, one) for pair, one in zip(chosen, compare_pairs(said), strict=True)
    ]
    shown = [pair for pair in found if _is_shown(pair.first, runs, reference)]
    return shown, len(found), unpaired


def _reference_first(runs: Sequence[ComparedRun], reference: int) -> list[ComparedRun]:
    return [runs[reference], *(one for place, one in enumerate(runs) if place != reference)]


def _is_shown(first: ComparedRun, runs: Sequence[ComparedRun], reference: int) -> bool:
    return len(runs) <= ALL_PAIRS or first is runs[reference]


def _why_unpaired(
    first: ComparedRun, second: ComparedRun, one: Predictions, other: Predictions
) -> str:
    """A sentence; empty where both are of the same images."""
    names = f"{first.letter} and {second.letter}"
    if first.run.dataset != second.run.dataset:
        classes = "" if first.classes == second.classes else ", with other classes"
        return (
            f"{names} can't be paired: they are of two datasets, '{first.dataset}' and "
            f"'{second.dataset}'{classes}."
        )
    if are_same_images(one, other):
        return ""
    fields = [
        f"{field.label} {listed(field.words)}"
        for field in config_differences([first.run.config, second.run.config])
        if field.name.startswith(_SPLIT) and field.name not in _OF_TRAINING
    ]
    why = f" ({'; '.join(fields)})" if fields else ""
    return (
        f"{names} can't be paired: {counted(len(one.labels), 'image')} validate {first.letter} and "
        f"{counted(len(other.labels), 'image')} {second.letter}, and they aren't the same{why}."
    )


def _named(fields: Sequence[FieldDifference], runs: Sequence[ComparedRun]) -> list[FieldDifference]:
    """With the names of the datasets in the place of their ids."""
    names = tuple(one.dataset for one in runs)
    return [replace(field, words=names) if field.name == _DATASET else field for field in fields]
