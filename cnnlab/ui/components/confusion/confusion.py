"""A confusion matrix in the browser: any cell can be chosen by click or key."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import streamlit as st

from cnnlab.ui.components.shared.component import browser_component, rerun
from cnnlab.ui.text import plain

_NAME_LENGTH = 60
_confusion = browser_component("confusion")


class ConfusionCell(TypedDict):
    """How many images of the class `true` are taken for `predicted`; both are labels."""

    true: int
    predicted: int
    images: int


class ConfusionData(TypedDict):
    """The matrix: names of the classes by label, and its cells with images.

    `chosen` are the true and the predicted label of the cell that is chosen already, such as before
    another matrix was shown; none where none is.
    """

    classes: list[str]
    cells: list[ConfusionCell]
    version: str
    chosen: list[int]


def ask_cell(
    confusion: Sequence[Sequence[int]], classes: Sequence[str], *, key: str, version: str
) -> tuple[int, int] | None:
    """Show a confusion matrix and ask for a cell.

    Args:
        confusion: counts; a row is a true class, a column a predicted one.
        classes: names in the order of the labels.
        key: the widget's key.
        version: another text says that it is another matrix, in which nothing is chosen yet.

    Returns:
        The labels of the true and the predicted class, or None.
    """
    data: ConfusionData = {
        "classes": [plain(name, limit=_NAME_LENGTH) for name in classes],
        "cells": [
            {"true": true, "predicted": predicted, "images": int(images)}
            for true, row in enumerate(confusion)
            for predicted, images in enumerate(row)
            if images
        ],
        "version": version,
        "chosen": list(_meant((st.session_state.get(key) or {}).get("cell"), version) or ()),
    }
    result = _confusion(key=key, data=data, default={"cell": None}, on_cell_change=rerun)
    return _meant(result.cell, version)


def _meant(chosen: Mapping[str, Any] | None, version: str) -> tuple[int, int] | None:
    """The labels of the chosen cell, if it was chosen in this matrix."""
    if not chosen or chosen["version"] != version:
        return None
    return int(chosen["true"]), int(chosen["predicted"])
