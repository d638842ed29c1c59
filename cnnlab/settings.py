"""The numbers that an operator sets through environment variables, before the start.

Modules read theirs while they are imported, where an error would be a traceback. So a value that
can't be taken leaves the default in its place, and `check_settings`, which everybody calls who is
about to do something, says what is wrong with it.
"""

import contextlib
import math
import os
from typing import NamedTuple

from cnnlab.domain.errors import ConfigError


class Allowed(NamedTuple):
    """What a variable may be.

    Attributes:
        least: the smallest value.
        most: the largest one.
        whole: whether it must be a whole number.
    """

    least: int = 1
    most: int = 10**15
    whole: bool = True

    @property
    def words(self) -> str:
        """The rest of the sentence `it must be`."""
        kind = "a whole number" if self.whole else "a number"
        return f"{kind} from {self.least:,} to {self.most:,}"


RUNS_AT_ONCE, STALL_SECONDS, WARM_WORKERS, RESERVE_BYTES, TENSORBOARD = (
    "CNNLAB_RUNS_AT_ONCE",
    "CNNLAB_STALL_SECONDS",
    "CNNLAB_WARM_WORKERS",
    "CNNLAB_RESERVE_BYTES",
    "CNNLAB_TENSORBOARD",
)
CLUSTER_CPUS, CLUSTER_MEMORY_BYTES = "CNNLAB_CLUSTER_CPUS", "CNNLAB_CLUSTER_MEMORY_BYTES"
OWN_MOST, OWN_DISK_GB, OWN_QUEUED_RUNS, OWN_RUNNING_RUNS, OWN_HOURS_A_DAY = (
    "CNNLAB_OWN_MOST",
    "CNNLAB_OWN_DISK_GB",
    "CNNLAB_OWN_QUEUED_RUNS",
    "CNNLAB_OWN_RUNNING_RUNS",
    "CNNLAB_OWN_HOURS_A_DAY",
)
CACHE_GB = "CNNLAB_CACHE_GB"
TRACKING_URI = "MLFLOW_TRACKING_URI"
"""MLflow's own, which people set for other programs too: whatever it holds, all else works."""

_ALLOWED = {
    RUNS_AT_ONCE: Allowed(most=1000),
    STALL_SECONDS: Allowed(most=10**9, whole=False),
    WARM_WORKERS: Allowed(least=0, most=1),
    RESERVE_BYTES: Allowed(least=0),
    TENSORBOARD: Allowed(least=0, most=1),
    CLUSTER_CPUS: Allowed(most=1000),
    CLUSTER_MEMORY_BYTES: Allowed(),
    CACHE_GB: Allowed(least=0, most=10**6, whole=False),
    OWN_MOST: Allowed(least=0),
    OWN_DISK_GB: Allowed(least=0, most=10**6, whole=False),
    OWN_QUEUED_RUNS: Allowed(least=0),
    OWN_RUNNING_RUNS: Allowed(least=0),
    OWN_HOURS_A_DAY: Allowed(least=0, whole=False),
}
"""Those that are read later than at an import; the others are added as they are read."""


def limit(name: str, default: int) -> int:
    """A limit of which the variable `CNNLAB_` + name is read: a whole number from 1 up."""
    variable = f"CNNLAB_{name}"
    _ALLOWED[variable] = Allowed()
    return int(setting(variable, default))


def setting(variable: str, default: float) -> float:
    """What a variable says; the default where it isn't set or can't be taken."""
    value = _value(variable)
    return default if value is None else value


def given_settings() -> dict[str, str]:
    """The variables of this module that are set, as they are: numbers, so there's no secret."""
    return {name: text for name in _ALLOWED if (text := _text(name)) and _value(name) is not None}


def check_settings() -> None:
    """See that each variable that is set can be taken.

    Raises:
        ConfigError: one or more can't; all of them are named.
    """
    wrong = [
        f"{variable} must be {allowed.words}. Received: {_text(variable)[:100]!r}"
        for variable, allowed in _ALLOWED.items()
        if _text(variable) and _value(variable) is None
    ]
    if wrong:
        raise ConfigError(
            f"An environment variable can't be taken: {'; '.join(wrong)}. Correct or remove it, "
            "then start again."
        )


def _text(variable: str) -> str:
    return os.environ.get(variable, "").strip()


def _value(variable: str) -> float | None:
    """The number that a variable holds, None where it holds none that is allowed."""
    allowed, text = _ALLOWED[variable], _text(variable)
    with contextlib.suppress(ValueError):  # no number, or one of thousands of digits
        value = int(text) if allowed.whole else float(text)
        if math.isfinite(value) and allowed.least <= value <= allowed.most:
            return value
    return None
