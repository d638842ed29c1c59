"""The commands that tell other tools of runs."""

import argparse

from cnnlab.cli.command import Answer, Commands, say
from cnnlab.lab import tracking


def add_commands(commands: Commands) -> None:
    """Add the commands about other tools."""
    track = commands.add("track", _track, "send a run, or all runs of a study, to an MLflow server")
    track.add_argument("subject", metavar="RUN|STUDY")
    track.add_argument(
        "--to",
        metavar="URL",
        help="of the server, http://HOST:PORT; default is what MLFLOW_TRACKING_URI names",
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
    lines = [f"{row['run']}: {row['epochs']} epochs, {row['status']}" for row in rows]
    lines += [f"{address}/#/experiments/{rows[0]['experiment']}"] if rows else []
    return Answer({"to": address, "runs": rows}, "\n".join(lines))
