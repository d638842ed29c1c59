"""Home: a finished study to see, one to train, the latest work, the way from images to a model."""

from pathlib import Path

import streamlit as st

from cnnlab import lab
from cnnlab.ui.home.demo import LIVE_WORDS, render_see_demo, render_start_demo
from cnnlab.ui.home.latest import render_latest
from cnnlab.ui.page_files import page_file
from cnnlab.ui.train.launch import keep_warm

_HERO = Path(__file__).parents[1] / "assets" / "hero.svg"
_SHOWS = (
    "Accuracy over 24 epochs. A network comes to know its training images by heart, 100 %, and "
    "stays far behind on validation images; with augmentation the gap is smaller."
)
_WAY = [
    ("data", "1. Bring your images", ":material/photo_library:",
     "Bring photos class by class, or a zip with one folder for each. Damaged files are skipped "
     "and named."),
    ("train", "2. Choose and train", ":material/tune:",
     "Augmentation with a preview on your own images, dropout, L2, network, optimizer. "
     "Every field has a good default."),
    ("runs", "3. Watch, judge, download", ":material/monitoring:",
     "Live curves with the honest gap. At the top of a run that has ended you judge the model, try "
     "it on your own pictures, and download files that work elsewhere."),
    ("study", "4. Compare, honestly", ":material/science:",
     "One thing changed, several seeds, a verdict in plain words with its interval, and a report "
     "for those who decide."),
]  # fmt: skip


def render_home() -> None:
    """The whole page."""
    with st.container(key="home_hero"):
        words, picture = st.columns([6, 5], gap="large")
    with words:
        _render_offer()
    with picture:
        st.image(_HERO.read_text(encoding="utf-8"), width="stretch", alt=_SHOWS)
        st.caption(
            "Six signs, a small network, the mean of "
            f"{lab.RECORDED_SEEDS} seeds: the finished study tells what else helps, and what hurts."
        )
    render_latest()
    st.header("From images to a model", anchor=False)
    for column, (page, title, icon, text) in zip(st.columns(len(_WAY)), _WAY, strict=True):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{icon} {title}**\n\n{text}")
            st.page_link(
                page_file(page),
                label=f"Go to {page.capitalize()}",
                icon=":material/arrow_forward:",
            )
    keep_warm()


def _render_offer() -> None:
    """What this is, what there is to see, and the same with one's own eyes."""
    st.title("See what regularization does to your own images", anchor=False)
    st.markdown(
        "Train a convolutional network without code and watch, honestly, what augmentation, "
        "dropout, L2 and the others do. Nothing leaves this machine."
    )
    with st.container(horizontal=True, key="home_offers"):
        render_see_demo()
        render_start_demo()
    st.caption(LIVE_WORDS)
