from cnnlab.domain.history import EpochRecord, best_epoch, gap

OLD_FIELDS = {
    "loss": 1.0, "cross_entropy": 0.9, "accuracy": 0.6, "penalty": 0.1, "clean_cross_entropy": 0.8,
    "clean_accuracy": 0.7, "val_cross_entropy": 1.0, "val_accuracy": 0.5, "learning_rate": 0.01,
    "seconds": 2.0, "images_per_second": 100.0,
}  # fmt: skip


def test_what_an_earlier_version_recorded_is_still_a_record():
    record = EpochRecord(epoch=0, **OLD_FIELDS).to_json()
    assert record == OLD_FIELDS | {
        "epoch": 0, "evaluation_seconds": 0.0, "memorized": None, "rescued": None, "weights": []
    }  # fmt: skip


def test_old_records_without_the_newer_keys_are_read():
    old = [OLD_FIELDS | {"epoch": 0}, OLD_FIELDS | {"epoch": 1, "val_accuracy": 0.6}]
    assert best_epoch(old) == 1
    assert gap(old[0]) == 0.7 - 0.5
