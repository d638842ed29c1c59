"""Writing a model file with its package, and loading it again elsewhere to compare."""

from pathlib import Path

from cnnlab.domain.records.result import ExportCheck
from cnnlab.exports.about import About
from cnnlab.exports.format import package_texts, spread
from cnnlab.exports.table import KERAS, find_format
from cnnlab.storage.job_folder import JobRecorder
from cnnlab.storage.package import PACKAGE, write_package
from cnnlab.worker.beating import beating
from cnnlab.worker.kept import KeptModel


def write_model(
    folder: Path,
    recorder: JobRecorder,
    kept: KeptModel,
    export_format: str = KERAS,
    *,
    temperature: float | None = None,
) -> ExportCheck:
    """Write the model file of a format and a package with it; return how it compares elsewhere.

    Args:
        folder: where both go.
        recorder: is told what is being done.
        kept: the model, whose weights are those to give away, with its config and data.
        export_format: a name of the table of formats.
        temperature: by which its logits are divided; None leaves them as they are.

    Raises:
        ExportError: it can't be written in this format, or computes something else there.
        StorageError: the disk is full.
    """
    from cnnlab.training.judging.reference import (  # noqa: PLC0415 - it is loaded by now
        divide_logits,
        float32_clone,
        reference_probabilities,
    )

    chosen, given, data = find_format(export_format), float32_clone(kept.model), kept.data
    if temperature is not None:
        divide_logits(given, temperature)
    recorder.phase(f"Writing the model file and checking it in {chosen.runtime}")
    about = About(tuple(data.class_names), kept.config.image, data.value_range, temperature)
    file = folder / chosen.file
    sample = data.images[data.validation[spread(len(data.validation))]]
    chosen.save(given, file, about)
    recorder.beat()
    expected = reference_probabilities(given, sample, recorder.beat)
    with beating(recorder):  # the other process has a time limit; what hangs here must be seen
        check = chosen.verify(file, sample, expected)
    recorder.go_on()
    write_package(folder / PACKAGE, file, package_texts(chosen, about))
    return check
