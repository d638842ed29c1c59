"""The environment of processes that read or run what others made: without the keys of a bucket."""

import os

CREDENTIALS = "AWS_"
"""How the variables begin of whoever may use a bucket, and those that say where it is."""


def keyless_environment() -> dict[str, str]:
    """Our own environment, without those variables."""
    return {name: value for name, value in os.environ.items() if not name.startswith(CREDENTIALS)}
