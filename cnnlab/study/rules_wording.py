"""The rules of a study's verdicts in words: where runs are judged, the margin and the scope.

They are chosen before the launch; form, page, report and story tell them alike.
"""

from collections.abc import Mapping

from cnnlab.domain.study import Scope, Study
from cnnlab.study.verdicts import Comparison
from cnnlab.study.wording import METRICS, SCOPES, judged_words

ABOUT: dict[Scope, str] = {
    "these_images": "these validation images",
    "new_images": "new images of this kind",
}
"""What verdicts are about, in words."""


def other_scope(study: Study) -> Scope:
    """The scope that the verdicts of a study aren't about."""
    return "these_images" if study.scope == "new_images" else "new_images"


def margin_words(study: Study) -> str:
    """The margin with its unit: '2 points'."""
    metric = METRICS[study.primary]
    return f"{study.margin * metric.scale:.6g} {metric.unit}"


def rules_words(study: Study) -> str:
    """By what, where and about what the arms of a study are judged, in a few sentences."""
    return (
        f"Judged by {METRICS[study.primary].label} {judged_words(study)}. Differences up to "
        f"{margin_words(study)} count as none. Verdicts are about {ABOUT[study.scope]}."
    )


def scope_words(found: Comparison, study: Study) -> list[str]:
    """The intervals of both scopes, that of the claim first and marked; those that are known."""
    metric = METRICS[study.primary]
    both = {"these_images": found.these_images, "new_images": found.new_images}
    said = []
    for scope in (study.scope, other_scope(study)):
        if both[scope].low is not None and not found.is_open:
            words = both[scope].words(metric)
            mark = f"{SCOPES[scope]}, which the claim is about" if scope == study.scope else ""
            said.append(words.replace(SCOPES[scope], mark, 1) if mark else words)
    return said


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
