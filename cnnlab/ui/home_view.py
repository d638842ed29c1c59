"""Home: one click to see it work, the way from images to a model, the latest runs."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.study import Study
from cnnlab.ui.page_files import page_file
from cnnlab.ui.run.run_table import render_run_table
from cnnlab.ui.study.table import render_study_table
from cnnlab.ui.train.launch import keep_warm

_DEMO = {
    "image": {"size": 40},
    "architecture": {"filters": 16, "conv_blocks": 3},
    "optimizer": {"schedule": {"name": "one_cycle"}},
    "training": {"epochs": 40, "batch_size": 16},
}
_DEMO_ARMS = ("baseline", "dropout", "l2", "augmentation")
_DEMO_SEEDS = 3
_WAY = [
    ("data", "1. Bring your images", ":material/photo_library:",
     "A zip with one folder for each class. Damaged files are skipped and named."),
    ("train", "2. Choose and train", ":material/tune:",
     "Augmentation with a preview on your own images, dropout, L2, network, optimizer. "
     "Every field has a good default."),
    ("runs", "3. Watch, judge, download", ":material/monitoring:",
     "Live curves with the honest gap. Open a run that has ended: 'Judge this model', 'Try it' and "
     "'Take it along', for files that work elsewhere, stand at its top."),
    ("study", "4. Compare, honestly", ":material/science:",
     "One thing changed, several seeds, a verdict in plain words with its interval, and a report "
     "for those who decide."),
]  # fmt: skip


def render_home() -> None:
    """The whole page."""
    st.title("See what regularization does to your own images", anchor=False)
    st.markdown(
        "Train a convolutional network without code and watch, honestly, what augmentation, "
        "dropout, L2 and the others do. Nothing leaves this machine."
    )
    _render_demo_button()
    for column, (page, title, icon, text) in zip(st.columns(len(_WAY)), _WAY, strict=True):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{icon} {title}**")
            st.markdown(text)
            st.page_link(page_file(page), label=f"Go to {page.capitalize()}")
    render_study_table(limit=3)
    if lab.list_runs(alone=True, limit=1):
        st.subheader("Latest runs", anchor=False)
        render_run_table(limit=5)
    keep_warm()


def _render_demo_button() -> None:
    sample = _find_sample(lab.list_datasets())
    if (
        st.button(
            "Start the demo study",
            key="start_demo",
            type="primary",
            icon=":material/play_arrow:",
            disabled=sample is None,
        )
        and sample is not None
    ):
        study = _demo_study(sample)
        lab.launch_study(study)
        st.switch_page(page_file("study"), query_params={"study": study.id})
    if sample is None:
        _wait_for_sample()
    else:
        st.caption(
            "On the bundled sample, six signs drawn by a script: does dropout, L2 or augmentation "
            "help? Four arms with three seeds each; it takes one to two minutes."
        )


@st.fragment(run_every=1)
def _wait_for_sample() -> None:
    st.caption("The bundled sample is on its way, or it was deleted: any dataset can be trained.")
    if _find_sample(lab.list_datasets()):
        st.rerun()


def _find_sample(datasets: list[Dataset]) -> Dataset | None:
    return next((dataset for dataset in datasets if dataset.name == lab.SAMPLE_NAME), None)


def _demo_study(sample: Dataset) -> Study:
    base = load_config(_DEMO | {"dataset": sample.id})
    name = "Demo: what helps on six signs?"
    return lab.compare_arms(base, ready_arms(_DEMO_ARMS), seeds=_DEMO_SEEDS, name=name)
