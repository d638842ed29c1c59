"""The tables and sentences of `report.html`, cell by cell, made again from computed numbers."""

import re
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from pathlib import Path

from cnnlab.domain.study import Scope
from cnnlab.domain.words import UNKNOWN, digits, digits_alike, exact_percent, percent
from cnnlab.exports.replay import arithmetic
from cnnlab.exports.replay.agreement import Agreement
from cnnlab.exports.replay.stored import StoredRun
from cnnlab.exports.replay.studies import StoredStudy
from cnnlab.study.measures.bands import value_of
from cnnlab.study.verdicts import METRICS, Metric, Verdict
from cnnlab.study.wording import SHARES

_TABLES = "tables of the report"
_SENTENCES = "sentences of the report"
_NUMBER = re.compile(r"[−+]?\d+(?:\.\d+)?")
_CHECKSUM_CHARACTERS = 12
Rows = list[list[str]]


class _Reader(HTMLParser):
    """Collects tables by the id of their section, and the paragraph that answers."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, Rows] = {}
        self.answer = ""
        self._section, self._cell, self._row = "", False, False
        self._answers = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where the text that follows belongs."""
        given = dict(attrs)
        if tag == "section":
            self._section = given.get("id") or ""
        elif tag == "p":
            self._answers = given.get("class") == "answer"
        elif tag == "tbody":
            self._row = True
            self.tables.setdefault(self._section, [])
        elif tag == "tr" and self._row:
            self.tables[self._section].append([])
        elif tag in ("td", "th") and self._row:
            self.tables[self._section][-1].append("")
            self._cell = True
        elif tag in ("br", "small") and self._cell:
            self.tables[self._section][-1][-1] += " "

    def handle_endtag(self, tag: str) -> None:
        """Note what is over."""
        if tag == "tbody":
            self._row = False
        elif tag in ("td", "th"):
            self._cell = False
        elif tag == "p":
            self._answers = False

    def handle_data(self, data: str) -> None:
        """Keep the text of a cell or of the answer."""
        if self._cell:
            self.tables[self._section][-1][-1] += data
        elif self._answers:
            self.answer += data


def check_report(stored: StoredStudy, path: Path, found: Agreement) -> None:
    """Compare the tables of a report, and the numbers of its answer, with those made here."""
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    made: dict[str, Callable[[StoredStudy], Rows]] = {
        "verdicts": _verdicts,
        "secondary-metrics": _secondary,
        "every-run": _runs,
    }
    for section, make in made.items():
        _compare(section, reader.tables.get(section, []), make(stored), found)
    _check_starts(stored, reader.tables.get("same-start", []), found)
    known = " ".join(
        [
            *(words for row in _verdicts(stored) for words in row),
            *(one.words for one in stored.comparisons[stored.study.primary].values()),
            stored.study.name,
            *(arm.name for arm in stored.study.arms),
            f"{stored.study.margin * METRICS[stored.study.primary].scale:g}",
            f"{len(stored.study.seeds)} {len(stored.study.pairs)} 3",
            str(sum(map(len, stored.values[stored.study.primary].values()))),
            *(str(one.more_seeds) for one in stored.comparisons[stored.study.primary].values()),
        ]
    )
    numbers = set(_NUMBER.findall(known))
    for number in _NUMBER.findall(reader.answer):
        found.check(_SENTENCES, f"the answer names {number}", True, number in numbers)


def _compare(section: str, said: Rows, made: Rows, found: Agreement) -> None:
    found.check(_TABLES, f"{section}, rows", len(said), len(made))
    for number, (one, other) in enumerate(zip(said, made, strict=False), 1):
        for column, (cell, again) in enumerate(zip(one, other, strict=False), 1):
            what = f"{section}, row {number}, column {column}"
            found.check(_TABLES, what, _plain(cell), _plain(again))


def _plain(text: str) -> str:
    return " ".join(text.split())


def _amount(value: float | None, metric: Metric, *, signed: bool = False) -> str:
    return _amounts([value], metric, signed=signed)[0]


def _amounts(values: Sequence[float | None], metric: Metric, *, signed: bool = False) -> list[str]:
    scaled = [None if value is None else value * metric.scale for value in values]
    decimals = 2 if metric.scale == 100 else 4
    return digits_alike(scaled, most_decimals=decimals, signed=signed)


def _level(value: float | None, metric: Metric) -> str:
    unit = "%" if metric.name in SHARES else metric.unit
    return UNKNOWN if value is None else f"{_amount(value, metric)} {unit}"


def _mean(stored: StoredStudy, arm: str, metric: Metric) -> str:
    values = list(stored.values[metric.name][arm].values())
    if not values:
        return UNKNOWN
    spread = arithmetic.standard_deviation(values)
    shown = "" if spread is None else f" ± {_amount(spread, metric)}"
    return _level(arithmetic.mean(values), metric) + shown


def _interval(ends: Sequence[str], confidence: float | None) -> str:
    if confidence is None or UNKNOWN in ends:
        return UNKNOWN
    return f"{' to '.join(ends)} {exact_percent(confidence)}"


def _verdicts(stored: StoredStudy) -> Rows:
    metric = METRICS[stored.study.primary]
    rows = []
    for arm in stored.study.arms:
        one = stored.comparisons[metric.name][arm.name]
        is_reference = one.verdict is Verdict.REFERENCE
        said, rest = one.words_in_two
        words = one.words if not said or one.verdict is None else said
        words += "" if not said or is_reference or one.verdict is None else rest
        name = f"{arm.name}"
        begun = [name, words, str(len(stored.values[metric.name][arm.name]))]
        begun.append(_mean(stored, arm.name, metric))
        if is_reference:
            rows.append([*begun, *[UNKNOWN] * 4])
            continue
        other = one.in_scope(_other(stored.study.scope))
        ends = one.low, one.high, other.low, other.high
        mean, *shown = _amounts([one.mean, *ends], metric, signed=True)
        here = _interval(shown[:2], one.confidence)
        there = _interval(shown[2:], other.confidence)
        rows.append([*begun, mean, here, there, _chance(one.p_adjusted)])
    return rows


def _other(scope: Scope) -> Scope:
    return "new_images" if scope == "these_images" else "these_images"


def _chance(p: float | None) -> str:
    if p is None:
        return UNKNOWN
    return "< 0.001" if p < 0.001 else digits(p, most_decimals=3)


def _secondary(stored: StoredStudy) -> Rows:
    study = stored.study
    metrics = [METRICS[name] for name in study.metrics if name != study.primary]
    rows = []
    for arm in stored.study.arms:
        cells = [arm.name]
        for metric in metrics:
            one = stored.comparisons[metric.name][arm.name]
            difference = UNKNOWN
            if one.verdict is not Verdict.REFERENCE:
                mean_and_ends = [one.mean, one.low, one.high]
                difference, *ends = _amounts(mean_and_ends, metric, signed=True)
                difference += "" if one.low is None else f" {_interval(ends, one.confidence)}"
            cells += [_mean(stored, arm.name, metric), difference]
        rows.append(cells)
    return rows


def _runs(stored: StoredStudy) -> Rows:
    primary = METRICS[stored.study.primary]
    rows = []
    for run in stored.all_runs:
        arm = run.values["arm"]
        value = stored.values[primary.name][arm].get(run.seed)
        status = run.values["status"] + ("" if value is not None else ", not counted")
        done = str(run.history[-1]["epoch"] + 1) if run.history else UNKNOWN
        best = run.values["best_epoch"]
        rows.append(
            [
                str(run.seed),
                arm,
                status,
                UNKNOWN if best is None else str(best + 1),
                done,
                _level(value, primary),
                *_at_epoch(stored, run),
                str(run.facts.get("init_checksum", ""))[:_CHECKSUM_CHARACTERS] or UNKNOWN,
            ]
        )
    return rows


def _at_epoch(stored: StoredStudy, run: StoredRun) -> Sequence[str]:
    at = run.values["best_epoch"] if stored.study.judged_at == "best" else -1
    record = run.history[at] if run.history else {}
    return (
        percent(value_of(record, "val_accuracy")),
        digits(value_of(record, "val_cross_entropy"), most_decimals=4),
        percent(value_of(record, "clean_accuracy")),
        _amount(value_of(record, "gap"), METRICS["gap"], signed=True),
    )


def _check_starts(stored: StoredStudy, said: Rows, found: Agreement) -> None:
    """Seeds with the checksum of the reference's initial weights."""
    reference = stored.runs[stored.study.reference.name]
    begun = {
        str(seed): str(run.facts["init_checksum"])[:_CHECKSUM_CHARACTERS]
        for seed, run in reference.items()
        if run.history and run.facts
    }
    shown = {
        seed: checksum
        for row in said
        for seed, checksum in zip(row[0].split(), row[1].split(), strict=True)
    }
    found.check(_TABLES, "same start, initial weights by seed", shown, begun)
