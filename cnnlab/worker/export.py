"""What a worker does to prepare the model of a run that has ended."""

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.dials import turned_by
from cnnlab.domain.records.result import ExportCheck
from cnnlab.jobs.kinds.export import ExportRequest
from cnnlab.storage.attempt import Attempt
from cnnlab.storage.checkpoints import load_states
from cnnlab.storage.home import open_home
from cnnlab.storage.job_folder import JobFolder, JobRecorder
from cnnlab.worker.data import load_data
from cnnlab.worker.model_file import write_model
from cnnlab.worker.work import Work


def export(work: Work[ExportRequest, JobFolder, JobRecorder]) -> ExportCheck:
    """Build the kept model from its training states, write it, and load it again elsewhere.

    The run's own files stay as they are.

    Raises:
        CnnlabError: there is no state to build it from, or the file can't be offered.
    """
    recorder = work.recorder
    attempt = Attempt(open_home().attempt(work.request.run, work.request.attempt))
    config = turned_by(load_config(attempt.read_config()), attempt.turns())
    data = load_data(config, recorder, work.wait_for_training)
    from cnnlab.training.devices.device import choose_device  # noqa: PLC0415 - loaded by now
    from cnnlab.training.devices.replicas import computing_on  # noqa: PLC0415
    from cnnlab.training.loop.kept import build_kept_model  # noqa: PLC0415

    recorder.phase("Building the model")
    states = load_states(attempt.checkpoints)
    with computing_on(choose_device(work.device or config.training.device)):
        model = build_kept_model(
            config,
            data.image_shape,
            data.classes,
            last_state=states["state"],
            best_state=states["best_state"],
        )
        return write_model(work.files.folder, recorder, config, data, model, work.request.format)
