"""`python -m cnnlab.worker`: one attempt of a run; joins training and storage."""

import argparse
import contextlib
import json
import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.prepare import prepare_images
from cnnlab.domain.config import RunConfig, load_config
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.run import Status
from cnnlab.domain.split import TRAIN, VALIDATION, assign_splits
from cnnlab.files import write_json
from cnnlab.storage.attempt import Attempt, AttemptRecorder
from cnnlab.storage.checkpoints import list_checkpoints, load_checkpoint
from cnnlab.storage.home import open_home
from cnnlab.storage.package import write_package

if TYPE_CHECKING:  # TensorFlow takes seconds to load; by then the user should see a phase
    from cnnlab.training.data import TrainingData
    from cnnlab.training.fit import FitOutcome

_SNIPPET_FILE = "predict.py"
_log = logging.getLogger("cnnlab.worker")


def main() -> int:
    """Train; write how it ended into the attempt's folder. The exit code says the same."""
    parser = argparse.ArgumentParser(prog="cnnlab.worker")
    parser.add_argument("--run", required=True, help="id of the run, shown in process lists")
    parser.add_argument("--attempt", required=True, type=Path, help="folder of the attempt")
    parser.add_argument("--lock-fd", required=True, type=int, help="held until this process ends")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stdout)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    attempt = Attempt(arguments.attempt)
    _listen_to_signals(attempt)
    _log.info("run %s, process %d", arguments.run, os.getpid())
    started = time.monotonic()
    result = _attempt_result(attempt)
    write_json(attempt.result, result | {"seconds": time.monotonic() - started})
    _log.info("%s %s", result["status"], result.get("message") or "")
    return 0 if result["status"] != Status.FAILED else 1


def _listen_to_signals(attempt: Attempt) -> None:
    """SIGTERM means stop; a closed terminal or a Ctrl-C meant for somebody else means nothing."""
    signal.signal(signal.SIGTERM, lambda *_: attempt.ask_to_stop())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _attempt_result(attempt: Attempt) -> dict[str, Any]:
    """Train and say how it ended, whatever happens."""
    try:
        with contextlib.closing(AttemptRecorder(attempt)) as recorder:
            return _train(attempt, recorder)
    except CnnlabError as error:
        _log.error("%s", error)
        return {"status": Status.FAILED, "message": str(error)}
    except Exception as error:  # the last line of defence: the run must say how it ended
        _log.exception("unexpected error")
        message = f"Unexpected error ({type(error).__name__}: {error!s:.200}); see the run's log."
        return {"status": Status.FAILED, "message": message}


def _train(attempt: Attempt, recorder: AttemptRecorder) -> dict[str, Any]:
    config = load_config(attempt.read_config())
    folder = open_home().dataset(config.dataset)
    recorder.phase("Preparing the images")
    images = prepare_images(folder, config.image)
    recorder.phase("Starting TensorFlow")
    from cnnlab.training.data import TrainingData  # noqa: PLC0415 - see TYPE_CHECKING above
    from cnnlab.training.fit import fit  # noqa: PLC0415

    index = ImageIndex(folder)
    splits = assign_splits(index.labels, index.given_splits, config.split)
    data = TrainingData(
        images=np.load(images, mmap_mode="r"),
        labels=index.labels,
        train=np.flatnonzero(splits == TRAIN),
        validation=np.flatnonzero(splits == VALIDATION),
        class_names=tuple(index.class_names),
    )
    outcome = fit(config, data, recorder, history=attempt.history(), **_states(attempt))
    if outcome.best_epoch is None:
        message = "Stopped before the first epoch was finished, so there is no model."
        return {"status": Status.STOPPED, "message": message}
    return _finish(attempt, recorder, config, data, outcome)


def _states(attempt: Attempt) -> dict[str, dict[str, np.ndarray] | None]:
    """The state to go on from and that of the best epoch, where an earlier attempt left them."""
    entries = list_checkpoints(attempt.checkpoints)
    best = [entry for entry in entries if entry["best"]]
    wanted = {"state": entries[-1:], "best_state": best[-1:]}
    return {
        name: load_checkpoint(attempt.checkpoints, found[0]) if found else None
        for name, found in wanted.items()
    }


def _finish(
    attempt: Attempt,
    recorder: AttemptRecorder,
    config: RunConfig,
    data: "TrainingData",
    outcome: "FitOutcome",
) -> dict[str, Any]:
    """Judge the kept model, write it, load it again elsewhere and compare."""
    from cnnlab.training.evaluate import final_report  # noqa: PLC0415
    from cnnlab.training.export import (  # noqa: PLC0415
        VERIFIED_IMAGES,
        save_keras,
        usage_snippet,
        verify_keras,
    )

    recorder.phase("Judging the best model")
    checksum = outcome.weights_checksum
    model = outcome.kept_model()
    report = final_report(model, data, outcome.best_epoch)
    recorder.phase("Writing the model file and checking it in plain Keras")
    save_keras(model, attempt.model, data.class_names, config.image)
    spread = np.linspace(0, len(data.validation) - 1, VERIFIED_IMAGES).round().astype(int)
    sample = data.images[data.validation[np.unique(spread)]]
    export = verify_keras(attempt.model, model, sample)
    texts = {
        "classes.json": json.dumps(list(data.class_names), ensure_ascii=False, indent=1),
        _SNIPPET_FILE: usage_snippet(data.class_names, config.image, attempt.model.name),
    }
    write_package(attempt.package, attempt.model, texts)
    message = "Early stopping ended it." if outcome.stopped_early else None
    return {
        "status": Status(outcome.status),
        "message": message,
        "best_epoch": outcome.best_epoch,
        "model_epoch": outcome.kept_epoch,
        "weights_checksum": checksum,
        "report": report,
        "export": export,
    }


if __name__ == "__main__":
    sys.exit(main())
