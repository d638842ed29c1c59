"""Loading TensorFlow in a thread, while a job begins or the worker waits for one."""

import gc
import importlib
import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

ProcessState = tuple[Path, dict[str, str], list[logging.Handler]]
"""Working directory, environment variables and log handlers of this process."""

_MODULES = (
    "cnnlab.training.judging.evaluate",
    "cnnlab.training.judging.picture_model",
    "cnnlab.training.judging.reference",
    "cnnlab.training.loop.fit",
    "cnnlab.training.preflight.preflight",
    "cnnlab.training.loop.session",
    "cnnlab.worker.train",
    "pyarrow.dataset",  # pyarrow itself loads it when an index is read
)


def start_loading(is_awaited: Callable[[], bool]) -> "Future[ProcessState]":
    """Import TensorFlow and all of training in a thread, and rehearse if there is time for it.

    The half a million objects that this makes stay for good: Python's garbage collector is kept
    from looking through them again and again, now and in every run.

    Args:
        is_awaited: whether a job waits for it already.

    Returns:
        Its result is what a job must leave as it was for the next one.
    """
    loading: Future[ProcessState] = Future()

    def load() -> None:
        gc.disable()
        try:
            for module in _MODULES:
                importlib.import_module(module)
            if not is_awaited():
                _rehearse()
        except BaseException as error:  # raised again where the result is asked for
            loading.set_exception(error)
        else:
            gc.freeze()
            loading.set_result(_process_state())
        finally:
            gc.enable()

    threading.Thread(target=load, name="cnnlab-loading", daemon=True).start()
    return loading


def tidy(loading: "Future[ProcessState]") -> bool:
    """Leave nothing of a job behind; False means that this process can't."""
    from cnnlab.training.loop.session import end_session  # noqa: PLC0415 - it is loaded by then

    return end_session() and loading.result() == _process_state()


def _process_state() -> ProcessState:
    return Path.cwd(), dict(os.environ), list(logging.getLogger().handlers)


def _rehearse() -> None:
    from cnnlab.training.loop.session import rehearse  # noqa: PLC0415

    rehearse()
