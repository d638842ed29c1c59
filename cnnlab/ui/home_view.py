"""Home: a finished study to see, one to train, the way from images to a model, the latest work."""

import streamlit as st
from PIL.Image import Image

from cnnlab import lab
from cnnlab.ui.demo_view import LIVE_WORDS, render_see_demo, render_start_demo
from cnnlab.ui.page_files import page_file
from cnnlab.ui.run.run_table import render_run_table
from cnnlab.ui.study.table import render_study_table
from cnnlab.ui.train.launch import keep_warm

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


_SIGN_PX = 48


def render_home() -> None:
    """The whole page."""
    st.title("See what regularization does to your own images", anchor=False)
    st.markdown(
        "Train a convolutional network without code and watch, honestly, what augmentation, "
        "dropout, L2 and the others do. Nothing leaves this machine."
    )
    _render_demo()
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


def _render_demo() -> None:
    """First what there is to see, then the same with one's own eyes."""
    see, train = st.columns([3, 2])
    with see, st.container(border=True, height="stretch"):
        st.markdown("**:material/verified: A finished study**")
        st.markdown(
            "Six ways to train a small network on six signs drawn by a script, each with "
            f"{lab.RECORDED_SEEDS} seeds: what rescues it from learning by heart, what hurts, and "
            "what makes no difference. Recorded when this version was made: real curves, verdicts "
            "and slides."
        )
        _render_signs()
        render_see_demo()
    with train, st.container(border=True, height="stretch", vertical_alignment="distribute"):
        with st.container():
            st.markdown("**:material/bolt: Your own, live**")
            st.markdown(LIVE_WORDS)
        render_start_demo()


def _render_signs() -> None:
    """One image of each class of the sample, where it is there."""
    sample = lab.find_sample()
    if sample is not None:
        signs = _signs(sample.id)
        st.image([image for image, _ in signs], alt=[name for _, name in signs], width=_SIGN_PX)


@st.cache_data(max_entries=4, show_spinner=False)
def _signs(sample: str) -> list[tuple[Image, str]]:
    """An image of each class with its name; datasets don't change."""
    examples = lab.example_images(sample, each=1, size_px=2 * _SIGN_PX)
    return [(image, name) for name, (image,) in examples.items()]
