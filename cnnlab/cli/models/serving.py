"""The command that serves a run's model over HTTP.

Where the model is prepared already, `cnnlab/__main__.py` serves it before anything here is loaded;
here it is prepared, or the server written as a folder.
"""

import argparse
import os
import sys

from cnnlab import lab
from cnnlab.cli.command import Answer, Commands, say
from cnnlab.lab.workplace import home_folder


def add_commands(commands: Commands) -> None:
    """Add the command."""
    lab.add_serve_options(
        commands.add("serve", _serve, "serve a run's model over HTTP, or write its server")
    )


def _serve(arguments: argparse.Namespace) -> Answer:
    run, runtime, calibrated = arguments.run, arguments.runtime, arguments.calibrated
    if arguments.to is not None:
        values = lab.server_folder(run, arguments.to, runtime, calibrated=calibrated, on_phase=say)
        return Answer(values, f"{values['folder']}: see README.md there")
    lab.check_serve_options(arguments)
    lab.prepare_server(run, runtime, calibrated=calibrated, on_phase=say)
    # Again, as a process that has loaded nothing of this: now the model is there. What serves it
    # knows no workspaces: it takes the home of this one for that of an installation.
    words = sys.argv[1:]
    if arguments.workspace is not None:
        os.environ["CNNLAB_HOME"] = str(home_folder())
        words = words[1 if "=" in words[0] else 2 :]
    os.execv(sys.executable, [sys.executable, "-m", "cnnlab", *words])
