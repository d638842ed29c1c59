"""The models of all runs: listed, told apart by tags, with what was prepared of them."""

import functools
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cnnlab.domain.config.run_config import RunConfig, load_stored
from cnnlab.domain.config.wording.choice_words import choice_words
from cnnlab.domain.marks.tags import checked_tags
from cnnlab.domain.people.person import Action
from cnnlab.domain.run import Run
from cnnlab.domain.run_naming import lowered
from cnnlab.exports.table import KERAS, all_formats
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.exporting.preparing import check_in
from cnnlab.lab.runs import as_it_is, load_run, newest_attempt
from cnnlab.lab.study.recorded import recorded_among
from cnnlab.lab.study.run_records import run_facts
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.runs.store import ListedModel
from cnnlab.tracking.outbox import tell_of

_CALIBRATED = "-calibrated"

_SETTLED_NS = 10**9
"""What changed later may change again within the same tick of the clock of files."""

_Stamps = tuple[tuple[str, int], ...]
"""Names of folders and when something in them was written last, ns."""


class ModelOrder(StrEnum):
    """How models are sorted; values are shown."""

    NEWEST = "Your own, newest first"
    """Behind them those of studies, and last those of a search's trials, which nobody chose."""

    BEST = "Best first"
    NAME = "By name"


@dataclass(frozen=True)
class ModelList:
    """The models of all runs.

    Attributes:
        models: newest first.
    """

    models: list[ListedModel]

    @functools.cached_property
    def best(self) -> frozenset[str]:
        """Ids of those with the highest validation accuracy on their dataset; equal ones all."""
        best: dict[str, float] = {}
        for model in self.models:
            best[model.dataset] = max(best.get(model.dataset, 0.0), _accuracy(model))
        return frozenset(each.id for each in self.models if _accuracy(each) == best[each.dataset])

    @property
    def datasets(self) -> list[str]:
        """Ids of the datasets, that of the newest model first."""
        return list(dict.fromkeys(model.dataset for model in self.models))

    @property
    def tags(self) -> list[str]:
        """All that any model has, sorted."""
        return sorted({tag for each in self.models for tag in each.tags}, key=str.casefold)

    def like(
        self,
        *,
        dataset: str | None = None,
        tag: str | None = None,
        text: str = "",
        order: ModelOrder = ModelOrder.NEWEST,
    ) -> list[ListedModel]:
        """Some of them.

        Args:
            dataset: only models of this one.
            tag: only models that have it.
            text: only models with this in their name, a tag or their id, whatever its case.
            order: how they are sorted.
        """
        wanted = text.strip().casefold()
        found = [
            model
            for model in self.models
            if (dataset is None or model.dataset == dataset)
            and (tag is None or tag in model.tags)
            and (not wanted or any(wanted in each.casefold() for each in _words_of(model)))
        ]
        if order is ModelOrder.BEST:
            found.sort(key=lambda model: -_accuracy(model))
        elif order is ModelOrder.NAME:
            found.sort(key=lambda model: model.name.casefold())
        else:
            found.sort(key=lambda model: (model.is_trial, model.study is not None))
        return found


@dataclass(frozen=True)
class PreparedFormat:
    """A format in which a model is there.

    Attributes:
        title: of the format.
        calibrated: whether with the temperature of its evaluation.
        is_verified: whether its own runtime has computed with it and agreed.
    """

    title: str
    calibrated: bool
    is_verified: bool


@dataclass(frozen=True)
class ModelFacts:
    """What is known of a model beyond its row in the list.

    Attributes:
        run: it was trained by.
        input: size and colours of its images, in words; None where its config can't be read.
        network: in words, likewise.
        parameters: of the network; None where its run didn't say.
        prepared: the formats in which it is there.
    """

    run: Run
    input: str | None
    network: str | None
    parameters: int | None
    prepared: list[PreparedFormat]


@asks(Action.VIEW)
def judgeable_runs(also: Iterable[str] = (), *, of: ModelList | None = None) -> list[ListedModel]:
    """What has a model, newest first: the runs that ended with an epoch.

    Args:
        also: ids of runs that are meant, too, if they ended and nobody has noted it yet.
        of: all models, where they are at hand.
    """
    models = (of or list_models()).models
    known = {model.id for model in models}
    runs = map(as_it_is, workplace().runs.load_all([run for run in also if run not in known]))
    return [_listed(run) for run in runs if run.status.is_ended and run.last] + models


@asks(Action.VIEW)
def list_models() -> ModelList:
    """The models of all runs, from the index: quick with thousands of them.

    The runs of the study that comes with the program have none; it is known by its mark, so one
    file is looked for in each study's folder.
    """
    models = workplace().runs.models()
    recorded = recorded_among({model.study for model in models if model.study is not None})
    return ModelList([model for model in models if model.study not in recorded])


@asks(Action.VIEW)
def describe_models(ids: Sequence[str]) -> list[ModelFacts]:
    """What is known of some models; their folders are looked into.

    Args:
        ids: of their runs; those that were deleted meanwhile are left out.
    """
    return [_facts_of(run) for run in workplace().runs.load_all(ids)]


@asks(Action.EDIT)
def tag_run(run: str, tags: Sequence[str]) -> list[str]:
    """Give the model of a run other tags; return them as they are stored.

    Raises:
        BadInputError: there are too many, or one is too long.
        NotFoundError: there is no run with this id.
        StorageError: the disk is full.
    """
    kept = checked_tags(tags)
    if load_run(run).tags != kept:
        workplace().runs.update(run, tags=kept)
        tell_of(workplace().home, run)
    return kept


def _words_of(model: ListedModel) -> list[str]:
    return [model.name, model.id, *model.tags]


def _accuracy(model: ListedModel) -> float:
    return -1.0 if model.accuracy is None else model.accuracy


def _listed(run: Run) -> ListedModel:
    config = load_stored(run.config)
    early = config.regularization.early_stopping if config else None
    is_last = early is not None and not early.restore_best
    accuracy = (run.last if is_last else run.best).get("val_accuracy")
    known = (run.id, run.name, run.dataset, run.created_at, run.study, run.tags)
    return ListedModel(*known, accuracy, is_last, run.search is not None)


def _facts_of(run: Run) -> ModelFacts:
    config = load_stored(run.config)
    return ModelFacts(
        run=run,
        input=f"{config.image.size} px, {lowered(choice_words(config.image.color))}"
        if config
        else None,
        network=_network(config) if config else None,
        parameters=run_facts(run).get("parameters"),
        prepared=_prepared(newest_attempt(run)),
    )


def _network(config: RunConfig) -> str:
    layers = config.architecture.layers
    return f"{len(layers)} own layers" if layers else config.architecture.preset


def _prepared(attempt: Attempt) -> list[PreparedFormat]:
    """What is there of an attempt: looked into again only where something was written."""
    stamps = _stamps(attempt)
    is_settled = max((at for _, at in stamps), default=0) < time.time_ns() - _SETTLED_NS
    look = _prepared_then if is_settled else _prepared_then.__wrapped__
    return list(look(attempt.folder, stamps))


def _stamps(attempt: Attempt) -> _Stamps:
    """Of the attempt's own folder, called `.`, and of each in which a format is prepared."""
    exports = attempt.folder / "exports"
    if not exports.exists():
        return ((".", attempt.folder.stat().st_mtime_ns),) if attempt.folder.exists() else ()
    with os.scandir(exports) as entries:
        prepared = [(entry.name, entry.stat().st_mtime_ns) for entry in entries]
    return ((".", attempt.folder.stat().st_mtime_ns), *sorted(prepared))


@functools.lru_cache(maxsize=1024)
def _prepared_then(folder: Path, stamps: _Stamps) -> tuple[PreparedFormat, ...]:
    """Only what has a folder is looked into, and Keras, which a run may have written itself."""
    attempt, names = Attempt(folder), {name for name, _ in stamps}
    found = []
    for each in all_formats().values():
        for calibrated in (False, True):
            is_there = f"{each.name}{_CALIBRATED * calibrated}" in names
            if calibrated and not each.gives_probabilities:
                continue
            if not is_there and (calibrated or each.name != KERAS):
                continue
            check = check_in(attempt, each.name, calibrated=calibrated)
            if check is not None:
                is_verified = check["top1_agreement"] is not None
                found.append(PreparedFormat(each.title, calibrated, is_verified))
    return tuple(found)
