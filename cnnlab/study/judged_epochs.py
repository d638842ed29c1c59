"""Where in its training a run is judged, and what it is worth there."""

import math
from collections.abc import Mapping, Sequence

from cnnlab.domain.records.training import ComparedMetric
from cnnlab.study.bands import curve


def mean_of_last(
    records: Sequence[Mapping[str, object]], epochs: int, metric: ComparedMetric
) -> float:
    """The mean of a metric over the last epochs of a run; NaN where one of them isn't known.

    Args:
        records: of all its epochs, in order.
        epochs: how many count; of a run with fewer all do.
        metric: what of them.
    """
    values = curve(records[-epochs:], metric)
    return math.fsum(values) / len(values) if values else math.nan
