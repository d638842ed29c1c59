"""What a worker does to say of many pictures what the models of runs see in them."""

import io
import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

import numpy as np

from cnnlab.datasets.picture_sources import OpenPictures, PictureSource, open_pictures
from cnnlab.datasets.pictures.decode import open_image, without_decoder_warnings
from cnnlab.datasets.upload.sources import UnreadableMemberError
from cnnlab.domain.data.guesses import MOST_GUESSES, most_probable, not_finite
from cnnlab.domain.errors import (
    BadInputError,
    CancelledError,
    CnnlabError,
    RunStateError,
    StorageError,
    UploadError,
)
from cnnlab.domain.temperature import scaled
from cnnlab.domain.words import counted
from cnnlab.files import disk_errors, put_in_place
from cnnlab.jobs.kinds.predict import Predicted, PredictRequest
from cnnlab.machine import cpu_threads
from cnnlab.storage.job_folder import JobFolder, JobRecorder
from cnnlab.storage.picture_table import THUMBNAILS, AskedRun, PictureTable, write_table
from cnnlab.worker.process.beating import beating
from cnnlab.worker.process.homes import home_of_work
from cnnlab.worker.process.work import Work

if TYPE_CHECKING:
    from cnnlab.judging.familiarity import Familiar
    from cnnlab.worker.judging.held_models import HeldModel

THUMBNAIL_PX = 128
_JPEG_QUALITY = 80
_AT_ONCE = 32

_log = logging.getLogger("cnnlab.worker")

PredictWork = Work[PredictRequest, JobFolder, JobRecorder]


class _Opened(NamedTuple):
    """A picture that was read: as each model wants it, and made small; or why it is none."""

    squares: list[np.ndarray]
    thumbnail: bytes
    reason: str = ""


class _Asked(NamedTuple):
    """A run and its model."""

    run: AskedRun
    held: "HeldModel"


class _Part(NamedTuple):
    """What is said of some pictures that follow each other; see `PictureTable`."""

    labels: np.ndarray
    probabilities: np.ndarray
    calibrated: np.ndarray
    distances: np.ndarray


@dataclass
class _Said:
    """What comes of the pictures, part by part."""

    parts: list[_Part] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)  # of the small pictures, in bytes
    reasons: dict[int, str] = field(default_factory=dict)


def predict_pictures(work: PredictWork) -> Predicted:
    """Ask the models of runs of every picture, and write the table.

    Raises:
        UploadError: there is no picture among what was given.
        CnnlabError: none of the models can be asked, or the disk is full.
        CancelledError: nobody wants it any more.
    """
    recorder = work.recorder
    recorder.phase("Looking for the pictures")
    sources = [PictureSource(*source) for source in work.request.sources]
    with ExitStack() as stack:
        # Of a process that was killed, others remove it.
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="cnnlab-pictures-"))
        with beating(recorder):  # listing a large archive takes minutes without a word
            pictures = stack.enter_context(open_pictures(sources, Path(folder)))
        _check_any(pictures)
        recorder.phase("Starting TensorFlow")
        work.wait_for_training()
        from cnnlab.training.devices.device import choose_device  # noqa: PLC0415 - loaded by now

        choose_device("cpu")  # a GPU's memory is for the runs
        asked, problems = _asked_runs(work, len(pictures.listed))
        recorder.phase("Predicting")
        with without_decoder_warnings(), _small_pictures(work.files.folder) as file:
            said = _said(pictures, asked, recorder, file)
    readable = len(pictures.listed) - len(said.reasons)
    if not readable:
        first = next(iter(said.reasons))
        raise UploadError(_none_readable(pictures.listed[first].file, said.reasons[first]))
    recorder.phase("Writing the table")
    _write(work, asked, pictures, said)
    return Predicted(readable, len(said.reasons) + len(pictures.refused), problems)


def _check_any(pictures: OpenPictures) -> None:
    if not pictures.listed and pictures.refused:
        first = pictures.refused[0]
        raise UploadError(_none_readable(first.file, first.reason))
    if not pictures.listed:
        raise UploadError("There is no picture in it: choose pictures, or a zip of them.")


def _none_readable(file: str, reason: str) -> str:
    return f"None of the files can be read as a picture. The first one, {file!r}: {reason}."


def _asked_runs(work: PredictWork, pictures: int) -> tuple[list[_Asked], dict[str, str]]:
    """The runs with their models, and why some can't be asked; of so many pictures, it is told.

    Raises:
        CnnlabError: none of them can.
    """
    from cnnlab.worker.judging.held_models import load_model  # noqa: PLC0415 - it is loaded by now

    asked: list[_Asked] = []
    problems: dict[str, str] = {}
    for run, name, attempt in work.request.runs:
        work.recorder.phase(f"Loading the model for {counted(pictures, 'picture')}")
        try:
            held = load_model(home_of_work(), run, attempt)
        except CnnlabError as error:
            problems[run] = str(error)
            continue
        held.familiar = _learnt(held, work.recorder)
        known = None if held.familiar is None else held.familiar.record
        asked.append(_Asked(AskedRun(run, name, list(held.class_names), known), held))
    if not asked:
        why = " ".join(dict.fromkeys(problems.values()))
        raise StorageError(why)
    return asked, problems


def _learnt(held: "HeldModel", recorder: JobRecorder) -> "Familiar | None":
    """What the model's training images are like; None where that can't be found out."""
    from cnnlab.worker.judging.familiar import learn  # noqa: PLC0415 - TensorFlow is loaded by now

    recorder.phase("Learning what the training images are like")
    try:
        return learn(home_of_work(), held.attempt, held.config, held.model, recorder.beat)
    except CancelledError:
        raise
    except CnnlabError as error:  # such as a dataset that is gone
        _log.warning("that can't be learnt: %s", error)
        return None


@contextmanager
def _small_pictures(folder: Path) -> Iterator[IO[bytes]]:
    """Where small pictures are written as they come: 100,000 of them are more than half a GB.

    What is there at the end is put in its place; until then a killed worker leaves nothing that
    would count.

    Raises:
        StorageError: the disk is full.
    """
    path = folder / THUMBNAILS
    beside = path.with_name(f".{THUMBNAILS}.part")
    try:
        with disk_errors(path):
            file = beside.open("wb")
        with file:
            yield file
            with disk_errors(path):
                file.flush()
                put_in_place(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _said(
    pictures: OpenPictures, asked: Sequence[_Asked], recorder: JobRecorder, file: IO[bytes]
) -> _Said:
    """What the models say; the small pictures go into a file."""
    said, total = _Said(), len(pictures.listed)
    opening = partial(_opened, models=[one.held for one in asked])
    with ThreadPoolExecutor(cpu_threads(), "cnnlab-decode") as threads:
        for start in range(0, total, _AT_ONCE):
            recorder.progress(start, total)
            batch = pictures.listed[start : start + _AT_ONCE]
            # An archive has one place from which it reads: only decoding is shared out.
            contents = [_read(partial(pictures.read, picture)) for picture in batch]
            opened = list(threads.map(opening, contents))
            _add(said, start, opened, asked)
            with disk_errors(Path(file.name)):
                file.writelines(one.thumbnail for one in opened)
    recorder.progress(total, total)
    return said


def _read(read: Callable[[], bytes]) -> bytes | str:
    """The bytes, or why there are none."""
    try:
        return read()
    except UnreadableMemberError as error:
        return str(error)


def _opened(content: bytes | str, models: Sequence["HeldModel"]) -> _Opened:
    if isinstance(content, str):
        return _Opened([], b"", content)
    try:
        squares = [model.prepared(content) for model in models]
        small = open_image(content, THUMBNAIL_PX, models[0].value_range)
    except BadInputError as error:
        return _Opened([], b"", str(error))
    small.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=_JPEG_QUALITY)
    return _Opened(squares, buffer.getvalue())


def _add(said: _Said, start: int, opened: Sequence[_Opened], asked: Sequence[_Asked]) -> None:
    """Ask all models of some pictures, and note what they say.

    Raises:
        RunStateError: the numbers of one aren't finite.
    """
    sound = [number for number, one in enumerate(opened) if not one.reason]
    for number, one in enumerate(opened):
        said.sizes.append(len(one.thumbnail))
        if one.reason:
            said.reasons[start + number] = one.reason
    part = _nothing_said(len(opened), len(asked))
    for at, (run, held) in enumerate(asked if sound else ()):
        squares = np.stack([opened[number].squares[at] for number in sound])
        probabilities, features = held.model(squares)
        if not np.isfinite(probabilities).all():
            raise RunStateError(not_finite(run.run_name))
        top, temperature = most_probable(probabilities), held.temperature()
        places = np.ix_(sound, [at], range(top.shape[1]))
        part.labels[places] = top[:, np.newaxis]
        part.probabilities[places] = np.take_along_axis(probabilities, top, 1)[:, np.newaxis]
        if temperature is not None:
            calibrated = np.take_along_axis(scaled(probabilities, temperature), top, 1)
            part.calibrated[places] = calibrated[:, np.newaxis]
        if held.familiar is not None:
            part.distances[sound, at] = held.familiar.distances(features)
    said.parts.append(part)


def _nothing_said(pictures: int, runs: int) -> _Part:
    """Of pictures of which nothing is said yet."""
    shape = pictures, runs, MOST_GUESSES
    unknown = [np.full(size, np.nan, np.float32) for size in (shape, shape, shape[:2])]
    return _Part(np.full(shape, -1, np.int16), *unknown)


def _write(work: PredictWork, asked: Sequence[_Asked], pictures: OpenPictures, said: _Said) -> None:
    """Write the table; files that are none come last."""
    listed, refused = pictures.listed, pictures.refused
    parts = [*said.parts, _nothing_said(len(refused), len(asked))]
    sizes = [0, *said.sizes, *[0] * len(refused)]
    late = {len(listed) + number: one.reason for number, one in enumerate(refused)}
    whole = _Part(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    table = PictureTable(
        runs=tuple(one.run for one in asked),
        files=(*(picture.file for picture in listed), *(one.file for one in refused)),
        places=(*((one.source, one.member.path) for one in listed), *((-1, "") for _ in refused)),
        reasons={**said.reasons, **late},
        **whole._asdict(),
        thumbnails=np.cumsum(sizes, dtype=np.int64),
    )
    write_table(work.files.folder, table)
