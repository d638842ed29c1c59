"""What a worker does to prepare what is taken along of a run that has ended."""

from collections.abc import Callable

from cnnlab.domain.records.export import ExportCheck
from cnnlab.jobs.kinds.export import ExportRequest
from cnnlab.storage.job_folder import JobFolder, JobRecorder
from cnnlab.worker.kept import KeptModel, load_kept
from cnnlab.worker.process.work import Work
from cnnlab.worker.taking_along.model_file import write_model
from cnnlab.worker.taking_along.script import write_code
from cnnlab.worker.taking_along.web_page import write_web_page

ExportWork = Work[ExportRequest, JobFolder, JobRecorder]

_WRITERS: dict[str, Callable[[ExportWork, KeptModel], ExportCheck]] = {
    "notebook": write_code,
    "script": write_code,
    "web_page": write_web_page,
}
"""What writes a format that isn't a model file alone, by the format's name."""


def export(work: ExportWork) -> ExportCheck:
    """Build the kept model from its training states, write it, and load it again elsewhere.

    The run's own files stay as they are.

    Raises:
        CnnlabError: there is no state to build it from, or the file can't be offered.
    """
    asked, recorder = work.request, work.recorder
    kept = load_kept(asked.run, asked.attempt, recorder, work.wait_for_training, work.device)
    if asked.format in _WRITERS:
        return _WRITERS[asked.format](work, kept)
    return write_model(
        work.files.folder,
        recorder,
        kept,
        asked.format,
        temperature=asked.temperature,
        threshold=asked.threshold,
    )
