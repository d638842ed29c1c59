"""What a worker does for one run: images, training, the model file; joins training and storage.

TensorFlow takes seconds to load. It does so in a thread while the images are prepared, so nothing
of `cnnlab.training` may be imported here before `wait_for_training` has returned.
"""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.pictures.prepare import prepare_images
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.run import Status
from cnnlab.domain.split import TRAIN, VALIDATION, draw_label_noise, limit_training
from cnnlab.exports.format import About, package_texts, spread
from cnnlab.exports.table import KERAS, find_format
from cnnlab.storage.attempt import Attempt, AttemptRecorder
from cnnlab.storage.checkpoints import load_states
from cnnlab.storage.home import open_home
from cnnlab.storage.package import is_model_left_out, write_package

if TYPE_CHECKING:
    from cnnlab.training.input.data import TrainingData
    from cnnlab.training.loop.fit import FitOutcome

_BEAT_SECONDS = 1.0
_PREFLIGHT_SECONDS = 600


def load_data(
    config: RunConfig, recorder: AttemptRecorder, wait_for_training: Callable[[], object]
) -> "TrainingData":
    """Prepare the images of a run's dataset, split them, and do to the labels what is asked for.

    Args:
        config: of the run.
        recorder: is told what is being done.
        wait_for_training: returns once `cnnlab.training` is loaded.

    Raises:
        DatasetError: no image is left to train or to validate on.
        StorageError: the dataset is gone or damaged, or the disk is full.
    """
    folder = open_home().dataset(config.dataset)
    recorder.phase("Preparing the images")
    images = prepare_images(folder, config.image, lambda done, total: recorder.beat())
    index = ImageIndex(folder)
    splits = index.split(config.split)
    recorder.phase("Starting TensorFlow")
    wait_for_training()
    from cnnlab.training.input.data import TrainingData  # noqa: PLC0415 - see above
    from cnnlab.training.input.images import StoredImages  # noqa: PLC0415

    train = limit_training(index.labels, np.flatnonzero(splits == TRAIN), config.split)
    noise = draw_label_noise(index.labels, train, len(index.class_names), config.split)
    return TrainingData(
        images=StoredImages(images),
        labels=noise.applied_to(index.labels),
        train=train,
        validation=np.flatnonzero(splits == VALIDATION),
        class_names=tuple(index.class_names),
        noise=noise,
    )


def train(
    config: RunConfig,
    data: "TrainingData",
    attempt: Attempt,
    recorder: AttemptRecorder,
    device: str | None,
) -> dict[str, Any]:
    """Train an attempt to its end and write its model; return the content of its result file.

    Args:
        config: of the run.
        data: of the run.
        attempt: where an earlier attempt's state lies and the model goes.
        recorder: is told all that happens and asked whether to stop.
        device: takes the place of the config's, unless None.

    Raises:
        CnnlabError: it failed.
    """
    from cnnlab.training.loop.fit import fit  # noqa: PLC0415

    outcome = fit(
        config,
        data,
        recorder,
        history=attempt.history(),
        turns=attempt.turns(),
        device=device,
        **load_states(attempt.checkpoints),
    )
    if outcome.best_epoch is None:
        message = "Stopped before the first epoch was finished, so there is no model."
        return {"status": Status.STOPPED, "message": message}
    return _finish(attempt, recorder, config, data, outcome)


def try_out(config: RunConfig, data: "TrainingData", recorder: AttemptRecorder) -> dict[str, Any]:
    """Try a config out before its launch; return the content of the result file.

    Raises:
        CnnlabError: a run with this config would fail.
    """
    from cnnlab.training.preflight.preflight import preflight  # noqa: PLC0415

    signal.alarm(_PREFLIGHT_SECONDS)  # one that hangs ends by the signal, as if it was killed
    try:
        report = preflight(config, data, recorder)
    finally:
        signal.alarm(0)
    return {"status": Status.FINISHED, "report": report}


def _finish(
    attempt: Attempt,
    recorder: AttemptRecorder,
    config: RunConfig,
    data: "TrainingData",
    outcome: "FitOutcome",
) -> dict[str, Any]:
    """Judge the kept model; write it, load it again elsewhere and compare, unless that can wait."""
    from cnnlab.training.judging.evaluate import final_report  # noqa: PLC0415

    recorder.phase("Judging the best model")
    checksum = outcome.weights_checksum
    model = outcome.kept_model()
    report = final_report(model, data, outcome.best_epoch, recorder.beat)
    recorder.should_stop()  # not asked for its answer: it raises where a newer attempt took over
    result = {
        "status": Status(outcome.status),
        "message": "Early stopping ended it." if outcome.stopped_early else None,
        "best_epoch": outcome.best_epoch,
        "model_epoch": outcome.kept_epoch,
        "weights_checksum": checksum,
        "report": report,
    }
    if outcome.status == "finished" and is_model_left_out(attempt.folder):
        return result
    return result | {"export": _write_model(attempt, recorder, config, data, model)}


def _write_model(
    attempt: Attempt,
    recorder: AttemptRecorder,
    config: RunConfig,
    data: "TrainingData",
    model: Any,  # noqa: ANN401 - a keras.Model, which isn't loaded yet
) -> dict[str, Any]:
    """Write the model with its package; return how it compares when it is loaded elsewhere."""
    from cnnlab.training.judging.reference import (  # noqa: PLC0415
        float32_clone,
        reference_probabilities,
    )

    recorder.phase("Writing the model file and checking it in plain Keras")
    keras_format, given = find_format(KERAS), float32_clone(model)
    about = About(tuple(data.class_names), config.image)
    keras_format.save(given, attempt.model, about)
    sample = data.images[data.validation[spread(len(data.validation))]]
    expected = reference_probabilities(given, sample, recorder.beat)
    with _beating(recorder):  # for as long as the other process may take
        parity = keras_format.verify(attempt.model, sample, expected)
    recorder.should_stop()
    write_package(attempt.package, attempt.model, package_texts(keras_format, about))
    return parity.to_json()


@contextlib.contextmanager
def _beating(recorder: AttemptRecorder) -> Iterator[None]:
    """Show signs of life within this context; only for work that has a time limit of its own."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(_BEAT_SECONDS):
            with contextlib.suppress(CnnlabError):  # a full disk is told by what must be written
                recorder.beat()

    thread = threading.Thread(target=beat, name="cnnlab-beats", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
