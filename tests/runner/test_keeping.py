"""The supervisor's part in keeping things in a bucket: it asks for a worker, and again."""

import os
import signal

import pytest

from cnnlab.domain.run import Status
from cnnlab.jobs.asking import job_folder, queue_is_empty
from cnnlab.jobs.kinds.keep import KIND
from cnnlab.runner.keeping import PAUSES_SECONDS, Keeper
from cnnlab.storage.bucket.notes import DELETED


@pytest.fixture
def keeping(place, monkeypatch):
    """A bucket is named; the light workers put nothing there, and nobody answers."""
    monkeypatch.setenv("CNNLAB_STORAGE", "s3://lab?endpoint_override=http://127.0.0.1:1")
    place.supervisor = place.new_supervisor()
    return place


def files(place):
    return job_folder(place.home, KIND, "bucket")


def tries(place):
    path = files(place).folder / "tries"
    return len(path.read_text().split()) if path.exists() else 0


def wait_for_tries(place, count):
    def tick():
        look_on(place)
        return tries(place) >= count and files(place).result.exists()

    place.wait_until(tick)


def settle(place):
    """Until there is nothing more to do."""

    place.wait_until(lambda: not look_on(place))


def look_on(place):
    """One more round, later if nobody is at work: one who is would be too slow on our clock."""
    if queue_is_empty(place.home):
        place.now += 5
    return place.supervisor.tick()


def test_a_run_that_has_ended_is_a_reason_and_one_that_trains_is_none(keeping):
    settle(keeping)
    run = keeping.add("a", 2, waits_after=0)
    keeping.wait_for_epochs(run, 1)
    keeping.pass_time(20)
    assert tries(keeping) == 1
    keeping.attempt(run).ask_to_stop()
    keeping.wait(run, Status.STOPPED)
    wait_for_tries(keeping, 2)


def test_what_comes_or_is_deleted_is_a_reason_and_then_the_supervisor_may_leave(keeping):
    settle(keeping)
    for count, folder in ((2, "datasets"), (3, f"bucket/{DELETED}")):
        (keeping.home.root / folder / "new").mkdir(parents=True)
        wait_for_tries(keeping, count)
        settle(keeping)
        assert tries(keeping) == count


def test_after_a_failure_it_is_tried_again_later(keeping):
    folder = files(keeping).folder
    folder.mkdir(parents=True)
    (folder / "plan.json").write_text('{"fails": "The bucket is away."}')
    wait_for_tries(keeping, 1)
    keeping.pass_time(PAUSES_SECONDS[0] + 5)
    wait_for_tries(keeping, 2)
    (folder / "plan.json").unlink()
    keeping.pass_time(sum(PAUSES_SECONDS[:2]))
    wait_for_tries(keeping, 3)
    settle(keeping)


def test_a_worker_that_is_killed_is_followed_by_another(keeping):
    keeping.ask("keep", "bucket", waits=True)
    path = files(keeping).folder / "tries"
    keeping.wait_until(lambda: path.exists() and path.read_text())
    (files(keeping).folder / "plan.json").unlink()
    os.kill(int(path.read_text().split()[-1]), signal.SIGKILL)
    wait_for_tries(keeping, 2)


@pytest.mark.parametrize("named", ["", "{home}", "s3://no bucket"])
def test_without_a_bucket_nobody_is_asked(place, monkeypatch, named):
    monkeypatch.setenv("CNNLAB_STORAGE", named.format(home=place.home.root))
    place.supervisor = place.new_supervisor()
    place.pass_time(10)
    assert not files(place).request.exists()


def test_what_was_corrected_is_tried_at_once(keeping):
    folder = files(keeping).folder
    folder.mkdir(parents=True)
    (folder / "plan.json").write_text('{"fails": "The keys are wrong."}')
    wait_for_tries(keeping, 1)
    keeping.pass_time(5)
    (folder / "plan.json").unlink()
    keeping.supervisor.see_settings()
    before = keeping.now

    def is_tried():
        keeping.pass_time(0.02)
        return tries(keeping) == 2

    keeping.wait_until(is_tried)
    assert keeping.now - before < PAUSES_SECONDS[0]


def test_while_the_storage_is_away_nothing_is_made_in_its_place(keeping):
    settle(keeping)
    keeping.home.root.rename(keeping.home.root.with_name("away"))
    keeper = Keeper(keeping.home, lambda: 100.0)
    assert keeper.tick()  # it is to be done yet
    assert not keeping.home.root.exists()
    keeping.home.root.with_name("away").rename(keeping.home.root)
