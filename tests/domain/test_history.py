from hypothesis import given
from hypothesis import strategies as st

from cnnlab.domain.history import best_epoch, gap, thin
from cnnlab.domain.records.training import EpochRecord

OLD_FIELDS = {
    "loss": 1.0,
    "cross_entropy": 0.9,
    "accuracy": 0.6,
    "penalty": 0.1,
    "clean_cross_entropy": 0.8,
    "clean_accuracy": 0.7,
    "val_cross_entropy": 1.0,
    "val_accuracy": 0.5,
    "learning_rate": 0.01,
    "seconds": 2.0,
    "images_per_second": 100.0,
}


def test_a_record_may_lack_only_what_earlier_versions_did_not_write():
    assert EpochRecord.__required_keys__ == OLD_FIELDS.keys() | {"epoch"}


def test_old_records_without_the_newer_keys_are_read():
    old = [OLD_FIELDS | {"epoch": 0}, OLD_FIELDS | {"epoch": 1, "val_accuracy": 0.6}]
    assert best_epoch(old) == 1
    assert gap(old[0]) == 0.7 - 0.5


def test_thinning_keeps_the_ends():
    assert thin(range(5), 10) == [0, 1, 2, 3, 4]
    assert thin(range(1000), 4) == [0, 333, 666, 999]


@given(st.integers(0, 5000), st.integers(2, 400))
def test_thinning_keeps_both_ends_and_the_order(count, limit):
    kept = thin(range(count), limit)
    assert len(kept) == min(count, limit)
    assert kept == sorted(set(kept))
    assert not count or (kept[0], kept[-1]) == (0, count - 1)
