"""What a worker does to try a config out."""

import contextlib

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import StorageError
from cnnlab.domain.records.preflight import PreflightOutcome
from cnnlab.jobs.kinds.preflight import PreflightRequest
from cnnlab.storage.job_folder import JobFolder, JobRecorder
from cnnlab.storage.precision_gains import keep_precision, measured_precision
from cnnlab.worker.data import load_data
from cnnlab.worker.pretrained import start_weights
from cnnlab.worker.process.homes import home_of_work
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
    home = home_of_work()
    known = measured_precision(home, config) if work.request.anew_at is None else None
    outcome = preflight(config, data, work.recorder, start, known)
    found = outcome["other_precision"]
    if found is not None and found is not known and outcome["device"].startswith("CPU"):
        with contextlib.suppress(StorageError):  # the next check measures it again
            keep_precision(home, config, found)
    return outcome
