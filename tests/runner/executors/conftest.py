import pytest

from cnnlab.runner.executors.ray_jobs import RayJobsExecutor
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.home import open_home
from cnnlab.worker.process.channel import Job
from tests.runner.executors.listed import EXECUTORS, PLAYED
from tests.runner.executors.played import PlayedCluster
from tests.runner.place import Place

ON_RAY = {
    "test_of_many_starts_at_once_one_counts",
    "test_a_job_without_a_folder_is_not_started",
    "test_a_killed_job_leaves_no_result_and_may_be_started_again",
    "test_a_job_goes_on_without_its_executor_and_the_next_one_has_it",
    "test_a_killed_worker_starts_again_at_once_and_goes_on",
    "test_a_worker_that_lives_on_after_its_successor_was_started_ends_without_a_word",
}
"""What of the contract a real cluster plays in `tests/check.py --ray`, the rest only with `-m ''`:
it takes seconds for each job. `test_ray_jobs.py` plays the same with no process."""

ON_A_NODE = ON_RAY | {
    "test_a_job_that_is_started_twice_has_one_worker",
    "test_jobs_run_side_by_side_and_each_worker_is_told_its_device",
    "test_a_lost_worker_is_noticed_and_what_is_known_of_it_stays_the_same",
    "test_rounds_without_a_job_disturb_none",
    "test_a_worker_that_hangs_is_killed_and_its_run_goes_on",
    "test_a_worker_that_died_while_nobody_watched_is_noticed",
    "test_a_new_supervisor_adopts_a_living_run",
    "test_a_job_of_another_kind_that_nobody_wants_any_more_is_ended",
}
"""What of it the check plays on a node, which is the tests' own: each sort of start, end, loss and
adoption, and how a device gets to its worker. What only the supervisor does is told by the local
executor alone."""

SHORT = {"ray": ON_RAY, "node": ON_A_NODE}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        params = item.callspec.params if hasattr(item, "callspec") else {}
        short = SHORT.get(params.get("place"))
        if short and item.originalname not in short:
            item.add_marker(pytest.mark.exhaustive)


@pytest.fixture(params=PLAYED)
def place(request, home, monkeypatch):
    """Like the supervisor tests' own, with each executor in turn; `kind` is its name."""
    monkeypatch.setenv("CNNLAB_WARM_WORKERS", "1")
    if request.param == "ray":
        request.getfixturevalue("ray_cluster")
    place = Place(home, EXECUTORS[request.param])
    place.kind = request.param
    yield place
    place.close()


@pytest.fixture
def cluster():
    return PlayedCluster()


@pytest.fixture
def make(home, cluster, clock):
    """Makes executors; the later ones know nothing of the earlier ones."""
    open_home()
    return lambda **options: RayJobsExecutor(home, api=cluster, clock=clock, **options)


@pytest.fixture
def attempt(home):
    open_home()
    attempt = Attempt(home / "runs" / "Run_1" / "attempt-1")
    attempt.create({})
    return attempt


@pytest.fixture
def job(attempt):
    return Job("Run_1", str(attempt.folder))
