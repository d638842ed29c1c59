"""What a resident worker does: it listens at a socket and says of each picture what it shows."""

import contextlib
import logging
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnlab.datasets.limits import MAX_IMAGE_BYTES
from cnnlab.datasets.pictures.decode import UnreadableImageError, without_decoder_warnings
from cnnlab.datasets.pictures.heat import data_url
from cnnlab.domain.data.familiarity import is_unlike
from cnnlab.domain.data.guesses import guesses, not_finite
from cnnlab.domain.records.prediction import Familiarity, Prediction
from cnnlab.jobs.kinds.answer_pictures import KIND, SOCKET, Answered, AnswerRequest
from cnnlab.jobs.messages import listening, receive_message, send_message
from cnnlab.machine import memory_bytes, resident_bytes
from cnnlab.storage.job_folder import JobFolder, JobRecorder
from cnnlab.worker.judging.looking import explanation_of
from cnnlab.worker.process.homes import home_of_work
from cnnlab.worker.process.work import Work

if TYPE_CHECKING:
    from cnnlab.judging.familiarity import Familiar, Features
    from cnnlab.worker.judging.held_models import HeldModel, HeldModels

CLIENT_SECONDS = 10.0
"""Who hasn't sent a whole picture by then, or doesn't take the answer, is left alone."""

_AT_ONCE = 8
_TENSORFLOWS_MEMORY_ERROR = "ResourceExhaustedError"
_LOOK_SECONDS = 0.5
_SETTLE_SECONDS = 2.0
"""So long after a model was let go its memory is measured again."""

_log = logging.getLogger("cnnlab.worker")


def answer_pictures(work: Work[AnswerRequest, JobFolder, JobRecorder]) -> Answered:
    """Answer whoever comes, until nobody has come for a while or the memory is needed.

    Raises:
        CancelledError: nobody wants it any more.
        StorageError: no socket can be made in the job's folder.
    """
    work.recorder.phase("Starting TensorFlow")
    work.wait_for_training()
    from cnnlab.training.devices.device import choose_device  # noqa: PLC0415 - loaded by now
    from cnnlab.worker.judging.held_models import HeldModels  # noqa: PLC0415

    choose_device("cpu")  # a GPU's memory is for the runs
    models = HeldModels(home_of_work())
    with (
        contextlib.closing(models),
        listening(work.files.folder / SOCKET) as listener,
        without_decoder_warnings(),
    ):
        work.recorder.phase("Answering pictures")
        return Answered(_serve(listener, models, work))


def _serve(
    listener: socket.socket,
    models: "HeldModels",
    work: Work[AnswerRequest, JobFolder, JobRecorder],
) -> int:
    count, came_at, room = 0, time.monotonic(), _Room()
    listener.settimeout(_LOOK_SECONDS)
    with ThreadPoolExecutor(_AT_ONCE, "cnnlab-answers") as clients:
        while time.monotonic() - came_at < work.request.idle_seconds and room.keep(models):
            work.recorder.beat()
            try:
                client, _ = listener.accept()
            except TimeoutError:
                continue
            count, came_at = count + 1, time.monotonic()
            clients.submit(_attend, client, models)
    return count


class _Room:
    """The memory that the models may take: a third of the machine's, 1 to 3 GiB.

    It is what has come since the start that counts: a warm worker may hold what a training left.
    """

    def __init__(self) -> None:
        allowed = min(3 * 2**30, max(2**30, memory_bytes() // 3))
        self._most, self._look_at = resident_bytes() + allowed, 0.0

    def keep(self, models: "HeldModels") -> bool:
        """Have the oldest model go where they have taken more.

        Returns:
            False where none is left that could: a fresh worker has to take over.
        """
        if time.monotonic() < self._look_at or resident_bytes() <= self._most:
            return True
        self._look_at = time.monotonic() + _SETTLE_SECONDS
        return models.drop_oldest()


def _attend(client: socket.socket, models: "HeldModels") -> None:
    """Answer one client; whatever it does ends nothing but its own connection."""
    with client:
        try:
            asked, content = receive_message(
                client, most_bytes=MAX_IMAGE_BYTES, seconds=CLIENT_SECONDS
            )
            send_message(client, _said_or_why(asked, content, models), seconds=CLIENT_SECONDS)
        except OSError as error:
            _log.info("a client is left alone: %s", error)


def _said_or_why(asked: dict[str, Any], content: bytes, models: "HeldModels") -> dict[str, Any]:
    """What is said of a picture, or in `failure` why nothing is: who gets no word asks for ever."""
    try:
        return _said(asked, content, models)
    except Exception as error:
        _log.exception("a client can't be answered")
        return {"predictions": [], "problems": {}, "failure": _failure(error)}


def _failure(error: Exception) -> str:
    if isinstance(error, MemoryError) or type(error).__name__ == _TENSORFLOWS_MEMORY_ERROR:
        return f"The memory doesn't suffice to answer: {KIND.memory_advice}."
    return (
        f"The models can't be asked ({type(error).__name__}): try again, or ask each of them alone "
        "to see which one it is."
    )


def _said(asked: dict[str, Any], content: bytes, models: "HeldModels") -> dict[str, Any]:
    """What is said of a picture, but for the time: see `PredictAnswer`.

    Args:
        asked: `runs` [{`run`, `run_name`, `attempt`}], the picture's `name`, whether to tell it
            `with_seen`, and in `explain` how to say where the models look, see `explanation_of`.
        content: the picture; empty where the models should only be loaded.
        models: of the runs.
    """
    answer: dict[str, Any] = {"predictions": [], "problems": {}}
    prepared: dict[tuple[object, ...], np.ndarray] = {}
    for one in asked["runs"]:
        found = models.find(one["run"], one["attempt"])
        if found is None:
            answer["phase"] = "Loading the model"
        elif isinstance(found, str):
            answer["problems"][one["run"]] = found
        elif content:
            rule = (*found.config.image.model_dump().values(), found.value_range)
            try:
                if rule not in prepared:
                    prepared[rule] = found.prepared(content)
            except UnreadableImageError as error:
                return {"predictions": [], "problems": {}, "problem": str(error)}
            _ask(answer, one, asked, prepared[rule], found)
            models.become_familiar(one["run"], one["attempt"])
            if asked.get("explain"):
                models.have_checked(one["run"], one["attempt"], asked["explain"]["method"])
    return answer


def _ask(
    answer: dict[str, Any],
    one: dict[str, Any],
    asked: dict[str, Any],
    square: np.ndarray,
    held: "HeldModel",
) -> None:
    """Note what one model says, or what is wrong with that."""
    said = _prediction(one, asked["name"], square, held)
    if said is None:
        answer["problems"][one["run"]] = not_finite(one["run_name"])
        return
    if asked.get("with_seen"):
        said["seen"] = data_url(square)
    if asked.get("explain"):
        said["explanation"] = explanation_of(held, square, said["class"], **asked["explain"])
    answer["predictions"].append(said)


def _prediction(
    one: dict[str, Any], name: str, square: np.ndarray, held: "HeldModel"
) -> Prediction | None:
    """What a model says; None where that isn't finite."""
    probabilities, features = held.model(square[np.newaxis])
    if not np.isfinite(probabilities).all():
        return None
    top = guesses(probabilities[0], held.class_names, held.temperature())
    return {
        "run": one["run"],
        "run_name": one["run_name"],
        "file": name,
        "class": top[0]["class"],
        "probability": top[0]["probability"],
        "top": top,
        "familiarity": None if held.familiar is None else _familiarity(held.familiar, features),
    }


def _familiarity(familiar: "Familiar", features: "Features") -> Familiarity:
    distance, record = float(familiar.distances(features)[0]), familiar.record
    return {**record, "distance": distance, "is_unlike": is_unlike(record, distance)}
