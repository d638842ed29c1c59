"""What a worker does to find a learning rate for a config."""

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.records.lr_test import LrTestOutcome
from cnnlab.jobs.kinds.lr_test import LrTestRequest
from cnnlab.storage.job_folder import JobFolder, JobRecorder
from cnnlab.worker.data import load_data
from cnnlab.worker.pretrained import start_weights
from cnnlab.worker.process.work import Work


def test_rates(work: Work[LrTestRequest, JobFolder, JobRecorder]) -> LrTestOutcome:
    """Train a few times for some steps with a rising rate.

    Raises:
        CnnlabError: a run with this config would fail, or wouldn't take the rate.
    """
    config = load_config(work.request.config)
    data = load_data(config, work.recorder, work.wait_for_training)
    from cnnlab.training.lr_test.lr_test import lr_test  # noqa: PLC0415 - loaded by now

    start = start_weights(work.files.folder, config, data.class_names, work.recorder)
    return lr_test(config, data, work.recorder, start)
