"""From a study to the page on which two of its arms are followed on the same pictures."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.run import Run
from cnnlab.ui.page_files import page_file
from cnnlab.ui.text import plain


def render_same_pictures(view: lab.StudyView) -> None:
    """Ask for an arm and a seed, and offer the way to its run beside that of the reference."""
    if lab.is_recorded(view.study.id):
        st.caption("The runs of the study that comes with the program have no models to look into.")
        return
    reference = view.study.reference.name
    ended = {(run.arm, _seed(run)): run for run in view.all_runs if _has_model(run)}
    pairs = [
        (arm.name, seed)
        for arm in view.study.arms
        for seed in view.study.seeds
        if arm.name != reference and {(arm.name, seed), (reference, seed)} <= set(ended)
    ]
    if not pairs:
        st.caption("Known as soon as an arm and the reference have finished a run of one seed.")
        return
    arms = list(dict.fromkeys(arm for arm, _ in pairs))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        arm = st.selectbox("Arm", arms, key="pictures_arm", format_func=plain)
        seeds = [seed for name, seed in pairs if name == arm]
        seed = st.selectbox("Seed", seeds, key="pictures_seed")
        if st.button("Follow the same pictures", key="open_explain", icon=":material/timeline:"):
            runs = {"run": ended[reference, seed].id, "beside": ended[arm, seed].id}
            st.switch_page(page_file("explain"), query_params=runs)
    st.caption(
        "What both nets said of the same validation pictures after each epoch, one below the "
        "other: pictures that one learns and the other doesn't, and which are forgotten."
    )


def _seed(run: Run) -> int:
    seed: int = run.config["training"]["seed"]
    return seed


def _has_model(run: Run) -> bool:
    return run.status.is_ended and bool(run.last)
