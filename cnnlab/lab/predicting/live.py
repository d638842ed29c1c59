"""One picture at once: a resident worker holds the models and answers over a socket."""

import contextlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cnnlab.datasets.limits import MAX_IMAGE_BYTES
from cnnlab.datasets.upload.paths import printable
from cnnlab.domain.errors import BadInputError
from cnnlab.domain.explaining.methods import METHODS, unknown_method
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.prediction import PredictAnswer
from cnnlab.domain.words import data_size
from cnnlab.jobs.asking import ask, job_folder
from cnnlab.jobs.kinds.answer_pictures import KEY, KIND, SOCKET, AnswerRequest
from cnnlab.jobs.messages import connect, receive_message, send_message
from cnnlab.jobs.state import Stage, read_state
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.predicting.asked_runs import askable_runs
from cnnlab.lab.workplace import workplace
from cnnlab.runner.launch import ensure_supervisor
from cnnlab.storage.home import Home

ANSWER_SECONDS = 5.0
"""A worker that has a model answers within milliseconds; who waits for longer asks again."""

EXPLAIN_SECONDS = 60.0
"""Covering parts of a large picture takes many passes through the network: to ask again would have
them made again."""

_lost: dict[Path, int] = {}
"""How often in a row the worker of a home was lost, without an answer in between."""


class WhereToLook(NamedTuple):
    """How to say where networks look.

    Attributes:
        method: a key of `METHODS`.
        class_name: whose score it is of; empty for the class that each model says.
    """

    method: str
    class_name: str


@asks(Action.VIEW)
def predict_picture(
    runs: Sequence[str],
    content: bytes,
    name: str,
    *,
    with_seen: bool = False,
    explained: WhereToLook | None = None,
) -> PredictAnswer:
    """What the models of runs say of a picture.

    While a model is loaded the answer says so in `phase`: ask again with the same picture.

    Args:
        runs: ids of one to four runs that have ended.
        content: the bytes of the picture, as they are.
        name: its file name, which is only passed on.
        with_seen: whether to give it back as each network sees it.
        explained: how to say where each network looks in it; None for not at all.
    """
    began = time.monotonic()
    if explained and explained.method not in METHODS:
        return _without(unknown_method(explained.method))
    about = {"with_seen": with_seen, "explain": explained and explained._asdict()}
    answer = _answer(runs, content, printable(name) or "picture", about)
    answer["milliseconds"] = round(1000 * (time.monotonic() - began), 1)
    return answer


@asks(Action.VIEW)
def warm_predictions(runs: Sequence[str]) -> PredictAnswer:
    """Have the models of runs loaded for pictures that will come; cheap, so call it often.

    Returns:
        No predictions; `phase` while it isn't done, and what is wrong with runs.
    """
    return _answer(runs, b"", "", {})


def _answer(
    runs: Sequence[str], content: bytes, name: str, about: Mapping[str, Any]
) -> PredictAnswer:
    if name and not content:
        return _without(f"The file {name!r} is empty (0 bytes): choose another one.")
    if len(content) > MAX_IMAGE_BYTES:
        return _without(
            f"The file {name!r} is larger than {data_size(MAX_IMAGE_BYTES)}, the limit of a "
            "picture: make it smaller."
        )
    try:
        asked, problems = askable_runs(runs)
    except BadInputError as error:
        return _without(str(error))
    values = {"runs": asked, "name": name, **about}
    answer = _asked_worker(workplace().home, values, content) if asked else _without("")
    problems |= answer.get("problems", {})
    if not asked:
        answer["problem"] = " ".join(problems.values())
    if problems:
        answer["problems"] = problems
    return answer


def _without(problem: str) -> PredictAnswer:
    return {"predictions": [], "milliseconds": 0.0, "problem": problem}


def _asked_worker(home: Home, values: dict[str, Any], content: bytes) -> PredictAnswer:
    folder = job_folder(home, KIND, KEY).folder
    said: dict[str, Any] = {}
    seconds = EXPLAIN_SECONDS if values.get("explain") else ANSWER_SECONDS
    try:
        with contextlib.closing(connect(folder / SOCKET, seconds=seconds)) as connection:
            send_message(connection, values, content, seconds=seconds)
            said, _ = receive_message(connection, most_bytes=0, seconds=seconds)
    except TimeoutError:
        return {"predictions": [], "milliseconds": 0.0, "phase": "The models are busy"}
    except OSError:  # nobody is there, or was killed while it answered
        return _awaited_worker(home)
    _lost.pop(folder, None)
    if "failure" in said:
        return _without(said["failure"])
    if "problem" in said:
        named = f"The file {values['name']!r}"
        return _without(f"{named} can't be read as a picture: {said['problem']}.")
    answer: PredictAnswer = {"predictions": said["predictions"], "milliseconds": 0.0}
    if said["problems"]:
        answer["problems"] = said["problems"]
    if "phase" in said:
        answer["phase"] = said["phase"]
    return answer


def _awaited_worker(home: Home) -> PredictAnswer:
    """Have a worker there, and say what it does until it answers."""
    files = job_folder(home, KIND, KEY)
    state = read_state(KIND, files)
    problem = state.problem if state.stage is Stage.FAILED else None
    if state.stage is Stage.LOST:  # once may be anything; twice it is these pictures or models
        _lost[files.folder] = _lost.get(files.folder, 0) + 1
        problem = state.problem if _lost[files.folder] > 1 else None
    ask(home, KIND, files, AnswerRequest(), again=True)
    ensure_supervisor(home)
    if problem:
        _lost.pop(files.folder, None)
        return _without(problem)
    phase = "Starting a worker" if state.is_ended else state.phase
    return {"predictions": [], "milliseconds": 0.0, "phase": phase}
