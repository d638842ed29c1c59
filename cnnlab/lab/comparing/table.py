"""Runs side by side as one tidy table for other programs: a row for each number."""

from collections.abc import Iterator, Sequence

from cnnlab.documents.table_file import Column, Row, table_pieces
from cnnlab.domain.comparing import ComparedAt
from cnnlab.domain.people.person import Action
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.comparing.comparison import (
    ComparedPair,
    ComparedRun,
    Comparison,
    compare_runs,
)

_COLUMNS = (
    Column("what", "text", "`setting`, `run` or `pair`: what the row is of."),
    Column("name", "text", "The dotted name of the setting, or of the number, with its unit."),
    Column("run", "text", "Id of the run; of a pair that of the first."),
    Column("second", "text", "Id of the second run of a pair, from which the first is taken away."),
    Column("value", "number", "The number; empty where there is none."),
    Column("words", "text", "The same as it is shown."),
)


@asks(Action.VIEW)
def comparison_csv(
    ids: Sequence[str], *, at: ComparedAt = "last", reference: str | None = None
) -> str:
    """Settings that differ, numbers of each run and of each pair, a row each.

    Columns: `what`, `name`, `run`, `second`, `value`, `words`. Accuracies are fractions,
    differences are second minus first.

    Args:
        ids: as for `compare_runs`, like the others.
        at: likewise.
        reference: likewise.

    Raises:
        CnnlabError: what `compare_runs` raises.
    """
    rows = _rows(compare_runs(ids, at=at, reference=reference))
    return b"".join(table_pieces(_COLUMNS, rows, "csv")).decode()


def _rows(comparison: Comparison) -> Iterator[Row]:
    for field in comparison.fields:
        told = zip(comparison.runs, field.values, field.words, strict=True)
        for one, value, words in told:
            number = value if isinstance(value, int | float) else None
            yield "setting", field.name, one.run.id, None, number, words
    for one in comparison.runs:
        for name, value in _of_run(one).items():
            yield "run", name, one.run.id, None, value, None
    for pair in comparison.pairs:
        for name, value in _of_pair(pair).items():
            yield "pair", name, pair.first.run.id, pair.second.run.id, value, None


def _of_run(one: ComparedRun) -> dict[str, float | None]:
    alone, cost = one.alone, one.cost
    return {
        "epoch_from_0": one.epoch,
        "accuracy": alone.accuracy["value"],
        "accuracy_low": alone.accuracy["low"],
        "accuracy_high": alone.accuracy["high"],
        "cross_entropy_nats": alone.cross_entropy,
        "gap": alone.gap,
        "calibration_error": alone.calibration_error,
        "parameters": cost.parameters,
        "multiply_adds": cost.multiply_adds,
        "training_seconds": cost.training_seconds,
        "evaluation_seconds": cost.evaluation_seconds,
        **{f"milliseconds_per_image: {title}": ms for title, ms in cost.milliseconds.items()},
    }


def _of_pair(pair: ComparedPair) -> dict[str, float | None]:
    found = pair.found
    return {
        "images": found.images,
        "both_right": found.both,
        "only_first_right": found.only_first,
        "only_second_right": found.only_second,
        "both_wrong": found.neither,
        "accuracy_difference": found.difference["value"],
        "accuracy_difference_low": found.difference["low"],
        "accuracy_difference_high": found.difference["high"],
        "cross_entropy_difference_nats": found.cross_entropy["value"],
        "cross_entropy_difference_low_nats": found.cross_entropy["low"],
        "cross_entropy_difference_high_nats": found.cross_entropy["high"],
        "mcnemar_p": found.p,
        "mcnemar_p_after_holm": found.p_adjusted,
    }
