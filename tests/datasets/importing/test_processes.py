import os
import signal
from pathlib import Path

import numpy as np
import pytest

from cnnlab.datasets.importing.candidates import find_candidates
from cnnlab.datasets.importing.processes import ProcessPool, count_early
from cnnlab.datasets.pictures.appearance import LOOK
from cnnlab.domain.errors import StorageError
from tests.waiting import wait_until

WORKER = "cnnlab.datasets.importing.import_worker"


@pytest.fixture
def tasks(tmp_path):
    looks = np.zeros(30, LOOK)
    looks["glance"] = np.random.default_rng(0).integers(0, 99, (30, 16, 16))
    looks["glance"][7] = looks["glance"][3] + 1
    np.save(tmp_path / "looks.npy", looks)
    common = {"looks": str(tmp_path / "looks.npy"), "rows": list(range(30)), "shares": 2}
    return [common | {"share": share} for share in range(2)]


def test_a_pool_does_round_after_round(tasks):
    with ProcessPool(WORKER) as pool:
        pool.start(3)
        assert pool.size == 3
        for _ in range(2):
            assert list(pool.run(find_candidates, tasks)) == [{"pairs": [[3, 7]], "tiles": 1}]
        children = [child.pid for child in pool._children]
    for pid in children:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_process_that_reads_uploads_has_no_key_of_a_bucket(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    with ProcessPool(WORKER) as pool:
        pool.start(1)
        # Linux lays it out a moment after the process is there.
        given = wait_until(Path(f"/proc/{pool._children[0].pid}/environ").read_bytes)
    assert b"PATH=" in given and b"hidden" not in given


def test_one_task_is_done_here(tasks):
    with ProcessPool("no.such.module") as pool:
        assert list(pool.run(find_candidates, tasks[:1])) == [{"pairs": [[3, 7]], "tiles": 1}]
        assert pool.size == 1


def test_a_process_that_ended_before_its_task_is_told(tasks):
    with ProcessPool(WORKER) as pool:
        pool.start(2)
        os.kill(pool._children[0].pid, signal.SIGKILL)
        with pytest.raises(StorageError, match="exit code=-9"):
            list(pool.run(find_candidates, tasks))


def test_processes_start_early_for_large_uploads_only(tmp_path):
    small, large = tmp_path / "small.zip", tmp_path / "large.zip"
    small.write_bytes(b"PK")
    with large.open("wb") as file:
        file.truncate(2**25)
    assert [count_early(path, 3) for path in (small, large, tmp_path, tmp_path / "no")] == [
        *(1, 3, 1, 1)
    ]
