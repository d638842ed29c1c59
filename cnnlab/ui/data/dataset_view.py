"""A dataset on screen: what it is called, what it holds, what to know before training."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.run_config import SplitFractions
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.data.split import SPLITS
from cnnlab.domain.errors import CnnlabError, DatasetError
from cnnlab.domain.words import counted, listed
from cnnlab.server.downloads import dataset_address
from cnnlab.ui.changing import for_editors
from cnnlab.ui.charts import class_counts_figure
from cnnlab.ui.clicks import sent_by_a_clock
from cnnlab.ui.components.figure.figure import render_figure
from cnnlab.ui.components.gallery.gallery import ask_images
from cnnlab.ui.components.scroll.scroll import scroll_to
from cnnlab.ui.data.best import render_best, render_start
from cnnlab.ui.data.choice import CHOSEN_DATASET, take_from_address, tell_address
from cnnlab.ui.data.findings_view import render_findings
from cnnlab.ui.data.gallery_view import render_gallery
from cnnlab.ui.data.label_choices import render_notes
from cnnlab.ui.data.version_view import render_news, render_versions
from cnnlab.ui.page_files import page_file
from cnnlab.ui.text import distinct, escaped, moment, plain

_EXAMPLES, _LEAST_EACH, _MOST_EACH = 24, 2, 8
_CLASSES_SHOWN = 12
_BAR_PX = 30
_SKIPPED_SHOWN, _SKIPPED_PX, _FEW = 500, 360, 12
_REFUSAL = "delete_refusal"
_PART_WORDS = {"train": "training", "validation": "validation", "test": "test"}
_PART_SEEN = "dataset_part_seen"
"""Session key of the dataset and the part that the address named last."""


def ask_dataset(datasets: Sequence[Dataset]) -> Dataset:
    """Ask which dataset; the choice is the same on every page of a session, and in the address.

    Earlier versions are offered only while one of them is chosen, the sample after all of the
    user's own: it may have come later than these.
    """
    by_id, shown = _offered(datasets)
    tell_address(shown, {dataset.id for dataset in datasets})
    st.session_state["dataset_select"] = shown
    chosen = st.selectbox(
        "Dataset",
        list(by_id),
        key="dataset_select",
        format_func=_titles(by_id, {dataset.parent for dataset in datasets}).__getitem__,
        on_change=_choose,
    )
    return by_id[chosen]


def render_no_dataset() -> None:
    """What to do first, where `ask_dataset` has nothing to offer."""
    st.info("There is no dataset yet: bring your images on the Data page first.")
    st.page_link(page_file("data"), label="Go to Data", icon=":material/photo_library:")


def chosen_dataset(datasets: Sequence[Dataset]) -> Dataset:
    """What `ask_dataset` will show, for what stands above it and has to be drawn before it."""
    by_id, shown = _offered(datasets)
    return by_id[shown]


def _offered(datasets: Sequence[Dataset]) -> tuple[dict[str, Dataset], str]:
    """What can be chosen, by id, and what is."""
    datasets = sorted(datasets, key=lambda dataset: dataset.name == lab.SAMPLE_NAME)
    take_from_address({dataset.id for dataset in datasets})
    wanted = st.session_state.get(CHOSEN_DATASET)
    replaced = {dataset.parent for dataset in datasets}
    by_id = {
        dataset.id: dataset
        for dataset in datasets
        if dataset.id not in replaced or dataset.id == wanted
    }
    return by_id, wanted if wanted in by_id else next(iter(by_id))


def _titles(datasets: Mapping[str, Dataset], replaced: Collection[str | None]) -> dict[str, str]:
    titles = {
        key: _title(dataset, has_versions=dataset.version > 1 or key in replaced)
        for key, dataset in datasets.items()
    }
    seen = Counter(titles.values())
    moments = {key: moment(dataset.created_at) for key, dataset in datasets.items()}
    return distinct(
        {
            key: f"{title}, {moments[key]}" if seen[title] > 1 else title
            for key, title in titles.items()
        }
    )


def _title(dataset: Dataset, *, has_versions: bool) -> str:
    version = f", version {dataset.version}" if has_versions else ""
    return f"{plain(dataset.name)}{version} – {dataset.images:,} images"


def _choose() -> None:
    if not sent_by_a_clock():
        st.session_state[CHOSEN_DATASET] = st.session_state["dataset_select"]


def render_dataset(dataset: Dataset) -> None:
    """What it holds, what is wrong with it, its images, its versions, and the delete button."""
    render_news(dataset)
    _render_counts(dataset)
    _take_part_from_address(dataset.id)
    key = f"dataset_part_{dataset.id}"
    st.session_state.setdefault(key, "overview")
    if st.session_state[key] != "findings":  # there they are told one by one
        _render_findings(dataset)
    render_start(dataset)
    titles = {part: _part_title(part, dataset) for part in _PARTS}  # Streamlit asks for each thrice
    part = st.segmented_control(
        "Part",
        list(titles),
        key=key,
        format_func=titles.__getitem__,
        label_visibility="collapsed",
        required=True,
    )
    _PARTS[part or "overview"](dataset)
    st.space("small")
    with st.container(horizontal=True, vertical_alignment="center"):
        for part, words in (("card.html", "Report as HTML"), ("images.zip", "Images as zip")):
            address = dataset_address(dataset.id, part)
            st.link_button(
                words, address, icon=":material/download:", key=f"download_{part.partition('.')[0]}"
            )
        if st.button(
            "Delete this dataset", key="delete_dataset", icon=":material/delete:", **for_editors()
        ):
            _confirm_delete(dataset)
    if _REFUSAL in st.session_state:
        st.error(escaped(st.session_state.pop(_REFUSAL), limit=1000))


def _take_part_from_address(dataset: str) -> None:
    """Turn to the part that a link names; what is chosen afterwards stays."""
    asked = (st.query_params.get("dataset"), st.query_params.get("part"))
    if asked == st.session_state.get(_PART_SEEN):
        return
    st.session_state[_PART_SEEN] = asked
    named, part = asked
    if named == dataset and part in _PARTS:
        show_part(dataset, part)


def show_part(dataset: str, part: str) -> None:
    """Turn to `overview`, `findings`, `gallery` or `versions` of a dataset."""
    st.session_state[f"dataset_part_{dataset}"] = part
    scroll_to(f"dataset_part_{dataset}")


def _part_title(part: str, dataset: Dataset) -> str:
    found = len(lab.open_findings(dataset.id)) if part == "findings" else 0
    title = _TITLES.get(part, part.capitalize())
    return f"{title} ({found})" if found else title


def _splits(dataset: Dataset) -> dict[str, int]:
    """Images in each split of a run with the default fractions, or of the upload, if any."""
    try:
        return lab.count_splits(dataset.id, SplitFractions())
    except DatasetError:  # too few images: no run can begin either
        return dataset.splits or {}


def _render_counts(dataset: Dataset) -> None:
    """Classes, and how many images train and judge: the same numbers as on the Train page."""
    splits = _splits(dataset)
    parts = [f"**{splits[name]:,}** {_PART_WORDS[name]}" for name in SPLITS if splits.get(name)]
    shown = [counted(len(dataset.classes), "class", "classes"), f"{listed(parts)} images"]
    st.markdown(" · ".join(shown))


def _split_words(dataset: Dataset) -> str:
    if dataset.splits:
        lacking = ", and what they lack is drawn from training"
        said = (
            "The dataset has splits of its own; they are used as they are"
            f"{lacking * (_splits(dataset) != dataset.splits)}."
        )
    else:
        kept = ", images of the version before where they were"
        said = (
            "Images for training, validation and test are drawn at random, copies of a picture "
            f"always together{kept * lab.keeps_parts(dataset)}. "
            "The Train page changes their shares."
        )
    return " ".join([said, *lab.split_notes(dataset.id)])


def _render_overview(dataset: Dataset) -> None:
    st.caption(_split_words(dataset))
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.markdown("**Images of each class**")
        shown = dict(list(dataset.classes.items())[:100])
        figure = class_counts_figure(shown)
        height = 80 + _BAR_PX * len(shown)
        render_figure(figure, key="class_counts", alt="Images of each class", height=height)
    with right:
        st.markdown("**Examples**")
        _render_examples(dataset)
    render_best(dataset)
    render_skipped(dataset)


def _render_findings(dataset: Dataset) -> None:
    """What to decide on before training, by name: the report says what each means and offers."""
    render_notes(dataset)
    undecided = lab.open_findings(dataset.id)
    if undecided:
        told = "\n".join(
            f"- {lab.FINDING_TITLES[finding.kind]} ({finding.amount})" for finding in undecided
        )
        st.warning(
            f"**{counted(len(undecided), 'finding')} to decide on before training**\n\n{told}",
            icon=":material/info:",
        )
        st.button(
            "Decide in the report",
            key="open_report",
            icon=":material/search:",
            on_click=show_part,
            args=(dataset.id, "findings"),
        )
    if kept := len(lab.findings(dataset.id)) - len(undecided):
        st.caption(f"{counted(kept, 'finding is', 'findings are')} kept as you decided.")


_PARTS = {
    "overview": _render_overview,
    "findings": render_findings,
    "gallery": render_gallery,
    "versions": render_versions,
}
_TITLES = {"findings": "Report"}


def _render_examples(dataset: Dataset) -> None:
    """The first images of the first classes; a click shows one large."""
    names = list(dataset.classes)[:_CLASSES_SHOWN]
    each = max(_LEAST_EACH, min(_MOST_EACH, _EXAMPLES // len(names)))
    rows = [lab.find_images(dataset.id, label=name)[:each] for name in names]
    ask_images(
        dataset.id, np.concatenate(rows), key="examples", version=dataset.id, selectable=False
    )
    if left := len(dataset.classes) - len(names):
        st.caption(f"and {counted(left, 'more class', 'more classes')}")


def render_skipped(dataset: Dataset) -> None:
    """The files that were not taken, folded, each with the reason; nothing if there are none."""
    if not dataset.skipped:
        return
    files = "file was" if len(dataset.skipped) == 1 else "files were"
    with st.expander(f"Which {files} skipped"):
        told = [
            f"- {escaped(item.file, limit=200)}: {escaped(item.reason, limit=200)}"
            for item in dataset.skipped[:_SKIPPED_SHOWN]
        ]
        if more := len(dataset.skipped) - len(told):
            told.append(f"- and {more:,} more")
        with st.container(height=_SKIPPED_PX if len(told) > _FEW else "content"):
            st.markdown("\n".join(told))


@st.dialog("Delete this dataset?")
def _confirm_delete(dataset: Dataset) -> None:
    st.markdown(
        f"**{escaped(dataset.name)}** with {dataset.images:,} images will be gone for good, unless "
        "a run or a study uses it."
    )
    with st.container(horizontal=True):
        delete = st.button(
            "Delete",
            type="primary",
            key="confirm_delete_dataset",
            on_click=_delete,
            args=(dataset,),
        )
        if st.button("Cancel", key="cancel_delete_dataset") or delete:
            st.rerun()


def _delete(dataset: Dataset) -> None:
    try:
        lab.delete_dataset(dataset.id)
    except CnnlabError as error:
        st.session_state[_REFUSAL] = str(error)
