"""What to import: an upload that goes to disk, a name, labels; a process of its own reads it."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.data.labelling import Labelling
from cnnlab.domain.errors import CnnlabError
from cnnlab.ui.changing import for_editors
from cnnlab.ui.components.upload.upload import ask_upload
from cnnlab.ui.data.followed_import import follow_import, forget_result, is_importing
from cnnlab.ui.data.import_progress import IMPORTED, RESET
from cnnlab.ui.data.label_choices import are_open, ask_labelling, forget_choices
from cnnlab.ui.text import escaped

_NAMED_FOR = "upload_named_for"
_AREA = "dataset_upload"


def has_upload() -> bool:
    """Whether something was uploaded of which no dataset has come yet."""
    upload = (st.session_state.get(_AREA) or {}).get("upload")
    return upload is not None and upload["token"] != st.session_state.get(IMPORTED)


def render_import_form() -> None:
    """Ask for files, a name and perhaps a CSV; import on the button's press."""
    state = st.session_state
    if state.get(_NAMED_FOR) != state.setdefault(RESET, 0):  # a new, empty form
        state[_NAMED_FOR] = state[RESET]
        state["dataset_name"] = ""
        forget_choices()
    upload = _ask_files()
    left, right = st.columns(2)
    name = left.text_input(
        "Name", key="dataset_name", max_chars=100, placeholder="What to call the dataset"
    )
    with right, st.container(key="labels_upload"):
        labels = st.file_uploader(
            "Labels as a CSV file, only for images without class folders",
            type=["csv", "tsv", "txt"],
            key=f"labels_{state[RESET]}",  # another key empties it for the next upload
            help="One row for each image, with a file and a label column.",
        )
    busy = is_importing()
    with st.expander("More choices", expanded=are_open()):
        labelling = ask_labelling()
        _render_server_import(busy, labelling)
    if (
        st.button(
            "Import",
            key="import_dataset",
            icon=":material/download:",
            **for_editors(disabled=busy or not upload),
        )
        and upload
    ):
        lab.start_import(
            upload["token"],
            name=name,
            labels=labels.getvalue() if labels else None,
            labelling=labelling,
        )
        follow_import(upload["token"])
    with st.expander("What can be uploaded?"):
        st.markdown(_LAYOUTS)


def _ask_files() -> dict[str, str] | None:
    """The area for files; the name of new ones becomes that of the dataset."""
    state = st.session_state
    upload = ask_upload(key=_AREA, reset=str(state[RESET]))
    if not upload or upload["token"] == state.get(IMPORTED):
        return None  # what was there is imported; the browser still names it
    if state.get("upload_token") != upload["token"]:
        state["upload_token"] = upload["token"]
        forget_result()
        state["dataset_name"] = upload["name"].rsplit(".", 1)[0].replace("_", " ")
    return upload


def _render_server_import(busy: bool, labelling: Labelling) -> None:
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
    if st.button(
        "Import from the server",
        key="import_server",
        **for_editors(disabled=busy or not path.strip()),
    ):
        try:
            token = lab.start_server_import(
                path, name=st.session_state["dataset_name"], labelling=labelling
            )
        except CnnlabError as error:
            st.error(escaped(str(error), limit=1000))
        else:
            follow_import(token)


_LAYOUTS = """
- **Class folders**: `cats/1.jpg`, `dogs/2.jpg`, ... A folder around them all and system files
  like `__MACOSX` don't matter.
- **Your own split**: `train/cats/...`, `validation/cats/...`, `test/cats/...`
  (also `val`, `valid`; upper or lower case).
- **Flat images whose names begin with their class**: `cat.0.jpg`, `great_pyrenees_12.jpg`.
- **Flat images and a CSV** with a file and a label column, in the archive or chosen beside it.
- **Annotations** of COCO, Pascal VOC, YOLO or LabelMe beside the images. An image's
  label is the class of its objects; their boxes are not used.
- All this as a **zip**, as a **tar** (also `.tar.gz`), as a **folder**, or as several files.
- **Parquet** from Hugging Face, and **NumPy arrays** (`.npz`, `.npy`) of images and labels.
- **Several parts of one archive** (`a.zip.001`, `a.z01`, Google Drive's `a-001.zip`): choose all of
  them together.

JPEG, PNG, WebP, BMP, GIF and TIFF are read. Files that can't be read are skipped, and listed with
the reason.
"""
