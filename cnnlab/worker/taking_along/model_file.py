"""Writing a model file with its package, and loading it again elsewhere to compare."""

import contextlib
from pathlib import Path

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.errors import ExportError
from cnnlab.domain.records.export import ExportCheck
from cnnlab.exports.about import About
from cnnlab.exports.agreement import Compared, compare, require_agreement
from cnnlab.exports.alone import Run
from cnnlab.exports.model_format import ModelFormat, Source
from cnnlab.exports.table import KERAS, find_model_format
from cnnlab.files import file_bytes, remove_file_or_folder
from cnnlab.storage.job_folder import JobRecorder
from cnnlab.storage.package import PACKAGE, write_package
from cnnlab.worker.kept import KeptModel
from cnnlab.worker.process.beating import beating
from cnnlab.worker.process.homes import dataset_folder, home_of_work

_VERIFIED_IMAGES = 200
"""Of the validation images as many are compared before a file is offered."""

_REPRESENTATIVE_IMAGES = 200
"""Of the training images as many show a format what the model usually sees."""


def write_model(
    folder: Path,
    recorder: JobRecorder,
    kept: KeptModel,
    export_format: str = KERAS,
    *,
    temperature: float | None = None,
    threshold: float | None = None,
) -> ExportCheck:
    """Write the model file of a format and a package with it; return how it compares elsewhere.

    Args:
        folder: where both go.
        recorder: is told what is being done.
        kept: the model, whose weights are those to give away, with its config and data.
        export_format: a name of the table of formats.
        temperature: by which its logits are divided; None leaves them as they are.
        threshold: confidence from which on it is right often enough; see `About`.

    Raises:
        ExportError: it can't be written in this format, or computes something else there.
        StorageError: the disk is full.
    """
    chosen = find_model_format(export_format)
    recorder.phase(f"Writing the model file and checking it in {chosen.runtime}")
    file = folder / chosen.file
    # Where the file will be loaded, its runtime is loaded while it is written.
    with contextlib.nullcontext() if chosen.load is None else chosen.begun_alone() as run:
        source = source_of(kept, temperature=temperature, threshold=threshold)
        chosen.save(source, file)
        recorder.beat()
        try:
            check = _verified(chosen, file, run, source, kept, recorder)
        except ExportError:
            remove_file_or_folder(file)
            raise
    recorder.go_on()
    if chosen.has_package:
        write_package(folder / PACKAGE, file, chosen.texts(source.about))
    return check


def source_of(
    kept: KeptModel, *, temperature: float | None = None, threshold: float | None = None
) -> Source:
    """The model as it is given away, with what is known of it."""
    from cnnlab.training.judging.reference import (  # noqa: PLC0415 - it is loaded by now
        divide_logits,
        float32_clone,
    )

    given, data = float32_clone(kept.model), kept.data
    if temperature is not None:
        divide_logits(given, temperature)
    return Source(
        given,
        About(tuple(data.class_names), kept.config.image, data.value_range, temperature, threshold),
        lambda: data.images[data.train[spread(len(data.train), _REPRESENTATIVE_IMAGES)]],
    )


def compared_images(source: Source, kept: KeptModel, recorder: JobRecorder) -> Compared:
    """The validation images on which a file is compared, with what the model says of them.

    Raises:
        StorageError: the dataset is gone or damaged.
    """
    from cnnlab.training.judging.reference import reference_probabilities  # noqa: PLC0415

    data = kept.data
    rows = compared_rows(kept)
    index = ImageIndex(dataset_folder(home_of_work(), kept.config.dataset))
    return Compared(
        files=[index.read_bytes(int(row)) for row in rows],
        labels=data.labels[rows],
        expected=reference_probabilities(source.model, data.images[rows], recorder.beat),
        of_images=len(data.validation),
    )


def compared_rows(kept: KeptModel) -> np.ndarray:
    """Rows of those images, in the order in which they are compared: class after class by turns.

    Reading large pictures ends after a while, and what was read by then has to be of all classes.
    """
    data = kept.data
    rows = data.validation[spread(len(data.validation), _VERIFIED_IMAGES)]
    return rows[by_turns(data.labels[rows])]


def _verified(
    chosen: ModelFormat,
    file: Path,
    run: Run | None,
    source: Source,
    kept: KeptModel,
    recorder: JobRecorder,
) -> ExportCheck:
    if run is None:
        return {
            "max_abs_difference": None,
            "top1_agreement": None,
            "milliseconds_per_image": None,
            "bytes": file_bytes(file),
            "not_verified": chosen.not_verified,
        }
    compared, texts = compared_images(source, kept, recorder), chosen.texts(source.about)
    with beating(recorder):  # the other process has a time limit; what hangs here must be seen
        ran = run(file, texts, compared.files)
    check = compare(ran, compared, source.about.class_names, file_bytes(file))
    require_agreement(chosen.title, chosen.limits, check)
    return check


def spread(count: int, most: int) -> np.ndarray:
    """At most so many positions, int, spread over so many images."""
    return np.unique(np.linspace(0, count - 1, most).round().astype(int))


def by_turns(labels: np.ndarray) -> np.ndarray:
    """Positions of images, in a fixed order: one of every class, then another of every class, ...

    Args:
        labels: (N,) int.
    """
    order = np.random.default_rng(0).permutation(len(labels))
    turns = np.empty(len(labels), int)
    for label in np.unique(labels):
        of_class = order[labels[order] == label]
        turns[of_class] = np.arange(len(of_class))
    return order[np.argsort(turns[order], kind="stable")]
