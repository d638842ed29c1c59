"""The command that puts runs side by side."""

import argparse

from cnnlab import lab
from cnnlab.cli.command import Answer, Commands, Values, say
from cnnlab.domain.comparing import COMPARED_AT, FEWEST_COMPARED, MOST_COMPARED
from cnnlab.judging.words.pair_words import ABOUT_MODELS, pair_words
from cnnlab.judging.words.sentences import share_words


def add_commands(commands: Commands) -> None:
    """Add the command that puts runs side by side."""
    comparing = commands.add(
        "compare",
        _compare,
        f"put {FEWEST_COMPARED} to {MOST_COMPARED} runs side by side: what they differ in, and "
        "what they do with the same validation images",
    )
    comparing.add_argument("runs", nargs="+", metavar="RUN")
    comparing.add_argument(
        "--at",
        choices=COMPARED_AT,
        default="last",
        help="at the last epoch of each run, or at its best, which the same images have chosen",
    )
    comparing.add_argument(
        "--against",
        metavar="RUN",
        help="the run that the others are compared with, where they are more than three; the first "
        "where none is named",
    )


def _compare(arguments: argparse.Namespace) -> Answer:
    found = lab.compare_runs(arguments.runs, at=arguments.at, reference=arguments.against)
    for reason in found.unpaired:
        say(reason)
    if found.pairs:
        say(ABOUT_MODELS)
    values = {
        "compared_at": found.at,
        "runs": [_run_values(one) for one in found.runs],
        "fields": {field.name: list(field.values) for field in found.fields},
        "pairs": [_pair_values(pair) for pair in found.pairs],
        "unpaired": found.unpaired,
    }
    return Answer(values, _words(found))


def _run_values(one: lab.ComparedRun) -> Values:
    cost = one.cost
    return {
        "run": one.run.id,
        "letter": one.letter,
        "name": one.run.name,
        "status": str(one.run.status),
        "epoch": one.epoch,
        "epochs": cost.epochs,
        "accuracy": one.alone.accuracy["value"],
        "cross_entropy": one.alone.cross_entropy,
        "gap": one.alone.gap,
        "calibration_error": one.alone.calibration_error,
        "init_checksum": one.init_checksum,
        "parameters": cost.parameters,
        "multiply_adds": cost.multiply_adds,
        "training_seconds": cost.training_seconds,
        "evaluation_seconds": cost.evaluation_seconds,
        "milliseconds_per_image": dict(cost.milliseconds),
    }


def _pair_values(pair: lab.ComparedPair) -> Values:
    """Differences are second minus first, accuracies as fractions."""
    found = pair.found
    return {
        "first": pair.first.run.id,
        "second": pair.second.run.id,
        "images": found.images,
        "difference": found.difference["value"],
        "low": found.difference["low"],
        "high": found.difference["high"],
        "only_first": found.only_first,
        "only_second": found.only_second,
        "both": found.both,
        "neither": found.neither,
        "p": found.p,
        "p_adjusted": found.p_adjusted,
        "verdict": found.verdict,
        "cross_entropy": found.cross_entropy,
    }


def _words(found: lab.Comparison) -> str:
    lines = []
    for one in found.runs:
        epoch = "no epoch yet" if one.epoch is None else f"epoch {one.epoch + 1}"
        lines.append(
            f"{one.letter}  {one.run.id}  {one.run.name}: {epoch}, "
            f"{share_words(one.alone.accuracy)} right"
        )
    lines += [
        f"{field.label}: " + ", ".join(
            f"{one.letter} {words}" for one, words in zip(found.runs, field.words, strict=True)
        )
        for field in found.fields
    ]  # fmt: skip
    lines += [
        pair_words(pair.first.letter, pair.second.letter, pair.found, found.corrected_for)
        for pair in found.pairs
    ]
    return "\n".join(lines)
