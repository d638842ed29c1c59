"""Writing a run as a program, and seeing that it begins as the run did."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.zipped import zipped_names
from cnnlab.domain.data.split import TRAIN, VALIDATION, clean_train_subset
from cnnlab.domain.errors import ExportError
from cnnlab.domain.records.export import ExportCheck
from cnnlab.domain.words import counted
from cnnlab.exports.code.notebook import notebook
from cnnlab.exports.code.package import FileRow, arrays, files_table, readme, texts
from cnnlab.exports.code.program import program
from cnnlab.exports.code.trial import Began, begin_alone
from cnnlab.exports.table import find_format
from cnnlab.files import file_bytes, write_atomically
from cnnlab.jobs.kinds.export import ExportRequest
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.job_folder import JobFolder, JobRecorder
from cnnlab.storage.package import PACKAGE, write_members
from cnnlab.worker.begun import Begun, find_begun
from cnnlab.worker.kept import KeptModel
from cnnlab.worker.process.beating import beating
from cnnlab.worker.process.homes import dataset_folder, home_of_work
from cnnlab.worker.process.work import Work
from cnnlab.worker.taking_along.model_file import spread

_TRIED_IMAGES = 50
"""Of the validation images as many are prepared and looked at by a program before it is offered."""

_MOST_DIFFERENCE = {"float32": 1e-4}
"""Of a probability of the initial network; measured 0 to 3e-7, as kernels sum in another order."""

_MOST_DIFFERENCE_MIXED = 2e-2
"""Numbers with 8 bits: here a CPU computes, there maybe another chip."""

PROGRAM, NOTEBOOK = "train.py", "train.ipynb"
Members = dict[str, str | bytes]


def write_code(work: Work[ExportRequest, JobFolder, JobRecorder], kept: KeptModel) -> ExportCheck:
    """Write a run as a program or notebook, with a package of all that it reads but the images.

    Raises:
        ExportError: the run can't be begun again as it began, or the program begins otherwise.
        StorageError: the dataset is gone or damaged, or the disk is full.
    """
    asked, recorder, folder = work.request, work.recorder, work.files.folder
    recorder.phase("Writing the program and seeing how it begins")
    attempt = Attempt(home_of_work().attempt(asked.run, asked.attempt))
    begun = find_begun(attempt, asked.run, kept.data)
    recorder.beat()
    begun, check = verified(begun, recorder)
    recorder.go_on()
    chosen = find_format(asked.format)
    members = notebook_members(begun) if chosen.suffix == ".ipynb" else program_members(begun)
    text = next(iter(members.values()))
    assert isinstance(text, str), "the first member is the code"
    write_atomically(folder / chosen.file, lambda file: file.write(text.encode()))
    write_members(folder / PACKAGE, members)
    return check | {"bytes": file_bytes(folder / chosen.file)}


def program_members(begun: Begun) -> Members:
    """The files of a program's package by their names, `train.py` first."""
    words = _words(begun, PROGRAM, f"python {PROGRAM} --images IMAGES.zip")
    return {
        PROGRAM: program(begun.recipe),
        "README.md": words,
        **_beside(begun, texts(begun.recipe)),
    }


def notebook_members(begun: Begun) -> Members:
    """The files of a notebook's package by their names, `train.ipynb` first."""
    words = _words(begun, NOTEBOOK, f"jupyter lab {NOTEBOOK}")
    beside = _beside(begun, texts(begun.recipe, is_notebook=True))
    return {NOTEBOOK: notebook(begun.recipe), "README.md": words, **beside}


def _words(begun: Begun, code: str, run_with: str) -> str:
    images = len(begun.data.train) + len(begun.data.validation)
    return readme(begun.recipe, code, len(begun.order), images, run_with=run_with)


def _beside(begun: Begun, words: Mapping[str, str]) -> Members:
    weights = {
        weight.path: weight.numpy() for layer in begun.model.layers for weight in layer.weights
    }
    return {
        "files.csv": files_table(_rows(begun)),
        "init.npz": arrays(weights),
        "order.npz": arrays({"order": begun.order}),
        **words,
    }


def _rows(begun: Begun) -> Iterator[FileRow]:
    config, data = begun.recipe.config, begun.data
    index = ImageIndex(dataset_folder(home_of_work(), config.dataset))
    names, hashes = zipped_names(index), index.hashes
    clean = set(data.train[clean_train_subset(data.labels[data.train], config.split.seed)].tolist())
    sample = set(begun.sample.tolist())
    for part, rows in ((TRAIN, data.train), (VALIDATION, data.validation)):
        for row in rows.tolist():
            label = data.class_names[data.labels[row]]
            yield FileRow(names[row], label, part, hashes[row], row in clean, row in sample)


def verified(begun: Begun, recorder: JobRecorder) -> tuple[Begun, ExportCheck]:
    """See in a Python of its own that a program begins as its run did.

    Returns:
        What to write it of: pictures that turn out not to be ordinary are prepared by the product's
        own text; and what was found.

    Raises:
        ExportError: its initial network, its pictures or its list of files are others.
    """
    began, check = _tried(begun, recorder)
    if begun.recipe.is_plain and not _has_same_images(begun, began):
        begun = replace(begun, recipe=replace(begun.recipe, is_plain=False))
        began, check = _tried(begun, recorder)
    if not _has_same_images(begun, began):
        raise ExportError(
            "The program prepares pictures otherwise than training did, so it isn't offered: "
            "report this with the kind of your pictures."
        )
    if began.rows != [(row.file, row.label) for row in _rows(begun)]:
        raise ExportError(
            "The program reads another list of files than was written, so it isn't offered: report "
            "this with the names of your files and classes."
        )
    difference, precision = check["max_abs_difference"], begun.recipe.config.training.precision
    most = _MOST_DIFFERENCE.get(precision, _MOST_DIFFERENCE_MIXED)
    if difference is None or not difference <= most:
        raise ExportError(
            f"The program doesn't begin with the run's network, so it isn't offered: the largest "
            f"difference of a probability is {difference:.2g} (at most {most:g})."
        )
    return begun, check


def _tried(begun: Begun, recorder: JobRecorder) -> tuple[Began, ExportCheck]:
    from cnnlab.training.judging.evaluate import predict  # noqa: PLC0415 - it is loaded by now

    data = begun.data
    rows = data.validation[spread(len(data.validation), _TRIED_IMAGES)]
    index = ImageIndex(dataset_folder(home_of_work(), begun.recipe.config.dataset))
    pictures = [index.read_bytes(int(row)) for row in rows]
    expected = predict(begun.model, data.images, rows)
    with beating(recorder):  # the other process has a time limit
        began = begin_alone(program_members(begun), pictures)
    difference = float(np.max(np.abs(began.predicted - expected)))
    return began, {
        "max_abs_difference": difference,
        "top1_agreement": float(np.mean(began.predicted.argmax(1) == expected.argmax(1))),
        "milliseconds_per_image": None,
        "bytes": 0,
        "images": len(rows),
        "of_images": len(data.validation),
        "verified": (
            f"Run in a Python of its own, without cnnlab, it prepares "
            f"{counted(len(rows), 'validation image')} to the same pixels, and its initial network "
            f"says of them what the run's said (largest difference {difference:.1g}); whether it "
            "ends alike is seen by training"
        ),
    }


def _has_same_images(begun: Begun, began: Began) -> bool:
    rows = begun.data.validation[spread(len(begun.data.validation), _TRIED_IMAGES)]
    return bool(np.array_equal(began.images, begun.data.images[rows]))
