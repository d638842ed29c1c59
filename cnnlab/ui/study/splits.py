"""Whether the seeds of a new study share one split, or are split anew."""

from typing import Any

import streamlit as st

from cnnlab import lab
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.study import FEWEST_FOLDS, MOST_FOLDS, USUAL_FOLDS, Splits
from cnnlab.domain.words import listed

_SPLITS: dict[Splits, str] = {
    "shared": "The same for all seeds",
    "each_seed": "A new one for each seed",
    "folds": "Folds by turns",
}
_HELP = (
    "Who trains and who validates. **The same for all seeds** (usual): verdicts are about these "
    "validation images. **A new one for each seed**, the same for all arms of the seed: the luck "
    "of the split is in the intervals, too, so they are wider, and verdicts hold for this dataset "
    "however it is split (Bouthillier et al. 2021). **Folds by turns**: likewise, but every image "
    "that may validates once before any does again (not the only picture of a class, nor one moved "
    "by hand). Test images are the same in every run."
)


def ask_splits(dataset: Dataset) -> dict[str, Any]:
    """Ask how the seeds are split.

    Returns:
        `splits` and `folds`, as `lab.compare_arms` takes them.
    """
    is_own = "validation" in lab.own_parts(dataset.id)
    if is_own:
        st.session_state["splits"] = "shared"
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        splits = st.selectbox(
            "Splits",
            list(_SPLITS),
            key="splits",
            format_func=_SPLITS.__getitem__,
            help=_HELP,
            disabled=is_own,
            persist_state="session",
        )
    folds = USUAL_FOLDS
    if is_own:
        st.caption(
            f"The upload brought its own {listed(sorted(lab.own_parts(dataset.id)))} images, kept "
            "apart on purpose: all seeds have that split."
        )
        return {"splits": "shared", "folds": folds}
    if splits == "folds":
        with right:
            folds = st.number_input(
                "Folds",
                min_value=FEWEST_FOLDS,
                max_value=MOST_FOLDS,
                value=USUAL_FOLDS,
                key="study_folds",
                help="How many equal parts the images are divided into. Usual: 5 or 10. As many "
                "seeds as folds have every image that may validate once.",
                persist_state="session",
            )
    return {"splits": splits, "folds": int(folds)}
