"""Giving images another class from the Evaluate page: a new version of the dataset."""

from collections.abc import Mapping, Sequence

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig, load_stored
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import CnnlabError, NotFoundError
from cnnlab.domain.words import counted
from cnnlab.ui.changing import for_editors
from cnnlab.ui.data.choice import CHOSEN_DATASET
from cnnlab.ui.form.state import fill_form
from cnnlab.ui.judge.parts import IMAGES_OF
from cnnlab.ui.page_files import page_file
from cnnlab.ui.text import distinct, escaped, plain

JUDGES = ("validation", "test")
"""Parts whose labels numbers are measured by."""

_NEW_CLASS = ""  # as no class is called
_NEWS = "relabel_news"
"""Session key of the run and the section that were clicked in, and of the version made of it."""

_PROBLEM = "relabel_problem"


def render_relabel(
    dataset: str,
    rows: Sequence[int],
    suggested: str | None,
    *,
    key: str = "relabel",
    part: str = "",
) -> None:
    """Ask for the right class of images, and give it to them in a new version.

    Args:
        dataset: id of the dataset that the rows are of, such as a run's.
        rows: the images that are meant; with none the button waits.
        suggested: the class that is offered first; None offers the dataset's first one.
        key: of the button, and the beginning of the other widgets' keys.
        part: that the images are of; those of `JUDGES` say what mending them does to a number.
    """
    newest = lab.newest_version(dataset)
    classes = {name: plain(name) for name in newest.classes} | {_NEW_CLASS: "A new class"}
    options, state = list(classes), st.session_state
    if state.get(f"{key}_suggested") != suggested:  # another image is meant
        state[f"{key}_suggested"] = suggested
        state.pop(f"{key}_class", None)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.selectbox(
            "Right class",
            options,
            index=options.index(suggested) if suggested in options else 0,
            format_func=distinct(classes).__getitem__,
            key=f"{key}_class",
            width=220,
        )
        if label == _NEW_CLASS:
            label = st.text_input("Its name", key=f"{key}_name", max_chars=1000, width=220)
        st.button(
            f"Give {counted(len(rows), 'image')} this class" if rows else "Give this class",
            key=key,
            icon=":material/label:",
            on_click=relabel,
            args=(dataset, dict.fromkeys(rows, label), key),
            **for_editors(disabled=not rows or not label.strip()),
        )
    st.caption(f"{_what_happens(newest)} {flattering_words(part)}".rstrip())


def _what_happens(newest: Dataset) -> str:
    return (
        f"It makes version {newest.version + 1} of the dataset, built on version {newest.version}, "
        "the newest. Every image stays in its part; this run keeps what it was trained on."
    )


def flattering_words(part: str) -> str:
    """What labels that are mended by the judged model's opinion do to its number.

    Args:
        part: that they are of.

    Returns:
        Empty where no number is measured by them.
    """
    if part not in JUDGES:
        return ""
    return (
        f"These are {IMAGES_OF[part]}: to mend only labels that this model disagrees with lifts "
        "its own number in the next version, so go by the picture."
    )


def relabel(dataset: str, labels: Mapping[int, str], place: str) -> None:
    """Give images other classes; for callbacks of buttons.

    Args:
        dataset: id of the dataset that the rows are of.
        labels: the new class by row.
        place: where the outcome is told, see `render_relabel_news`.
    """
    state = st.session_state
    try:
        before = lab.newest_version(dataset)
        fixed = lab.relabel_images(dataset, labels)
    except CnnlabError as error:
        state[_PROBLEM] = (_place(place), str(error))
        return
    if fixed.id == before.id:
        state[_PROBLEM] = (
            _place(place),
            "Nothing has changed: they have this class there already.",
        )
        return
    state[_NEWS] = (_place(place), fixed.id)
    state[CHOSEN_DATASET] = fixed.id


def _place(section: str) -> str:
    return f"{st.query_params.get('run', '')} {section}"


def render_relabel_news(place: str) -> None:
    """Say what the last click in a place has made, with the way to it and the way back.

    Args:
        place: the key of the buttons that were clicked.
    """
    state = st.session_state
    if state.get(_PROBLEM, ("", ""))[0] == _place(place):
        st.error(escaped(state.pop(_PROBLEM)[1], limit=1000), icon=":material/error:")
    news_of, version = state.get(_NEWS, ("", ""))
    if news_of != _place(place):
        return
    try:
        made = lab.load_dataset(version)
        stay = lab.keeps_parts(made)
    except CnnlabError:  # deleted meanwhile, in another tab
        del state[_NEWS]
        return
    with st.container(
        horizontal=True, vertical_alignment="center", key=f"{place}_news", border=True
    ):
        st.markdown(
            f":material/check_circle: {escaped(made.name)}, version {made.version}: "
            f"{escaped('; '.join(made.changes) or 'as it was imported', limit=300)}. "
            f"{_PARTS_STAY if stay else _PARTS_MOVE} "
            "Runs of earlier versions, this one too, keep what they were trained on."
        )
        st.page_link(
            page_file("data"),
            label="See it on the Data page",
            icon=":material/photo_library:",
            query_params={"dataset": made.id, "part": "versions"},
        )
        _render_on_or_back(made, place)


def _render_on_or_back(made: Dataset, place: str) -> None:
    """What may come of the new version: a run like the judged one, or its end."""
    config = _same_again(made)
    if config is not None and st.button(
        f"Train the same again on version {made.version}",
        key=f"{place}_train",
        icon=":material/tune:",
    ):
        fill_form(config)
        st.switch_page(page_file("train"))
    st.button(
        "Undo",
        key=f"{place}_undo",
        icon=":material/undo:",
        on_click=_undo,
        args=(made,),
        **for_editors(),
    )


def _same_again(made: Dataset) -> RunConfig | None:
    """The whole config of the judged run, on the new version; None where it can't be read.

    Its split too: with another one, test images of the run would train.
    """
    try:
        config = load_stored(lab.load_run(st.query_params.get("run", "")).config)
    except NotFoundError:
        return None
    return config and config.model_copy(update={"dataset": made.id})


_PARTS_STAY = "All images stay in the parts they were in, so a new run on it can be compared."
_PARTS_MOVE = "Some images change their parts: the Data page says which and why."


def _undo(made: Dataset) -> None:
    del st.session_state[_NEWS]
    if made.parent:
        st.session_state[CHOSEN_DATASET] = made.parent
        lab.take_back(made.id)
