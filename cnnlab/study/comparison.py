"""One arm against the reference: what is known of it, and the verdict."""

from dataclasses import dataclass
from enum import StrEnum

from cnnlab.domain.records.training import ComparedMetric
from cnnlab.domain.study import Scope
from cnnlab.study.chance.fresh_run import BetterNext
from cnnlab.study.chance.paired import FEWEST_PAIRS
from cnnlab.study.scopes import ScopedInterval
from cnnlab.study.wording import CANNOT_TELL_YET, SAID, split_words, too_little


class Verdict(StrEnum):
    """What is known of an arm against the reference."""

    HELPS = "helps"
    HURTS = "hurts"
    NO_DIFFERENCE = "no_difference"
    CANNOT_TELL = "cannot_tell"
    REFERENCE = "reference"


CLAIMS = (Verdict.HELPS, Verdict.HURTS)
"""Verdicts that a difference was shown."""


@dataclass(frozen=True)
class Comparison:
    """One arm against the reference on one metric.

    Attributes:
        arm: its name.
        metric: name of the metric.
        seeds: pairs that were compared; of the reference, its values.
        mean: mean difference, arm minus reference, in the metric's own units (accuracy as a
            fraction); None without pairs and for the reference.
        low: lower end of the interval that the verdict rests on; None below three pairs, for the
            reference, and where all differences are equal and the metric has no resolution. `high`,
            `confidence` and the p values likewise.
        high: upper end of the interval.
        confidence: of the interval, 0..1, as the correction for several arms gives it to this
            arm; of `no_difference` that of two one-sided tests.
        p: of the test of this arm alone, that of the paired t where it isn't anchored.
        p_adjusted: for all arms of the study, with the guard against lopsided spreads; that an arm
            helps or hurts needs at most alpha.
        verdict: None where the metric makes no verdict and a difference was found (`words` says
            which).
        more_seeds: about how many more would tell, if the effect is at least as large as is likely;
            None where told, and where even 50 seeds may be too few.
        words: the verdict as one plain sentence.
        primary: whether this is the metric chosen before the launch; the promise on false claims
            holds for it alone.
        these_images: the difference on these validation images, whose seeds are random.
        new_images: on new images of this kind: seeds and images are random.
        margin: up to it differences don't matter, in the metric's own units.
        scope: which of the two the verdict is about.
        collapses: seeds that lie far off the others.
        is_open: whether planned runs are missing, so that nothing is judged yet.
        better_next: how likely it beats the reference on a fresh run; None with fewer than three
            pairs, where a seed collapsed, where the runs that there are may mislead, and in a study
            that is watched: its interval doesn't hold for looks after every seed.
        is_anchored: whether its luck was told by the images and all arms together (`anchored`).
    """

    arm: str
    metric: ComparedMetric
    seeds: int
    mean: float | None
    low: float | None
    high: float | None
    confidence: float | None
    p: float | None
    p_adjusted: float | None
    verdict: Verdict | None
    more_seeds: int | None
    words: str
    primary: bool
    these_images: ScopedInterval
    new_images: ScopedInterval
    margin: float
    scope: Scope
    collapses: int = 0
    is_open: bool = False
    is_anchored: bool = False
    better_next: BetterNext | None = None

    def in_scope(self, scope: Scope) -> ScopedInterval:
        """The difference as one scope sees it."""
        return self.new_images if scope == "new_images" else self.these_images

    @property
    def is_early(self) -> bool:
        """Whether nothing can be told yet: runs are missing, or there are too few seeds."""
        is_waiting = self.is_open or self.seeds < FEWEST_PAIRS
        return self.verdict is Verdict.CANNOT_TELL and is_waiting

    @property
    def said(self) -> str:
        """The verdict in a few words: `helps`, `can't tell yet`, `hurts, too little to matter`."""
        if self.is_early:
            return CANNOT_TELL_YET
        said = SAID[self.verdict or Verdict.CANNOT_TELL]
        return f"{said}, {self.too_little}" if self.too_little else said

    @property
    def too_little(self) -> str:
        """That what is claimed is, or may be, less than matters; empty where it surely is more."""
        if self.verdict not in CLAIMS or self.mean is None:
            return ""
        if self.low is None or self.high is None:
            return ""
        return too_little(self.mean, self.low, self.high, self.margin)

    @property
    def words_in_two(self) -> tuple[str, str]:
        """Its words as `split_words` has them, a claim begun with all that is said of it."""
        begun, rest = split_words(self.words)
        return (self.said.capitalize() if self.too_little and begun else begun), rest
