"""The commands that tell other tools of runs."""

import argparse
import shlex
from pathlib import Path

from cnnlab.cli.command import Answer, Commands, say
from cnnlab.domain.words import counted
from cnnlab.lab import tensorboard, tracking


def add_commands(commands: Commands) -> None:
    """Add the commands about other tools."""
    track = commands.add("track", _track, "send a run, or all runs of a study, to an MLflow server")
    track.add_argument("subject", metavar="RUN|STUDY")
    track.add_argument(
        "--to",
        metavar="URL",
        help="of the server, http://HOST:PORT; default is what MLFLOW_TRACKING_URI names",
    )
    board = commands.add(
        "tensorboard", _tensorboard, "write the event files of runs anew, such as of earlier ones"
    )
    board.add_argument("subject", nargs="?", metavar="RUN|STUDY", help="default: all runs")
    board.add_argument(
        "--to", type=Path, metavar="FOLDER", help="default: `tensorboard` in the home folder"
    )


def _tensorboard(arguments: argparse.Namespace) -> Answer:
    folder, count = tensorboard.write_event_files(arguments.subject, arguments.to, on_problem=say)
    values = {"folder": str(folder), "runs": count}
    return Answer(
        values,
        f"{counted(count, 'run')}; to look: tensorboard --logdir {shlex.quote(str(folder))}",
    )


def _track(arguments: argparse.Namespace) -> Answer:
    sent = tracking.track(
        arguments.subject, arguments.to, on_sent=lambda sent: say(f"{sent.subject} is there")
    )
    rows = [
        {
            "run": each.subject,
            "mlflow_run": each.run,
            "experiment": each.experiment,
            "epochs": each.epochs,
            "status": each.status,
            "files": sorted(each.files),
        }
        for each in sent
    ]
    address = sent[0].address if sent else ""
    lines = [f"{each.subject}: {counted(each.epochs, 'epoch')}, {each.status}" for each in sent]
    lines += [f"{address}/#/experiments/{rows[0]['experiment']}"] if rows else []
    return Answer({"to": address, "runs": rows}, "\n".join(lines))
