"""A view of the table of runs: what is filtered, shown, drawn. It stands whole in the address."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from cnnlab.domain.run import Status
from cnnlab.lab.runs_table.fields import TableField, table_fields

DEFAULT_COLUMNS = (
    "status", "remarks", "dataset", "changed", "val_accuracy", "gap", "curve", "epochs", "tags",
    "created",
)  # fmt: skip
DEFAULT_SORT = "-created"

MOST_COLUMNS, MOST_RANGES, MOST_CHARACTERS = 30, 20, 200

ChartKind = Literal["none", "scatter", "parallel"]
CHARTS: tuple[ChartKind, ...] = get_args(ChartKind)

_YES = "yes"
_BETWEEN, _TO, _OF = ",", "..", ":"

Address = dict[str, str | list[str]]
"""The parameters of an address by name."""


@dataclass(frozen=True)
class FieldRange:
    """Bounds of a field's values, each itself included; None is open.

    Attributes:
        field: its name.
        low: in the unit of the value, so a share as 0..1.
        high: likewise.
    """

    field: str
    low: float | None
    high: float | None

    def holds(self, value: float | None) -> bool:
        """Whether a value lies within; one that isn't known doesn't."""
        if value is None or not math.isfinite(value):
            return False
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


@dataclass(frozen=True)
class RunsView:
    """What the table shows.

    Attributes:
        text: every word of it must be found in name, id, dataset, tags, note or settings.
        datasets: ids; empty means any.
        statuses: likewise.
        tags: every one of them must be there.
        starred: only runs with a star.
        everything: runs of studies and searches too.
        ranges: of fields with numbers; all must hold.
        sort: name of a field; with `-` before it the greatest first.
        columns: names of fields, beside the run's name, which always stands there.
        chart: which is drawn above the table.
        axes: fields that the chart is of; empty: those that it chooses itself.
        page: of the table, from 1.
    """

    text: str = ""
    datasets: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    tags: tuple[str, ...] = ()
    starred: bool = False
    everything: bool = False
    ranges: tuple[FieldRange, ...] = ()
    sort: str = DEFAULT_SORT
    columns: tuple[str, ...] = DEFAULT_COLUMNS
    chart: ChartKind = "none"
    axes: tuple[str, ...] = ()
    page: int = 1

    @property
    def is_filtered(self) -> bool:
        """Whether it leaves out any run that the table would show."""
        return bool(self.filters_set)

    @property
    def filters_set(self) -> int:
        """How many of its filters leave something out; each range of a number is one."""
        filters = (self.text, self.datasets, self.statuses, self.tags, self.starred)
        return sum(map(bool, filters)) + len(self.ranges)

    def unfiltered(self) -> "RunsView":
        """The same columns and order of all runs."""
        return RunsView(
            everything=self.everything, sort=self.sort, columns=self.columns, chart=self.chart,
            axes=self.axes,
        )  # fmt: skip

    def narrowed(self, ranges: Iterable[FieldRange]) -> "RunsView":
        """With more ranges; a field that had one gets the new one."""
        known = {one.field: one for one in self.ranges} | {one.field: one for one in ranges}
        return replace(self, ranges=tuple(known.values())[-MOST_RANGES:], page=1)

    def to_address(self) -> Address:
        """The parameters of an address that restores it; what is usual is left out."""
        usual = RunsView()
        told: Address = {
            "q": self.text,
            "dataset": list(self.datasets),
            "status": _BETWEEN.join(self.statuses),
            "tag": list(self.tags),
            "starred": _YES * self.starred,
            "all": _YES * self.everything,
            "range": [_range_text(one) for one in self.ranges],
            "sort": "" if self.sort == usual.sort else self.sort,
            "columns": "" if self.columns == usual.columns else _BETWEEN.join(self.columns) or "-",
            "chart": "" if self.chart == usual.chart else self.chart,
            "axes": _BETWEEN.join(self.axes),
            "page": "" if self.page == 1 else str(self.page),
        }
        return {name: value for name, value in told.items() if value}


def view_from(address: Mapping[str, Sequence[str]]) -> tuple[RunsView, list[str]]:
    """A view as an address has it, and a sentence for each part that can't be taken.

    Args:
        address: the values of every parameter, by its name; those of others are left alone.
    """
    wrong: list[str] = []

    def one(name: str) -> str:
        return next(iter(address.get(name, ())), "")[:20_000]

    statuses = _known_of(one("status"), [status.value for status in Status], "status", wrong)
    sort = one("sort") or DEFAULT_SORT
    if sort.removeprefix("-") not in table_fields():
        wrong.append(_unknown("sort", sort.removeprefix("-")))
        sort = DEFAULT_SORT
    chart = one("chart") or "none"
    if chart not in CHARTS:
        wrong.append(f"chart must be one of {', '.join(CHARTS)}; {chart[:40]!r} is left out.")
    page = one("page") or "1"
    view = RunsView(
        text=one("q")[:MOST_CHARACTERS],
        datasets=tuple(address.get("dataset", ())),
        statuses=tuple(map(Status, statuses)),
        tags=tuple(address.get("tag", ())),
        starred=bool(one("starred")),
        everything=bool(one("all")),
        ranges=tuple(_ranges(address.get("range", ()), wrong)),
        sort=sort,
        columns=_columns(one("columns"), wrong),
        chart=next((kind for kind in CHARTS if kind == chart), "none"),
        axes=_known_of(one("axes"), table_fields(), "axes", wrong)[:MOST_COLUMNS],
        page=int(page) if page.isascii() and page.isdecimal() and 0 < len(page) < 7 else 1,
    )
    return replace(view, page=max(1, view.page)), wrong


def _columns(text: str, wrong: list[str]) -> tuple[str, ...]:
    if not text:
        return DEFAULT_COLUMNS
    names = _known_of(text.removeprefix("-"), table_fields(), "columns", wrong)
    return tuple(name for name in names if name != "name")[:MOST_COLUMNS]


def _known_of(text: str, known: Iterable[str], parameter: str, wrong: list[str]) -> tuple[str, ...]:
    """The names between commas that are known, each once; of the others it is said."""
    all_known = set(known)
    named = list(dict.fromkeys(name for name in text.split(_BETWEEN) if name))
    wrong += [_unknown(parameter, name) for name in named if name not in all_known][:3]
    return tuple(name for name in named if name in all_known)


def _unknown(parameter: str, name: str) -> str:
    return f"{parameter} names {name[:60]!r}, which isn't known here: it is left out."


def _ranges(texts: Sequence[str], wrong: list[str]) -> Iterable[FieldRange]:
    found: dict[str, FieldRange] = {}
    for text in texts[:MOST_RANGES]:
        name, _, bounds = text.partition(_OF)
        low, to, high = bounds.partition(_TO)
        field = table_fields().get(name)
        limits = _limit(low), _limit(high)
        if field is None or not field.is_number or not to or "wrong" in limits:
            wrong.append(
                "range must look like optimizer.learning_rate:0.001..0.01, of a field with "
                f"numbers; {text[:80]!r} is left out."
            )
        elif limits != (None, None):
            found[name] = FieldRange(name, *limits)  # type: ignore[arg-type]
    if len(texts) > MOST_RANGES:
        wrong.append(f"An address has at most {MOST_RANGES} ranges: the others are left out.")
    return found.values()


def _limit(text: str) -> float | None | Literal["wrong"]:
    """A bound; None where it is open."""
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        return "wrong"
    return value if math.isfinite(value) else "wrong"


def _range_text(one: FieldRange) -> str:
    low, high = ("" if limit is None else f"{limit:.12g}" for limit in (one.low, one.high))
    return f"{one.field}{_OF}{low}{_TO}{high}"


def range_words(one: FieldRange, field: TableField) -> str:
    """A range for people: `Learning rate 0.001 to 0.01`, `Gap (points) at most 5`."""
    low, high = (
        None if limit is None else f"{limit * field.factor:.6g}" for limit in (one.low, one.high)
    )
    if low is None or high is None:
        return f"{field.label} at most {high}" if low is None else f"{field.label} at least {low}"
    return f"{field.label} {low} to {high}"
