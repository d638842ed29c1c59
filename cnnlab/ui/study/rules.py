"""The rules of a study's verdicts, chosen before its launch: all have values that suit most."""

from typing import Any

import streamlit as st

from cnnlab.domain.records.training import JudgedMetric
from cnnlab.domain.study import MARGINS, JudgedAt, Scope, Study
from cnnlab.study.rules_wording import rules_words
from cnnlab.study.wording import METRICS

_PRIMARY: dict[JudgedMetric, str] = {
    "val_accuracy": "Validation accuracy",
    "val_cross_entropy": "Validation cross-entropy",
    "gap": "Gap (clean train minus validation accuracy)",
    "robustness": "Robustness (accuracy on distorted images)",
    "calibration": "Calibration error",
}
_MARGIN_KEYS: dict[JudgedMetric, str] = {
    "val_accuracy": "margin",
    "val_cross_entropy": "margin_nats",
    "gap": "margin_gap",
    "robustness": "margin_robustness",
    "calibration": "margin_calibration",
}
_JUDGED_AT: dict[JudgedAt, str] = {
    "mean_last": "Mean of the last epochs",
    "last": "Last epoch",
    "cross_fitted": "Cross-fitted best epoch",
    "best": "Best epoch (flatters the noisier arm)",
}
_FLATTERS: dict[JudgedAt, str] = {
    "cross_fitted": "Takes away the luck of the images, not that of the weights: an arm whose "
    "accuracy jumps from epoch to epoch still looks better than it is.",
    "best": "An arm whose accuracy jumps from epoch to epoch is lucky more often: it looks better "
    "than it is, and with many seeds that becomes a false claim.",
}
"""Said where it is chosen."""
_SCOPES: dict[Scope, str] = {
    "these_images": "These validation images",
    "new_images": "New images of this kind",
}
_PRIMARY_HELP = (
    "The number that the verdicts are about. Usual: accuracy, the share of images that are told "
    "right. Cross-entropy also sees how sure the network is. **Gap**: what regularization is to "
    "close; a smaller one helps only where accuracy isn't lost for it. **Robustness** and "
    "**calibration** are measured of the model that each run keeps; these three compare arms on "
    "these images. Whoever picks the number afterwards finds an effect in noise, so it is chosen "
    "now."
)
_JUDGED_AT_HELP = (
    "Which epoch of a run counts. **Mean of the last epochs** (usual): a tenth of them, at least "
    "3, but at most a third of the run; favours no arm, and finds more than one epoch alone. "
    "**Last epoch**: as the training ends. "
    "**Cross-fitted best epoch**: chosen on one half of the validation images and judged on the "
    "other, both ways; for arms that overfit at different epochs, with smooth curves and 100 "
    "validation images or more; flatters an arm whose accuracy jumps as much as the best epoch "
    "does, or more. **Best epoch**: chosen on the images that judge it; for comparing "
    "with results that were told so."
)
_MARGIN_HELP = (
    "A difference smaller than this doesn't matter to you. An arm whose whole interval lies within "
    "it gets the verdict *no difference*. Usual: {usual:g} {unit}. Smaller where every bit "
    "counts: then more seeds are needed to say *no difference*."
)
_SCOPE_HELP = (
    "What a verdict may be quoted for. **These validation images** (usual): would the arm win "
    "again, trained anew and judged by the same images? **New images of this kind**: would it win "
    "on other images, too? That is harder to show, and more validation images help more there than "
    "more seeds. The page always shows both intervals."
)
_WATCH_HELP = (
    "Usually the verdicts come once, when all planned runs have ended, which finds most. "
    "Watched, they come after every seed that all arms have, and you may look whenever you like, "
    "stop, or add seeds: the promise of 5 % holds for all looks together. The price: it finds "
    "about half as much, and hardly anything before the fifth seed. For comparing arms on these "
    "images."
)


def ask_rules() -> dict[str, Any]:
    """Ask by what, where, against which margin and about what arms are judged.

    Returns:
        `primary`, `judged_at`, `margin`, `scope` and `watch`, as `lab.compare_arms` takes them.
    """
    with st.expander("How verdicts are made", icon=":material/balance:"):
        primary = st.selectbox(
            "Judged by",
            list(_PRIMARY),
            key="study_primary",
            format_func=_PRIMARY.__getitem__,
            help=_PRIMARY_HELP,
            persist_state="session",
        )
        judged_at = st.selectbox(
            "Judged at",
            list(_JUDGED_AT),
            key="judged_at",
            format_func=_JUDGED_AT.__getitem__,
            help=_JUDGED_AT_HELP,
            persist_state="session",
        )
        if judged_at in _FLATTERS:
            st.caption(f":material/warning: {_FLATTERS[judged_at]}")
        margin = _ask_margin(primary)
        scope = st.selectbox(
            "Claims are about",
            list(_SCOPES),
            key="scope",
            format_func=_SCOPES.__getitem__,
            help=_SCOPE_HELP,
            persist_state="session",
        )
        watch = st.checkbox(
            "Watch: a verdict after every seed",
            key="watch",
            help=_WATCH_HELP,
            persist_state="session",
        )
    return {
        "primary": primary,
        "judged_at": judged_at,
        "margin": margin,
        "scope": scope,
        "watch": watch,
    }


def _ask_margin(primary: JudgedMetric) -> float:
    """The margin in the metric's own units; each unit has a widget, and a value, of its own."""
    metric, (least, usual, most) = METRICS[primary], MARGINS[primary]
    shown = st.number_input(
        f"Margin ({metric.unit})",
        min_value=metric.scale * least,
        max_value=metric.scale * most,
        value=metric.scale * usual,
        step=metric.scale * usual / 4,
        format="%g",
        key=_MARGIN_KEYS[primary],
        help=_MARGIN_HELP.format(usual=metric.scale * usual, unit=metric.unit),
        persist_state="session",
    )
    return round(shown / metric.scale, 9)


def render_rules(study: Study) -> None:
    """What has been chosen, in words."""
    st.caption(rules_words(study))
