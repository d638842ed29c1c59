"""The rules of a study's verdicts in words: where runs are judged, margin, scope and looks.

They are chosen before the launch; form, page, report and story tell them alike.
"""

from collections.abc import Iterable, Mapping

from cnnlab.domain.arms import change_words, same_size
from cnnlab.domain.config.dotted import value_at
from cnnlab.domain.study import IMAGE_METRICS, About, Kind, Scope, Study
from cnnlab.domain.words import exact_percent
from cnnlab.study.chance.anchored import most_seeds
from cnnlab.study.chance.looks import ALPHA, alpha_spent
from cnnlab.study.comparison import Comparison
from cnnlab.study.scopes import ScopedInterval
from cnnlab.study.wording import GAP_RULE, METRICS, SCOPES, looks_words, where_words

ABOUT: dict[About, str] = {
    "these_images": "these validation images",
    "these_splits": "the images of this dataset, however they are split",
    "new_images": "new images of this kind",
}
"""What verdicts are about, in words."""
STOPS_EARLY = (
    "An arm that stops early ends where its last epochs are low by chance, so it is judged a few "
    "tenths of a point too low."
)
"""Measured by `tests/benchmarks/judged_at.py`: epochs that jump by 2 points, patience 3 to 10."""
TOGETHER = (
    "An arm helps or hurts only where its difference is more than luck would make. With so few "
    "seeds luck is measured over all arms, and by which images are right with one seed and wrong "
    "with another; the arm's own seeds must agree."
)
"""How arms are judged together (`anchored`), in words."""
WATCHED = (
    "It is watched: verdicts come after every complete seed and may be looked at whenever you "
    "like, by a test that finds about half as much."
)
_STOPPING = "regularization.early_stopping"


def other_scope(study: Study) -> Scope:
    """The scope that the verdicts of a study aren't about."""
    return "these_images" if study.scope == "new_images" else "new_images"


def margin_words(study: Study) -> str:
    """The margin with its unit: '2 points'."""
    metric = METRICS[study.primary]
    shown = f"{study.margin * metric.scale:.6g}"
    return f"{shown} {metric.unit.removesuffix('s') if shown == '1' else metric.unit}"


def rules_words(study: Study) -> str:
    """By what, where and about what the arms of a study are judged, in a few sentences."""
    said = (
        f"Judged by {METRICS[study.primary].label} {where_words(study)}. Differences up to "
        f"{margin_words(study)} count as none. Verdicts are about {ABOUT[study.about]}."
    )
    more = [
        split_anew_words(study),
        GAP_RULE if study.primary == "gap" else "",
        WATCHED if study.watch else "",
        TOGETHER if _is_anchored(study) else "",
        STOPS_EARLY if _is_low_by_chance(study) else "",
    ]
    return " ".join([said, *filter(None, more)])


def split_anew_words(study: Study) -> str:
    """Which luck of the split is in the intervals; empty where all seeds have one split."""
    if not study.is_split_anew:
        return ""
    if study.splits == "folds":
        drawn = (
            f"All but the test images are divided into {study.folds} equal parts; each seed "
            "judges by the next one and trains on the others, the same for all arms, and once all "
            "had their turn they are divided anew."
        )
    else:
        drawn = (
            "Each seed draws anew who trains and who validates, the same for all arms; the test "
            "images stay."
        )
    return f"{drawn} So the luck of the split is in the intervals (Bouthillier et al. 2021)."


def compared_words(study: Study) -> str:
    """What is compared with what, as a sentence."""
    if study.kind is Kind.WORTH:
        change = change_words(*study.arms[:2])
        return f"Each size with {change} is compared with the same size without it, seed by seed."
    return f"Arms are compared with {study.reference.name}, seed by seed."


def _is_anchored(study: Study) -> bool:
    """Whether its arms are judged together, as far as the plan tells."""
    may_be = (
        study.anchored
        and not study.watch
        and study.about == "these_images"
        and study.kind is not Kind.WORTH
    )
    may_be = may_be and study.primary in IMAGE_METRICS
    return may_be and len(study.seeds) <= most_seeds(len(study.arms) - 1)


def alone_words(study: Study, told: Iterable[Comparison]) -> str:
    """That arms were judged each alone although the rules say together; empty where they weren't.

    Args:
        study: as it was launched.
        told: its comparisons that have a verdict.
    """
    if not _is_anchored(study) or any(found.is_anchored for found in told):
        return ""
    return (
        "Here each arm was judged by its own seeds alone: their spreads are too unlike each other, "
        "seeds lie far off or lean to one side, runs are missing, or what they said of each image "
        "is."
    )


def _is_low_by_chance(study: Study) -> bool:
    """Whether some arms stop early and others don't, and the last epochs judge them."""
    if study.judged_at not in ("last", "mean_last"):
        return False
    usual = value_at(study.base, _STOPPING)
    stops = {bool(arm.changes.get(_STOPPING, usual)) for arm in study.arms}
    return len(stops) > 1


def scope_words(found: Comparison, study: Study) -> list[str]:
    """The intervals of both scopes, that of the claim first and marked; those that are known."""
    metric, said = METRICS[study.primary], []
    if found.low is not None and not found.is_open:
        claimed = ScopedInterval(study.about, found.mean, found.low, found.high, found.confidence)
        where = SCOPES[study.about]
        said.append(claimed.words(metric).replace(where, f"{where}, which the claim is about", 1))
    other = found.in_scope(other_scope(study))
    if other.low is not None and not found.is_open:
        said.append(other.words(metric))
    return said


def fresh_run_words(found: Comparison, study: Study) -> list[str]:
    """How likely an arm beats what it is compared with on a fresh run; empty where it isn't known.

    Args:
        found: of the study's primary metric.
        study: whose arms are compared.
    """
    if found.better_next is None:
        return []
    pairs = same_size(study.arms) if study.kind is Kind.WORTH else {}
    reference = pairs.get(found.arm, study.reference.name)
    return [found.better_next.words(reference, METRICS[study.primary].label)]


def unknown_words(compared: Mapping[str, Comparison]) -> list[str]:
    """Why a scope has no interval although the other one has, each reason once."""
    reasons = {
        (other.scope, other.reason): None
        for found in compared.values()
        for one, other in (
            (found.these_images, found.new_images),
            (found.new_images, found.these_images),
        )
        if one.low is not None and other.low is None and not found.is_open
    }
    return [f"{SCOPES[scope]} nothing is known: {reason}." for scope, reason in reasons]


def level_words(alpha: float) -> str:
    """The chance of any false claim that a look allows: '0.94 %'."""
    return exact_percent(round(alpha, 4))


def look_words(study: Study, alpha: float) -> str:
    """Which look at its verdicts this is, and what it means; empty for the planned look alone.

    Args:
        study: with its looks, the present one too.
        alpha: chance of any false claim that this look allows, 0..1.
    """
    looks = study.looks
    if len(looks) < 2 and alpha == ALPHA:
        return ""
    return looks_words(len(looks), alpha, alpha_spent(looks))
