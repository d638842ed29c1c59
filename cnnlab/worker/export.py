"""What a worker does to prepare the model of a run that has ended."""

from cnnlab.domain.records.result import ExportCheck
from cnnlab.jobs.kinds.export import ExportRequest
from cnnlab.storage.job_folder import JobFolder, JobRecorder
from cnnlab.worker.kept import load_kept
from cnnlab.worker.model_file import write_model
from cnnlab.worker.work import Work


def export(work: Work[ExportRequest, JobFolder, JobRecorder]) -> ExportCheck:
    """Build the kept model from its training states, write it, and load it again elsewhere.

    The run's own files stay as they are.

    Raises:
        CnnlabError: there is no state to build it from, or the file can't be offered.
    """
    asked, recorder = work.request, work.recorder
    kept = load_kept(asked.run, asked.attempt, recorder, work.wait_for_training, work.device)
    folder, temperature = work.files.folder, asked.temperature
    return write_model(folder, recorder, kept, asked.format, temperature=temperature)
