"""Upload and import: the file goes to disk, a process of its own reads it, a bar shows how far."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.ui.components import ask_upload
from cnnlab.ui.dataset_view import CHOSEN_DATASET
from cnnlab.ui.text import counted, escaped

_IMPORTING = "importing"
_IMPORTED = "imported_token"
_RESET = "upload_reset"
_NAMED_FOR = "upload_named_for"
_POLL_SECONDS = 0.5


def render_import_form() -> None:
    """Ask for a zip, a name and perhaps a CSV; import on the button's press."""
    state = st.session_state
    if state.get(_NAMED_FOR) != state.setdefault(_RESET, 0):  # a new, empty form
        state[_NAMED_FOR] = state[_RESET]
        state["dataset_name"] = ""
    upload = ask_upload(key="dataset_upload", reset=str(state[_RESET]))
    if upload and upload["token"] == state.get(_IMPORTED):
        upload = None  # the area is empty again; the browser still names what was there
    if upload and state.get("upload_token") != upload["token"]:
        state["upload_token"] = upload["token"]
        state.pop("import_message", None)
        state["dataset_name"] = upload["name"].rsplit(".", 1)[0].replace("_", " ")
    left, right = st.columns(2)
    name = left.text_input(
        "Name", key="dataset_name", max_chars=100, placeholder="What to call the dataset"
    )
    with right, st.container(key="labels_upload"):
        labels = st.file_uploader(
            "Labels as a CSV file, only for a zip without class folders",
            type=["csv", "tsv", "txt"],
            key=f"labels_{state[_RESET]}",  # another key empties it for the next upload
            help="One row for each image, with a file and a label column.",
        )
    busy = _IMPORTING in state
    if st.button(
        "Import", key="import_dataset", type="primary", disabled=busy or not upload,
        icon=":material/download:",
    ):  # fmt: skip
        lab.start_import(upload["token"], name=name, labels=labels.getvalue() if labels else None)
        state[_IMPORTING] = upload["token"]
        st.rerun()
    if busy:
        _render_progress()
    elif "import_message" in state:
        kind, message = state["import_message"]
        (st.success if kind == "done" else st.error)(message)
    with st.expander("What can be uploaded?"):
        st.markdown(_LAYOUTS)


@st.fragment(run_every=_POLL_SECONDS)
def _render_progress() -> None:
    state = st.session_state
    try:
        progress = lab.import_state(state[_IMPORTING])
    except CnnlabError as error:
        progress = lab.ImportState(error=str(error))
    if not progress.is_ended:
        share = progress.done / progress.total if progress.total else 0.0
        words = f"Reading {progress.done:,} of {progress.total:,} images"
        st.progress(min(share, 1.0), words if progress.total else "Opening the file")
        return
    token = state.pop(_IMPORTING)
    if progress.dataset:
        state[_IMPORTED] = token
        dataset = lab.load_dataset(progress.dataset)
        skipped = f", {counted(len(dataset.skipped), 'file')} skipped" if dataset.skipped else ""
        words = (
            f"{escaped(dataset.name)}: {dataset.images:,} images in {len(dataset.classes)} classes"
        )
        state["import_message"] = ("done", f"{words}{skipped}.")
        state[CHOSEN_DATASET] = dataset.id
        state[_RESET] += 1
    else:
        state["import_message"] = ("failed", escaped(progress.error or "", limit=1000))
    st.rerun()


_LAYOUTS = """
- **Class folders**: `cats/1.jpg`, `dogs/2.jpg`, ... A folder around them all and system files
  like `__MACOSX` don't matter.
- **Your own split**: `train/cats/...`, `validation/cats/...`, `test/cats/...`
  (also `val`, `valid`; upper or lower case).
- **Flat images and a CSV** with a file and a label column, in the zip or chosen beside it.

JPEG, PNG, WebP, BMP, GIF and TIFF are read. Files that can't be read are skipped, and listed with
the reason.
"""
