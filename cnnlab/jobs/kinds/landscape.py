"""Measuring the loss around the solutions of a study's runs, and on the lines between them."""

from dataclasses import dataclass

from cnnlab.domain.records.solutions import MeasuredRun, StudyLandscape
from cnnlab.jobs.kind import Kind, Priority

KEPT = "landscape.json"
"""In the job's folder: what was measured last, there while more is being measured."""


@dataclass(frozen=True)
class LandscapeRequest:
    """What is measured.

    Attributes:
        runs: whose solutions, seed by seed.
        reference: name of the arm that lines begin at.
    """

    runs: list[MeasuredRun]
    reference: str


KIND = Kind(
    name="landscape",
    function="cnnlab.worker.solutions.landscape:measure_landscape",
    request=LandscapeRequest,
    answer=StudyLandscape,
    words="Measuring the loss landscape",
    priority=Priority.QUEUE,
    retries=2,
    time_limit_seconds=8 * 3600,
)
"""Its folder lies in that of the study, and goes with it."""
