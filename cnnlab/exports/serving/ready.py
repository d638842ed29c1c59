"""Which prepared model of a run is served: found by files, before anything heavy is loaded."""

import importlib.util
import json
from pathlib import Path

from cnnlab.storage.home import named_home

RUNTIMES = {"litert": "ai_edge_litert", "onnx": "onnxruntime"}
"""By the name of the format that each one loads, its module; the first is the usual one."""


def runtime_is_there(name: str) -> bool:
    """Whether what computes with a format is installed."""
    return importlib.util.find_spec(RUNTIMES[name]) is not None


def ready_folder(run: str, runtime: str | None, *, calibrated: bool = False) -> Path | None:
    """Where a model of a run lies that can be served at once; None where it must be prepared.

    Args:
        run: its id.
        runtime: which one computes; None takes the first whose model is there.
        calibrated: whether the model with the temperature of its evaluation.
    """
    if not run or Path(run).name != run:
        return None
    attempts = (named_home().runs / run).glob("attempt-*")
    newest = max(attempts, key=_number, default=None)
    if newest is None:
        return None
    for name in RUNTIMES if runtime is None else [runtime]:
        folder = newest / "exports" / (f"{name}-calibrated" if calibrated else name)
        if runtime_is_there(name) and _is_finished(folder / "result.json"):
            return folder
    return None


def _number(attempt: Path) -> int:
    number = attempt.name.rpartition("-")[2]
    return int(number) if number.isdecimal() else -1


def _is_finished(result: Path) -> bool:
    try:
        told = json.loads(result.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(told, dict) and told.get("status") == "finished"
