"""Early stopping as a pure function of the history, so that a resumed run stops where it would."""

from collections.abc import Sequence

from cnnlab.domain.config.regularization import EarlyStopping
from cnnlab.domain.records.training import EpochRecord


def stops_early(wanted: EarlyStopping | None, records: Sequence[EpochRecord]) -> bool:
    """Whether a run ends after the epochs in `records` (as Keras' EarlyStopping).

    Args:
        wanted: the config's part; None never stops.
        records: of the finished epochs; a value of None is no improvement.
    """
    if wanted is None:
        return False
    sign = 1 if wanted.monitor == "val_accuracy" else -1
    best, waited = -float("inf"), 0
    for record in records:
        value = record[wanted.monitor]
        if value is not None and sign * value > best + wanted.min_delta:
            best, waited = sign * value, 0
        else:
            waited += 1
    return waited >= wanted.patience_epochs
