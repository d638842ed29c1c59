"""The line that a node's shell is given, in which every word is quoted."""

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import cnnlab
from cnnlab.runner.cluster.address import TOKEN, TOKEN_PATH
from cnnlab.settings import given_settings
from cnnlab.storage.bucket.address import STORAGE, bucket_address

_UNWANTED = (TOKEN, TOKEN_PATH, "PYTHONBREAKPOINT")
"""What Ray leaves in the environment of a node's processes, and no worker needs."""

_PASSED_ON_PREFIXES = ("TF_", "XLA_", "OPENBLAS_")


def command_line(module: str, arguments: Sequence[str], storage: Path) -> str:
    """What the shell becomes: `python -m module arguments`, in this checkout as the node has it.

    `exec`, so that Ray's own process is the parent of ours, which notices its end. Of our settings
    the numbers are handed over, and where storage and bucket are: no address of a database, no
    secret.

    Args:
        module: dotted name of the module.
        arguments: its command line.
        storage: the home folder as nodes see it.
    """
    settings = given_settings() | {"CNNLAB_HOME": str(storage)}
    if bucket := bucket_address():  # the node has keys of its own, to read
        settings[STORAGE] = bucket.url
    settings |= {
        name: value for name, value in os.environ.items() if name.startswith(_PASSED_ON_PREFIXES)
    }
    words = ["env", *(word for name in _UNWANTED for word in ("-u", name))]
    words += [f"{name}={value}" for name, value in sorted(settings.items())]
    words += [sys.executable, "-m", module, *arguments]
    checkout = Path(cnnlab.__file__).parent.parent
    return f"cd {shlex.quote(str(checkout))} && exec {shlex.join(words)}"
