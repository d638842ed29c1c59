"""Taking units from the models of a study's runs, to see how redundant they are."""

from dataclasses import dataclass

from cnnlab.domain.records.solutions import MeasuredRun, StudyUnits
from cnnlab.jobs.kind import Kind, Priority

KEPT = "units.json"
"""In the job's folder: what was measured last, there while more is being measured."""


@dataclass(frozen=True)
class UnitsRequest:
    """What is measured.

    Attributes:
        runs: whose models, seed by seed.
    """

    runs: list[MeasuredRun]


KIND = Kind(
    name="units",
    function="cnnlab.worker.solutions.units:measure_units",
    request=UnitsRequest,
    answer=StudyUnits,
    words="Measuring with units removed",
    priority=Priority.QUEUE,
    retries=2,
    time_limit_seconds=8 * 3600,
)
"""Its folder lies in that of the study, and goes with it."""
