from cnnlab.domain.history import best_epoch, gap
from cnnlab.domain.records.training import EpochRecord

OLD_FIELDS = {
    "loss": 1.0, "cross_entropy": 0.9, "accuracy": 0.6, "penalty": 0.1, "clean_cross_entropy": 0.8,
    "clean_accuracy": 0.7, "val_cross_entropy": 1.0, "val_accuracy": 0.5, "learning_rate": 0.01,
    "seconds": 2.0, "images_per_second": 100.0,
}  # fmt: skip


def test_a_record_may_lack_only_what_earlier_versions_did_not_write():
    assert EpochRecord.__required_keys__ == OLD_FIELDS.keys() | {"epoch"}


def test_old_records_without_the_newer_keys_are_read():
    old = [OLD_FIELDS | {"epoch": 0}, OLD_FIELDS | {"epoch": 1, "val_accuracy": 0.6}]
    assert best_epoch(old) == 1
    assert gap(old[0]) == 0.7 - 0.5
