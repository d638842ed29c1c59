"""Upload and import: the file goes to disk, a process of its own reads it, a bar shows how far."""

import time

import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.labelling import Reading
from cnnlab.domain.words import counted
from cnnlab.ui.components import ask_upload
from cnnlab.ui.text import duration, escaped
from cnnlab.ui.version_view import CHOSEN_DATASET

_IMPORTING = "importing"
_IMPORTED = "imported_token"
_STARTED_AT = "import_started_at"
_RESET = "upload_reset"
_NAMED_FOR = "upload_named_for"
_POLL_SECONDS = 0.5
_READINGS: dict[str, Reading | None] = {
    "Whatever the upload suggests": None,
    "The outermost folders": "folders",
    "The innermost folders": "subfolders",
    "A table (CSV) in the upload": "table",
}


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
    with st.expander("More choices"):
        st.selectbox(
            "Labels come from",
            list(_READINGS),
            key="import_reading",
            help="Where several readings are possible, the report of the dataset says which was "
            "taken; choose another one here and import again.",
        )
        _render_server_import(busy)
    if st.button(
        "Import", key="import_dataset", type="primary", disabled=busy or not upload,
        icon=":material/download:",
    ):  # fmt: skip
        lab.start_import(
            upload["token"], name=name, labels=labels.getvalue() if labels else None,
            reading=_READINGS[state["import_reading"]],
        )  # fmt: skip
        follow_import(upload["token"])
    if busy:
        _render_progress()
    elif "import_message" in state:
        kind, message = state["import_message"]
        (st.success if kind == "done" else st.error)(message)
    with st.expander("What can be uploaded?"):
        st.markdown(_LAYOUTS)


def _render_server_import(busy: bool) -> None:
    """Only where the operator allows folders of the server's own disk."""
    roots = lab.import_roots()
    if not roots:
        return
    path = st.text_input(
        "Or a zip, a tar or a folder on the server",
        key="server_path",
        placeholder=str(roots[0] / "my images.zip"),
        help=f"In {', '.join(map(str, roots))}. Nothing is copied through the browser.",
    )
    if st.button("Import from the server", key="import_server", disabled=busy or not path.strip()):
        try:
            token = lab.start_server_import(path, name=st.session_state["dataset_name"])
        except CnnlabError as error:
            st.error(escaped(str(error), limit=1000))
        else:
            follow_import(token)


def follow_import(token: str) -> None:
    """Show how an import goes that has just been started."""
    st.session_state[_IMPORTING] = token
    st.session_state[_STARTED_AT] = time.monotonic()
    st.session_state.pop("import_message", None)
    st.rerun()


@st.fragment(run_every=_POLL_SECONDS)
def _render_progress() -> None:
    state = st.session_state
    try:
        progress = lab.import_state(state[_IMPORTING])
    except CnnlabError as error:
        progress = lab.ImportState(error=str(error))
    if not progress.is_ended:
        share = progress.done / progress.total if progress.total else 0.0
        st.progress(min(share, 1.0), _words(progress))
        st.button(
            "Cancel", key="cancel_import", icon=":material/close:",
            on_click=lab.cancel_import, args=(state[_IMPORTING],),
        )  # fmt: skip
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


def _words(progress: lab.ImportState) -> str:
    if not progress.total:
        return "Opening the file"
    if progress.done == progress.total:
        return "Looking for copies and poor images"
    seconds = max(0.1, time.monotonic() - st.session_state[_STARTED_AT])
    rate = progress.done / seconds
    left = f", {duration((progress.total - progress.done) / rate)} left" if progress.done else ""
    return f"Reading {progress.done:,} of {progress.total:,} images, {rate:,.0f} a second{left}"


_LAYOUTS = """
- **Class folders**: `cats/1.jpg`, `dogs/2.jpg`, ... A folder around them all and system files
  like `__MACOSX` don't matter.
- **Your own split**: `train/cats/...`, `validation/cats/...`, `test/cats/...`
  (also `val`, `valid`; upper or lower case).
- **Flat images and a CSV** with a file and a label column, in the archive or chosen beside it.
- All this as a **zip** or as a **tar** (also `.tar.gz`).

JPEG, PNG, WebP, BMP, GIF and TIFF are read. Files that can't be read are skipped, and listed with
the reason.
"""
