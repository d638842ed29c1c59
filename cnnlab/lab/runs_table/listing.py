"""All runs as their table needs them: kept in memory, and read again where they have changed."""

import functools
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import is_
from typing import Any

from cnnlab.domain.config.dotted import value_at
from cnnlab.domain.config.run_config import NOT_DESCRIBED, RunConfig, field_words, load_stored
from cnnlab.domain.history import gap
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.result import Origin
from cnnlab.domain.records.training import EpochRecord, Nothing
from cnnlab.domain.run import Status
from cnnlab.fields import walk
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.runs import as_it_is
from cnnlab.lab.workplace import workplace
from cnnlab.storage.runs.run_rows import RunRow, Stamp, database_stamp, read_configs, read_rows

_MOST_HOMES = 4
"""Tests and scripts go from home to home."""

_FIELDS = dict(walk(RunConfig))
_DEFAULTS: dict[str, Any] = RunConfig().model_dump(mode="json")


@dataclass(frozen=True)
class ListedRun:
    """A run as the table has it.

    Attributes:
        row: what the database says of it beside its config.
        status: where it stands, whether that was noted yet or not.
        changed: the fields of its config that aren't at their default, by dotted name.
        words: the same for people; empty where all is at its default.
        epochs_asked: of its config.
        last: metrics of the last finished epoch; `best` of the best one.
        curve: validation accuracy of its epochs, thinned.
        tags: of its model.
        origin: what it was forked from, or None.
        searched: all that a search looks through, without case.
    """

    row: RunRow
    status: Status
    changed: Mapping[str, Any]
    words: str
    epochs_asked: int
    last: EpochRecord | Nothing
    best: EpochRecord | Nothing
    curve: list[float]
    tags: list[str]
    origin: Origin | None
    searched: str

    @property
    def id(self) -> str:
        """Of the run."""
        return self.row.id

    @property
    def is_alone(self) -> bool:
        """Whether it belongs to no study and no search."""
        return self.row.study is None and self.row.search is None

    @property
    def gap(self) -> float | None:
        """Clean train minus validation accuracy at its best epoch."""
        return gap(self.best)

    @property
    def epochs(self) -> int:
        """Finished ones."""
        return self.last["epoch"] + 1 if self.last else 0

    def setting(self, field: str) -> Any:  # noqa: ANN401 - any config value
        """The value of a field of its config, as JSON has it."""
        return self.changed[field] if field in self.changed else value_at(_DEFAULTS, field)


@dataclass(frozen=True)
class Listing:
    """All runs.

    Attributes:
        runs: newest first.
        datasets: names of all datasets by id.
    """

    runs: list[ListedRun]
    datasets: Mapping[str, str]

    @functools.cached_property
    def by_id(self) -> dict[str, ListedRun]:
        """The runs by their ids."""
        return {run.id: run for run in self.runs}

    @functools.cached_property
    def tags(self) -> list[str]:
        """All that any run has, sorted."""
        return sorted({tag for run in self.runs for tag in run.tags}, key=str.casefold)

    @functools.cached_property
    def used_datasets(self) -> list[str]:
        """Ids of the datasets of all runs, that of the newest first."""
        return list(dict.fromkeys(run.row.dataset for run in self.runs))

    @functools.cached_property
    def has_active(self) -> bool:
        """Whether any run hasn't ended."""
        return any(not run.status.is_ended for run in self.runs)

    @functools.cached_property
    def has_running(self) -> bool:
        """Whether any run may lose its worker without a word in the database."""
        return any(run.row.status == Status.RUNNING for run in self.runs)


class _Kept:
    """What was read of one home's runs; reading again costs only what has changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._configs: dict[str, _Setting] = {}
        self._readable: dict[str, bool] = {}
        self._stamp: Stamp | None = None
        self._listing = Listing([], {})

    def read(self) -> Listing:
        """The runs as they are now; the same object as before where nothing has changed."""
        with self._lock:
            stamp = database_stamp(workplace().runs.engine)
            if stamp is None or stamp != self._stamp or self._listing.has_running:
                self._read()
            self._stamp = stamp if stamp is not None and stamp.is_settled else None
            return self._listing

    def of_another_version(self, ids: Sequence[str]) -> set[str]:
        """Those of some runs whose config can't be read; checked once, as it takes a while."""
        with self._lock:
            if new := set(ids) - self._readable.keys():
                texts = read_configs(workplace().runs.engine, new)
                read = {run: load_stored(json.loads(text)) for run, text in texts.items()}
                self._readable |= {run: config is not None for run, config in read.items()}
            return {run for run in ids if not self._readable.get(run, True)}

    def _read(self) -> None:
        stores = workplace()
        rows = read_rows(stores.runs.engine)
        datasets = {dataset.id: dataset.name for dataset in stores.datasets.list()}
        before = self._listing
        known = before.by_id if datasets == before.datasets else {}
        running = _running_statuses(rows)
        self._learn({row.id for row in rows})
        runs = []
        for row in rows:
            if row.id in self._configs:
                same = known.get(row.id)
                status = running.get(row.id)
                if same is None or same.row != row or (status and same.status is not status):
                    status = status or Status(row.status)
                    same = _listed(row, status, self._configs[row.id], datasets)
                runs.append(same)
        if len(runs) != len(before.runs) or not all(map(is_, runs, before.runs)):
            self._listing = Listing(runs, datasets)

    def _learn(self, ids: set[str]) -> None:
        """Configs never change: each is read once."""
        for gone in self._configs.keys() - ids:
            del self._configs[gone]
            self._readable.pop(gone, None)
        if new := ids - self._configs.keys():
            texts = read_configs(workplace().runs.engine, new)
            self._configs |= {run: _setting_of(text) for run, text in texts.items()}


@dataclass(frozen=True)
class _Setting:
    """What the table needs of a config."""

    changed: dict[str, Any]
    words: str
    epochs: int


@asks(Action.VIEW)
def list_all_runs() -> Listing:
    """All runs, newest first.

    Raises:
        StorageError: the database can't be read.
    """
    return _kept_here().read()


@asks(Action.VIEW)
def of_another_version(ids: Sequence[str]) -> set[str]:
    """Ids of those of some runs whose config this version can't take.

    Args:
        ids: of the runs of one page: each config is checked whole.

    Raises:
        StorageError: the database can't be read.
    """
    return _kept_here().of_another_version(ids)


def _kept_here() -> _Kept:
    stores = workplace()
    return _kept(str(stores.runs.engine.url), str(stores.home.root))


@functools.lru_cache(maxsize=_MOST_HOMES)
def _kept(database: str, home: str) -> _Kept:
    """What is kept of the runs of a database that belongs to a home."""
    return _Kept()


def _running_statuses(rows: list[RunRow]) -> dict[str, Status]:
    """Where those stand that run; that a worker is gone may not have been noted yet."""
    running = [row.id for row in rows if row.status == Status.RUNNING]
    return {run.id: as_it_is(run).status for run in workplace().runs.load_all(running)}


def _setting_of(text: str) -> _Setting:
    config = json.loads(text)
    changed = dict(_changes(config, _DEFAULTS, ""))
    words = [
        said
        for name, value in changed.items()
        if name not in NOT_DESCRIBED and (said := _words(name, value))
    ]
    epochs = value_at(config, "training.epochs")
    return _Setting(changed, ", ".join(words), epochs if isinstance(epochs, int) else 0)


def _changes(values: Any, defaults: dict[str, Any], prefix: str) -> Any:  # noqa: ANN401 - JSON
    """Names and values of the fields that differ; a part that is all default costs one look."""
    if not isinstance(values, dict):
        return
    for name, default in defaults.items():
        value = values.get(name, default)
        if value == default:
            continue
        if f"{prefix}{name}" in _FIELDS:
            yield f"{prefix}{name}", value
        elif isinstance(default, dict):
            yield from _changes(value, default, f"{prefix}{name}.")


def _words(name: str, value: Any) -> str:  # noqa: ANN401 - any config value
    try:
        return field_words(name, _FIELDS[name], value)
    except (KeyError, TypeError, AttributeError):  # a value that only another version takes
        return f"{name} of another version"


def _listed(
    row: RunRow, status: Status, setting: _Setting, datasets: Mapping[str, str]
) -> ListedRun:
    tags = json.loads(row.tags)
    dataset = datasets.get(row.dataset, row.dataset)
    texts = (row.name, row.id, dataset, row.dataset, row.note, row.arm or "", setting.words)
    return ListedRun(
        row=row,
        status=status,
        changed=setting.changed,
        words=setting.words,
        epochs_asked=setting.epochs,
        last=json.loads(row.last),
        best=json.loads(row.best),
        curve=json.loads(row.sparkline),
        tags=tags,
        origin=json.loads(row.origin) if row.origin else None,
        searched="\n".join((*texts, *tags)).casefold(),
    )
