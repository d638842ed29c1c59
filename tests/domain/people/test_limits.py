"""What a quota allows, and what is said where it doesn't."""

import pytest

from cnnlab.domain.errors import QuotaError
from cnnlab.domain.people.limits import check_disk, check_queue, startable, why_waits
from cnnlab.domain.people.workspace import NO_QUOTA, Quota

GB = 1024**3


def test_without_a_quota_everything_may():
    assert startable(NO_QUOTA, 100, 1e9) is None
    assert why_waits(NO_QUOTA, 100, 1e9) == ""
    check_queue(NO_QUOTA, 10_000, 10_000)
    check_disk(NO_QUOTA, 10**15, 10**15)


@pytest.mark.parametrize(("running", "more"), [(0, 2), (1, 1), (2, 0), (3, 0)])
def test_so_many_runs_may_train_at_the_same_time(running, more):
    assert startable(Quota(running_runs=2), running, 0.0) == more


def test_a_day_has_so_many_hours_of_training():
    quota = Quota(running_runs=2, hours_a_day=1.5)
    assert startable(quota, 0, 5399.0) == 2
    assert startable(quota, 0, 5400.0) == 0
    assert "1.5 h" in why_waits(quota, 0, 5400.0)
    assert "midnight (UTC)" in why_waits(quota, 0, 5400.0)
    assert startable(Quota(hours_a_day=0), 0, 0.0) == 0


def test_who_waits_for_runs_of_its_own_is_told_so():
    assert "2 runs may train" in why_waits(Quota(running_runs=2), 2, 0.0)
    assert why_waits(Quota(running_runs=2), 1, 0.0) == ""


def test_too_many_that_wait_are_refused():
    check_queue(Quota(queued_runs=3), 1, 2)
    with pytest.raises(QuotaError, match="3 runs may wait.*2 do, and 2 more"):
        check_queue(Quota(queued_runs=3), 2, 2)


def test_too_much_on_the_disk_is_refused():
    quota = Quota(disk_bytes=GB)
    check_disk(quota, GB - 1)
    check_disk(quota, GB // 2, GB // 2)
    for used, more in ((GB, 0), (GB // 2, GB // 2 + 1)):
        with pytest.raises(QuotaError, match=r"may take 1\.0? ?GB|may take 1"):
            check_disk(quota, used, more)
