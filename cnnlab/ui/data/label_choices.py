"""Where labels come from: what a user may say before an import, and what to choose after one."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.data.dataset import Dataset, DatasetWarning
from cnnlab.domain.data.labelling import Labelling, Reading, Several
from cnnlab.domain.errors import CnnlabError
from cnnlab.ui.changing import for_editors
from cnnlab.ui.components.scroll.scroll import scroll_to
from cnnlab.ui.data.followed_import import CHOICES, PROBLEM, begin_following, forget_result
from cnnlab.ui.text import escaped, plain

_READINGS: dict[str, Reading | None] = {
    "Whatever the upload suggests": None,
    "The outermost folders": "folders",
    "The innermost folders": "subfolders",
    "A table (CSV) in the upload": "table",
    "Annotations (COCO, VOC, YOLO, LabelMe)": "annotations",
    "The file names, before the number": "file_names",
}
_SEVERAL: dict[str, Several | None] = {
    "Leave it out, if enough others remain": None,
    "Take the first of its labels": "first",
    "Take the label that the fewest images have": "most_specific",
    "Leave it out": "leave_out",
    "Take all of them as the name of one class": "as_one",
}
_OPEN = "import_choices_open"
_SHOWN_TABLES = 4


def are_open() -> bool:
    """Whether a choice was made for the user that wants to be seen."""
    return bool(st.session_state.get(_OPEN))


def forget_choices() -> None:
    """Begin anew: what was chosen for one upload says nothing about the next."""
    for key in (_OPEN, "import_table", "import_several"):
        st.session_state.pop(key, None)


def ask_labelling() -> Labelling:
    """Ask where the labels come from."""
    reading = st.selectbox(
        "Labels come from",
        list(_READINGS),
        key="import_reading",
        help="Where several readings are possible, the dataset's report says which was taken. "
        "Choose another one here and import again.",
    )
    left, right = st.columns(2)
    table = left.text_input(
        "Table in the upload",
        key="import_table",
        placeholder="The one that is believed most",
        help="Name of the CSV that holds the labels, where there are several, such as train.csv. "
        "The report of the dataset says which was taken and which were not.",
    )
    several = right.selectbox(
        "An image with several labels",
        list(_SEVERAL),
        key="import_several",
        help="A network learns one label for each picture here. The label that the fewest images "
        "have says the most of a picture: 'water' rather than 'clear'. Where a class is called "
        "'tomato, healthy', all of them together are its name.",
    )
    return Labelling(
        reading=_READINGS[reading],
        table_name=table.strip() or None,
        several=_SEVERAL[several],
    )


def render_notes(dataset: Dataset) -> None:
    """What the import said of the upload: as a warning where most of a table was of no use."""
    for note in lab.upload_notes(dataset):
        show = st.warning if note == table_of_others(dataset) else st.info
        show(escaped(note.message, limit=1000), icon=":material/info:")


def table_of_others(dataset: Dataset) -> DatasetWarning | None:
    """The warning that a table was mostly about images that aren't there, if it was."""
    return next(
        (
            note
            for note in dataset.warnings
            if note.kind == "missing_images" and note.count > dataset.images
        ),
        None,
    )


def render_other_labels(dataset: Dataset) -> None:
    """Offer what else the labels could come from: other tables, another one of several labels."""
    tables = dataset.other_tables[:_SHOWN_TABLES]
    several = any(note.kind == "multi_label" for note in dataset.warnings)
    if not (tables or several):
        return
    with st.container(horizontal=True, key="other_labels"):
        for number, table in enumerate(tables):
            st.button(
                f"Choose the file again, with the labels of {escaped(plain(table), limit=60)}",
                key=f"other_table_{number}",
                icon=":material/table_view:",
                on_click=_prepare,
                kwargs={"import_table": table},
            )
        if several:
            st.button(
                "Choose the file again, with another choice of labels",
                key="other_several",
                icon=":material/label:",
                on_click=_prepare,
            )


def render_problem() -> None:
    """Why nothing came of an import; where a choice is all that is missing, it can be made here."""
    state = st.session_state
    token, choices = state.get(CHOICES, ("", {}))
    if not choices:
        st.error(state[PROBLEM], icon=":material/error:")
        return
    st.warning(f"{state[PROBLEM]} What shall such an image get?", icon=":material/help:")
    with st.container(horizontal=True, key="choose_label"):
        for words, several in _SEVERAL.items():
            if several in choices:
                st.button(
                    f"{words}: {choices[several]}",
                    key=f"choose_{several}",
                    icon=":material/label:",
                    on_click=_import_choosing,
                    args=(token, words, several),
                    **for_editors(),
                )


def _import_choosing(token: str, words: str, several: Several) -> None:
    """Import what is there already, and leave the choice in the form for what comes next."""
    try:
        lab.import_choosing(token, several)
    except CnnlabError as error:
        forget_result()
        st.session_state[PROBLEM] = escaped(str(error), limit=1000)
    else:
        st.session_state["import_several"] = words
        begin_following(token)


def _prepare(**choices: str) -> None:
    """Fill the form for another import of the same file, which has to be chosen again."""
    st.session_state.update(choices)
    st.session_state[_OPEN] = True
    st.toast("Choose the file again; the choice stands below 'More choices'.")
    scroll_to("dataset_upload")
