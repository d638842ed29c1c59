"""The command about new pictures."""

import argparse
from pathlib import Path

from cnnlab import lab
from cnnlab.cli.command import Answer, Commands, Values, say
from cnnlab.domain.errors import RunStateError
from cnnlab.domain.records.prediction import Guess, Prediction
from cnnlab.domain.words import called, percent


def add_commands(commands: Commands) -> None:
    """Add the command about new pictures."""
    predicting = commands.add("predict", _predict, "say what a run's model sees in pictures")
    predicting.add_argument("run")
    predicting.add_argument(
        "images", nargs="+", type=Path, metavar="IMAGE", help="a picture, a folder or an archive"
    )
    predicting.add_argument(
        "--calibrated",
        action="store_true",
        help="probabilities with the temperature of the run's evaluation on validation images",
    )


_NO_TEMPERATURE = (
    "No temperature that helps is known: this run wasn't evaluated on its validation images, or "
    "none makes it truer. Do `evaluate` first, or leave --calibrated out."
)


def _predict(arguments: argparse.Namespace) -> Answer:
    if arguments.calibrated and lab.calibration_temperature(arguments.run) is None:
        raise RunStateError(_NO_TEMPERATURE)  # before anything is asked of a worker
    rows = lab.predict_files(arguments.run, arguments.images, on_phase=say)
    refused = [{"file": row["file"], "reason": row["reason"]} for row in rows if "reason" in row]
    for one in refused:
        say(f"{one['file']}: {one['reason']}")
    said = [row["predictions"][0] for row in rows if "reason" not in row]
    values = [_values(one, calibrated=arguments.calibrated) for one in said]
    lines = [
        f"{one['file']}: {called(one['class'])} {percent(one['probability'])}" for one in values
    ]
    return Answer(
        {"run": arguments.run, "predictions": values, "refused": refused}, "\n".join(lines)
    )


def _values(said: Prediction, *, calibrated: bool) -> Values:
    top = [
        {"class": one["class"], "probability": _probability(one, calibrated=calibrated)}
        for one in said["top"]
    ]
    known = said["familiarity"]
    return {"file": said["file"], **top[0], "top": top, "unlike": known and known["is_unlike"]}


def _probability(guess: Guess, *, calibrated: bool) -> float:
    if not calibrated:
        return guess["probability"]
    if guess["calibrated"] is None:
        raise RunStateError(_NO_TEMPERATURE)
    return guess["calibrated"]
