"""The rules of a study's verdicts in words: where runs are judged, the margin and the scope.

They are chosen before the launch; form, page, report and story tell them alike.
"""

from cnnlab.domain.study import Scope, Study
from cnnlab.study.wording import METRICS, judged_words

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
