"""What a worker does to say of several pictures where the model of a run looks in them."""

import logging
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image

from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.picture_sources import PictureSource, open_pictures
from cnnlab.datasets.pictures.decode import without_decoder_warnings
from cnnlab.datasets.pictures.heat import share_against
from cnnlab.datasets.upload.sources import UnreadableMemberError
from cnnlab.domain.data.guesses import not_finite
from cnnlab.domain.errors import BadInputError, RunStateError, StorageError, UploadError
from cnnlab.domain.explaining.methods import HIRESCAM, NAMED, TRUE, unknown_class
from cnnlab.domain.records.explanation import (
    Explained,
    ExplainedPicture,
    MapFacts,
    RefusedPicture,
)
from cnnlab.jobs.kinds.explain import ExplainRequest
from cnnlab.storage.attempts.explanation import ExplanationFolder, StoredMaps
from cnnlab.storage.home import Home
from cnnlab.storage.job_folder import JobRecorder
from cnnlab.worker.process.beating import beating
from cnnlab.worker.process.homes import dataset_folder, home_of_work
from cnnlab.worker.process.work import Work

if TYPE_CHECKING:
    from cnnlab.worker.judging.held_models import HeldModel

_log = logging.getLogger("cnnlab.worker")

_AT_ONCE = 16
_SHOWN_PX = 160
"""A side of the pictures that are kept beside their maps."""


class _Given(NamedTuple):
    """Pictures to be explained.

    Attributes:
        squares: (N, H, W, C) uint8, as the network sees them.
        files: what they are called.
        rows: of the dataset; None for files.
        refused: files that are none.
    """

    squares: np.ndarray
    files: list[str]
    rows: list[int] | None
    refused: list[RefusedPicture]


def explain_pictures(work: Work[ExplainRequest, ExplanationFolder, JobRecorder]) -> Explained:
    """Make the maps, and keep them beside the answer.

    Raises:
        UploadError: none of the files can be read as a picture.
        BadInputError: there is no such class.
        RunStateError: the method can't work for this network, or its numbers aren't finite.
        CnnlabError: the model can't be built again, or the disk is full.
        CancelledError: nobody wants it any more.
    """
    asked, recorder, began = work.request, work.recorder, time.monotonic()
    recorder.phase("Starting TensorFlow")
    work.wait_for_training()
    from cnnlab.training.devices.device import choose_device  # noqa: PLC0415 - loaded by now
    from cnnlab.worker.judging.held_models import load_model  # noqa: PLC0415
    from cnnlab.worker.judging.shuffle_check import check_method  # noqa: PLC0415

    choose_device("cpu")  # a GPU's memory is for the runs
    home = home_of_work()
    recorder.phase("Loading the model")
    held = load_model(home, asked.run, asked.attempt)
    given = _given(asked, held, home, recorder)
    recorder.phase("Looking at the pictures")
    pictures, values = _explained(asked, held, home, given, recorder)
    work.files.write_maps(StoredMaps(values, _small(given.squares)))
    recorder.phase("Shuffling the weights, to see whether the maps change")
    try:
        check = check_method(home, held, asked.method, recorder.beat)
    except (StorageError, RunStateError):  # the maps are none the worse for it
        _log.exception("whether the maps of %s change can't be found out", asked.run)
        check = None
    return {
        "pictures": pictures,
        "refused": given.refused,
        "check": check,
        "layer": held.explainer.layer if asked.method == HIRESCAM else None,
        "seconds": time.monotonic() - began,
    }


def class_label(names: Sequence[str], name: str) -> int:
    """The label of a class by its name.

    Raises:
        BadInputError: there is no such class.
    """
    if name not in names:
        raise BadInputError(unknown_class(names, name))
    return names.index(name)


def map_facts(name: str, method: str, values: np.ndarray, miss: float | None) -> MapFacts:
    """What is told of a map.

    Args:
        name: of the class whose score it is of.
        method: a key of `METHODS`.
        values: (h, w) of the map.
        miss: of integrated gradients, see `MapFacts`.
    """
    return {"class": name, "method": method, "against": share_against(values), "miss": miss}


def _given(asked: ExplainRequest, held: "HeldModel", home: Home, recorder: JobRecorder) -> _Given:
    if not asked.rows:
        return _of_files(asked, held, recorder)
    recorder.phase("Preparing the images")
    index = ImageIndex(dataset_folder(home, held.config.dataset))
    with without_decoder_warnings():
        squares = [held.prepared(index.read_bytes(row)) for row in asked.rows]
    return _Given(np.stack(squares), [index.files[row] for row in asked.rows], asked.rows, [])


def _of_files(asked: ExplainRequest, held: "HeldModel", recorder: JobRecorder) -> _Given:
    sources = [PictureSource(*source) for source in asked.sources]
    squares: list[np.ndarray] = []
    files: list[str] = []
    with (
        # Of a process that was killed, others remove it.
        tempfile.TemporaryDirectory(prefix="cnnlab-pictures-") as folder,
        beating(recorder),
        open_pictures(sources, Path(folder)) as pictures,
        without_decoder_warnings(),
    ):
        refused: list[RefusedPicture] = [
            {"file": one.file, "reason": one.reason} for one in pictures.refused
        ]
        for picture in pictures.listed:
            try:
                squares.append(held.prepared(pictures.read(picture)))
                files.append(picture.file)
            except (BadInputError, UnreadableMemberError) as error:
                refused.append({"file": picture.file, "reason": str(error)})
    if not squares:
        raise UploadError(_none_readable(refused))
    return _Given(np.stack(squares), files, None, refused)


def _none_readable(refused: Sequence[RefusedPicture]) -> str:
    if not refused:
        return "There is no picture in it: name pictures, or a folder of them."
    first = refused[0]
    return (
        "None of the files can be read as a picture. The first one, "
        f"{first['file']!r}: {first['reason'].rstrip('.')}."
    )


def _explained(
    asked: ExplainRequest, held: "HeldModel", home: Home, given: _Given, recorder: JobRecorder
) -> tuple[list[ExplainedPicture], np.ndarray]:
    """What is told of each picture, and the maps (N, h, w)."""
    from cnnlab.training.explaining.methods import explain  # noqa: PLC0415 - loaded by now

    probabilities, _ = held.model(given.squares)
    if not np.isfinite(probabilities).all():
        raise RunStateError(not_finite(asked.run))
    said = probabilities.argmax(axis=1)
    labels = _labels(asked, held, home, said)
    parts: list[np.ndarray] = []
    pictures: list[ExplainedPicture] = []
    for start in range(0, len(labels), _AT_ONCE):
        recorder.progress(start, len(labels))
        some = np.s_[start : start + _AT_ONCE]
        maps = explain(
            held.explainer, asked.method, given.squares[some], labels[some], recorder.beat
        )
        if not np.isfinite(maps.values).all():
            raise RunStateError(not_finite(asked.run))
        parts.append(maps.values)
        for at, values in enumerate(maps.values, start):
            miss = None if maps.misses is None else float(maps.misses[at - start])
            facts = map_facts(held.class_names[labels[at]], asked.method, values, miss)
            pictures.append(
                {
                    **facts,
                    "file": given.files[at],
                    "row": given.rows[at] if given.rows else None,
                    "predicted": held.class_names[said[at]],
                    "probability": float(probabilities[at, said[at]]),
                }
            )
    recorder.progress(len(labels), len(labels))
    return pictures, np.concatenate(parts)


def _labels(asked: ExplainRequest, held: "HeldModel", home: Home, said: np.ndarray) -> np.ndarray:
    """(N,) int: which class each map is of."""
    if asked.about == NAMED:
        return np.full(len(said), class_label(held.class_names, asked.class_name))
    if asked.about == TRUE:
        index = ImageIndex(dataset_folder(home, held.config.dataset))
        labels: np.ndarray = index.labels[asked.rows]
        return labels
    return said


def _small(squares: np.ndarray) -> np.ndarray:
    """Pictures as they are shown beside their maps: of at most 160 px a side."""
    side = squares.shape[1]
    if side <= _SHOWN_PX:
        return squares
    size = (_SHOWN_PX, _SHOWN_PX)
    flat = squares[..., 0] if squares.shape[-1] == 1 else squares
    made = [np.asarray(Image.fromarray(one).resize(size)) for one in flat]
    return np.stack(made).reshape(len(squares), *size, squares.shape[-1])
