"""What a worker does to try a config out."""

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.records.preflight import PreflightOutcome
from cnnlab.jobs.kinds.preflight import PreflightRequest
from cnnlab.storage.job_folder import JobFolder, JobRecorder
from cnnlab.worker.data import load_data
from cnnlab.worker.pretrained import start_weights
from cnnlab.worker.process.work import Work


def try_out(work: Work[PreflightRequest, JobFolder, JobRecorder]) -> PreflightOutcome:
    """Try a config out before its launch.

    Raises:
        CnnlabError: a run with this config would fail.
    """
    config = load_config(work.request.config)
    data = load_data(config, work.recorder, work.wait_for_training)
    from cnnlab.training.preflight.preflight import preflight  # noqa: PLC0415 - loaded by now

    start = start_weights(work.files.folder, config, data.class_names, work.recorder)
    return preflight(config, data, work.recorder, start)
