"""What the table of runs can show, filter, sort and draw: one line for each field."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.config.wording.labels import label_of
from cnnlab.domain.words import unit_in_brackets
from cnnlab.fields import extra, offered
from cnnlab.lab.runs_table.listing import ListedRun

FieldKind = Literal["text", "number", "share", "points", "seconds", "moment", "curve"]
"""How a value is said: a share 0..1 and a difference of shares are shown in percent."""

FieldGroup = Literal["run", "best", "last", "config"]

_METRICS: dict[str, tuple[str, FieldKind]] = {
    "val_accuracy": ("validation accuracy", "share"),
    "val_cross_entropy": ("validation cross-entropy (nats)", "number"),
    "clean_accuracy": ("clean train accuracy", "share"),
    "clean_cross_entropy": ("clean train cross-entropy (nats)", "number"),
    "accuracy": ("train accuracy as seen", "share"),
    "cross_entropy": ("train cross-entropy as seen (nats)", "number"),
    "loss": ("loss", "number"),
    "penalty": ("penalty", "number"),
    "memorized": ("wrong labels learnt by heart", "share"),
    "rescued": ("wrong labels seen through", "share"),
    "images_per_second": ("images per second", "number"),
    "seconds": ("seconds of the epoch", "number"),
}  # fmt: skip
_MOMENTS: dict[Literal["best", "last"], str] = {"best": "best epoch", "last": "last epoch"}


@dataclass(frozen=True)
class TableField:
    """Something that the table knows of every run.

    Attributes:
        name: in addresses; of a config field its dotted one.
        label: on screen, with the unit.
        kind: of its values.
        group: under which it is offered.
        value: of a run; None where it isn't known.
        help: what it means, where the label doesn't say it.
    """

    name: str
    label: str
    kind: FieldKind
    group: FieldGroup
    value: Callable[[ListedRun], Any]
    help: str = ""

    @property
    def is_number(self) -> bool:
        """Whether it has a range."""
        return self.kind in ("number", "share", "points", "seconds")

    @property
    def factor(self) -> float:
        """What a value is multiplied by to be shown."""
        return 100.0 if self.kind in ("share", "points") else 1.0


@functools.cache
def table_fields() -> Mapping[str, TableField]:
    """All fields by name: of the run, of its epochs, of its config."""
    fields = [*_run_fields(), *_metric_fields(), *_config_fields()]
    return {field.name: field for field in fields}


def _run_fields() -> list[TableField]:
    def of_row(name: str) -> Callable[[ListedRun], Any]:
        return lambda run: getattr(run.row, name)

    plain = [
        TableField("name", "Run", "text", "run", of_row("name")),
        TableField("status", "Status", "text", "run", lambda run: run.status.value),
        TableField("dataset", "Dataset", "text", "run", of_row("dataset")),
        TableField("changed", "Changed settings", "text", "run", lambda run: run.words or "none",
                   "Everything that isn't at its default."),
        TableField("val_accuracy", "Best val. accuracy (%)", "share", "run",
                   _metric("best", "val_accuracy"),
                   "Validation accuracy of the best epoch. The same images chose it, so it is "
                   "somewhat too good: the run's page says by how much."),
        TableField("gap", "Gap (points)", "points", "run", lambda run: run.gap,
                   "Clean train accuracy minus validation accuracy, at the best epoch, in "
                   "percentage points."),
        TableField("curve", "Validation accuracy", "curve", "run", lambda run: run.curve,
                   "Over the epochs so far."),
        TableField("epochs", "Epochs", "number", "run", lambda run: run.epochs, "Finished ones."),
        TableField("created", "Started", "moment", "run", of_row("created_at")),
        TableField("tags", "Tags", "text", "run", lambda run: ", ".join(run.tags)),
        TableField("note", "Note", "text", "run", of_row("note")),
        TableField("remarks", "Remarks", "text", "run", _remark,
                   "What it was forked from; whether its dials were turned by hand, so that its "
                   "configuration alone doesn't explain its curves."),
        TableField("duration", "Took", "seconds", "run", _duration,
                   "From the start of its worker to its end."),
        TableField("best_epoch", "Best epoch", "number", "run",
                   lambda run: None if run.row.best_epoch is None else run.row.best_epoch + 1),
        TableField("device", "Device", "text", "run", of_row("device")),
        TableField("arm", "Arm", "text", "run", of_row("arm"), "Of its study."),
        TableField("trial", "Trial", "number", "run", of_row("trial"), "Of its search."),
    ]  # fmt: skip
    return plain


def _metric_fields() -> list[TableField]:
    return [
        TableField(
            f"{which}.{name}", f"{label[0].upper()}{label[1:]}, {words}{_percent(kind)}",
            kind, which, _metric(which, name),
        )
        for which, words in _MOMENTS.items()
        for name, (label, kind) in _METRICS.items()
    ]  # fmt: skip


def _percent(kind: str) -> str:
    return " (%)" if kind == "share" else ""


def _config_fields() -> list[TableField]:
    return [
        TableField(
            name,
            unit_in_brackets(label_of(name), extra(info, "unit")),
            "number" if _is_number(info) else "text",
            "config",
            functools.partial(_setting, name),
            info.description or "",
        )
        for name, info in offered(RunConfig)
        if name != "dataset"
    ]


def _metric(which: Literal["best", "last"], name: str) -> Callable[[ListedRun], Any]:
    return lambda run: (run.best if which == "best" else run.last).get(name)


def _setting(name: str, run: ListedRun) -> Any:  # noqa: ANN401 - any config value
    return run.setting(name)


def _is_number(info: FieldInfo) -> bool:
    annotation = info.annotation
    is_union = get_origin(annotation) in (Union, UnionType)
    kinds = set(get_args(annotation) if is_union else (annotation,)) - {NoneType}
    return bool(kinds) and kinds <= {int, float}


def _remark(run: ListedRun) -> str:
    """In short, to be searched and sorted by; the page names the run that it was forked from."""
    fork = f"fork at epoch {run.origin['epoch'] + 1}" if run.origin else ""
    hand = "changed by hand" if run.row.changed_by_hand else ""
    return ", ".join(filter(None, (fork, hand)))


def _duration(run: ListedRun) -> float | None:
    begun, ended = run.row.started_at, run.row.ended_at
    if not begun or not ended:
        return None
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(begun)).total_seconds()
