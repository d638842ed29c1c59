"""Early stopping as a pure function of the history, so that a resumed run stops where it would."""

from collections.abc import Sequence

from cnnlab.domain.config.regularization import EarlyStopping
from cnnlab.domain.records.training import EpochRecord


def stops_early(
    wanted: EarlyStopping | None, records: Sequence[EpochRecord], first_epoch: int = 0
) -> bool:
    """Whether a run ends after the epochs in `records` (as Keras' EarlyStopping).

    Args:
        wanted: the config's part; None never stops.
        records: of the finished epochs; a value of None is no improvement.
        first_epoch: 0-based, with which the last phase begins. Those before it are run in full:
            that the last layer has learnt all it can is no reason to train no other.
    """
    if wanted is None or len(records) <= first_epoch:
        return False
    sign = 1 if wanted.monitor == "val_accuracy" else -1
    best, waited = -float("inf"), 0
    for record in records[first_epoch:]:
        value = record[wanted.monitor]
        if value is not None and sign * value > best + wanted.min_delta:
            best, waited = sign * value, 0
        else:
            waited += 1
    return waited >= wanted.patience_epochs
