"""A format that is ready, closely: per class, how it is used, and what its download holds."""

from pathlib import PurePosixPath

import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.records.export import ExportCheck
from cnnlab.domain.run import Run
from cnnlab.domain.words import counted, data_size
from cnnlab.ui.components.table.table import Column, render_table
from cnnlab.ui.text import escaped, plain

_FIRST = ("predict.py", "train.py")
_LANGUAGES = {
    ".py": "python", ".js": "javascript", ".mjs": "javascript", ".cpp": "cpp", ".kt": "kotlin",
    ".json": "json", ".md": "markdown",
}  # fmt: skip
_TABLE_PX = 400


def render_details(run: Run, row: lab.ExportRow) -> None:
    """The panels below a format; what they show is read when they are opened."""
    check = row.state.answer if row.state else None
    if check is None:
        return
    if check.get("per_class"):
        classes = st.expander(
            "Right and wrong by class",
            key="export_classes",
            icon=":material/category:",
            on_change="rerun",
        )
        if classes.open:
            with classes, st.container(key="export_per_class"):
                _render_per_class(check)
    inside = st.expander(
        "How it is used, and what the download holds",
        key="export_inside",
        icon=":material/code:",
        on_change="rerun",
    )
    if inside.open:
        with inside:
            _render_inside(run, row)


def _render_per_class(check: ExportCheck) -> None:
    rows = [each for each in check["per_class"] if each["images"]]
    left_out = len(check["per_class"]) - len(rows)
    without = f"; {counted(left_out, 'class', 'classes')} had no image among them"
    st.caption(
        f"How many of the {check.get('images', 0):,} compared validation images the file is right "
        f"about, and the model in float32{without if left_out else ''}."
    )
    table = [
        {
            "class": plain(each["class"], limit=40),
            "file": f"{each['right']:,} of {each['images']:,}",
            "float32": f"{each['right_float32']:,} of {each['images']:,}",
            "change": each["right"] - each["right_float32"],
        }
        for each in sorted(rows, key=lambda each: each["right"] - each["right_float32"])
    ]
    render_table(
        table,
        key="per_class_of_file",
        name="Right by class, this file and float32",
        columns={
            "class": Column("Class"),
            "file": Column("Right, this file", "number"),
            "float32": Column("Right, float32", "number"),
            "change": Column("Change, images", "number", "{:+,}".format),
        },
    )


def _render_inside(run: Run, row: lab.ExportRow) -> None:
    try:
        details = lab.export_details(run.id, row.format.name, calibrated=row.calibrated)
    except CnnlabError as error:
        st.error(escaped(str(error), limit=1000), icon=":material/error:")
        return
    if details.texts:
        _render_texts(details.texts)
    st.markdown(f"**{escaped(details.name, limit=200)}**, {data_size(details.bytes)}, SHA-256:")
    st.code(details.sha256, language=None, wrap_lines=True)
    if details.members:
        members = [
            {"In the zip": plain(each.name, limit=200), "Size": data_size(each.bytes)}
            for each in details.members
        ]
        render_table(members, key="in_the_zip", name="Files in the zip")


def _render_texts(texts: dict[str, str]) -> None:
    """One of the texts in the download, the usage example first; a button there copies it."""
    names = sorted(texts, key=lambda name: (name not in _FIRST, name))
    shown = names[0]
    if len(names) > 1:
        shown = st.selectbox("A file of the download", names, key="export_text") or names[0]
    language = _LANGUAGES.get(PurePosixPath(shown).suffix)
    st.code(texts[shown], language=language, height=_TABLE_PX)
