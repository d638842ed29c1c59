"""The command that judges a run's model."""

import argparse

from cnnlab import lab
from cnnlab.cli.command import Answer, Commands, Values, say
from cnnlab.cli.looks import look_values
from cnnlab.domain.data.split import SPLITS, TEST, VALIDATION
from cnnlab.domain.records.judgement import ClassJudgement, Judgement
from cnnlab.domain.records.measured import Measured
from cnnlab.domain.words import counted, percent, points
from cnnlab.judging.words.flipped_words import flipped_words

_OF_CLASS = ("precision", "recall", "f1", "roc_area", "average_precision")


def add_commands(commands: Commands) -> None:
    """Add the command that judges a run's model."""
    judging = commands.add(
        "evaluate", _evaluate, "judge a run's model; of the test images each time is a look"
    )
    judging.add_argument("run")
    judging.add_argument(
        "--split",
        choices=SPLITS,
        default=VALIDATION,
        help="the part of the images; looks at the test images are counted, for good",
    )


def _evaluate(arguments: argparse.Namespace) -> Answer:
    judgement = lab.wait_for_evaluation(arguments.run, arguments.split, on_phase=say)
    if arguments.split != TEST:
        return Answer({"run": arguments.run, **_values(judgement)}, _words(judgement))
    look = lab.look_at_test(arguments.run)
    for words in look.words:
        say(words)
    looks = look_values(look.vault) | {"validation_minus_test": look.validation_minus_test}
    return Answer({"run": arguments.run, **_values(look.judgement), **looks}, _words(judgement))


def _values(judgement: Judgement) -> Values:
    """Everything but the curves, which are thinned for drawing."""
    values: Values = {**judgement}
    del values["curves"]
    measures = judgement["measures"]
    return values | {
        "accuracy": measures["accuracy"]["value"],
        "cross_entropy": measures["cross_entropy"]["value"],
        "per_class": [_class_values(row) for row in judgement["per_class"]],
    }


def _class_values(row: ClassJudgement) -> Values:
    """Numbers under their names, as in `show`; their intervals beside them."""
    found: dict[str, Measured] = {name: row[name] for name in _OF_CLASS}  # type: ignore[literal-required]
    numbers = {name: measured["value"] for name, measured in found.items()}
    intervals = {
        name: [measured["low"], measured["high"]]
        for name, measured in found.items()
        if measured["value"] is not None
    }
    return {**row, **numbers, "intervals": intervals}


def _words(judgement: Judgement) -> str:
    measures = judgement["measures"]
    accuracy, loss, f1 = (measures[name] for name in ("accuracy", "cross_entropy", "macro_f1"))
    lines = [
        f"{counted(judgement['images'], judgement['split'] + ' image')}: "
        f"{percent(accuracy['value'])} right ({percent(accuracy['low'])} to "
        f"{percent(accuracy['high'])}), cross-entropy {loss['value']:.3f}, macro F1 "
        f"{f1['value']:.3f}; always the most common class: {percent(judgement['chance'])}",
    ]
    lines += [words for words in (flipped_words(judgement),) if words]
    lines += [
        f"{one['words']}: {percent(one['accuracy']['value'])} right, "
        f"{points(one['difference']['value'] or 0.0, signed=True)} against the others"
        for one in judgement["slices"]
    ]
    if judgement["suspects"]:
        lines.append(f"{counted(len(judgement['suspects']), 'label')} may be wrong: see --json")
    return "\n".join(lines)
