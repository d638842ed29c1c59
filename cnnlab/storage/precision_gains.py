"""What mixed precision gains on this machine's CPU, as checks before training have measured it."""

import functools
import hashlib
import json
from importlib import metadata
from typing import Any

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.records.preflight import PrecisionCheck
from cnnlab.files import read_json, write_json
from cnnlab.machine import cpu_name, cpu_threads
from cnnlab.storage.home import Home

FLOAT32, MIXED = "float32", "mixed_bfloat16"


def measured_precision(home: Home, config: RunConfig) -> PrecisionCheck | None:
    """What was measured of a config's network on such images and batches, from its precision.

    It is the gain of steps that compute the whole network: where frozen layers are computed once,
    it says nothing of the run.

    Args:
        home: the home folder.
        config: of a run on the CPU.

    Returns:
        None where nothing was, on this CPU and with this TensorFlow, or the config's precision is
        another one.
    """
    seconds = _known(home).get(_key(config))
    now = config.training.precision
    if seconds is None or now not in (FLOAT32, MIXED):
        return None
    other = MIXED if now == FLOAT32 else FLOAT32
    return {
        "precision": other,
        "seconds_per_step_now": seconds[now],
        "seconds_per_step": seconds[other],
        "measured_before": True,
    }


def keep_precision(home: Home, config: RunConfig, check: PrecisionCheck) -> None:
    """Remember what was measured on the CPU for a config.

    Raises:
        StorageError: the disk is full.
    """
    seconds = {
        config.training.precision: check["seconds_per_step_now"],
        check["precision"]: check["seconds_per_step"],
    }
    if seconds.keys() == {FLOAT32, MIXED}:
        write_json(home.precision_gains, _known(home) | {_key(config): seconds})


def _known(home: Home) -> dict[str, Any]:
    try:
        known = read_json(home.precision_gains)
    except CnnlabError:  # nothing yet, or damaged: it is measured again
        return {}
    return known if isinstance(known, dict) else {}


def _key(config: RunConfig) -> str:
    """The machine, and all of a config that a step's time depends on more than a little."""
    values = config.model_dump(mode="json")
    network = {
        "architecture": values["architecture"],
        "image": values["image"],
        "batch_norm": values["regularization"]["batch_norm"],
        "batch_size": values["training"]["batch_size"],
    }
    known = hashlib.sha256(json.dumps(network, sort_keys=True).encode()).hexdigest()[:16]
    return f"{_machine()}, {known}"


@functools.cache
def _machine() -> str:
    return f"{cpu_name()}, {cpu_threads()} threads, TensorFlow {metadata.version('tensorflow')}"
