"""How tables say numbers."""

from pathlib import Path

import cnnlab
from cnnlab.ui.judge.classes_view import _COLUMNS

UI = Path(cnnlab.__file__).parent / "ui"
_CONTENT_PX = 1265
"""Width of a page's content in a window of 1440 px, beside a scroll bar."""


def test_no_table_leaves_out_decimals():
    """Streamlit's own format says 50% beside 56.25%."""
    found = [path.name for path in UI.rglob("*.py") if 'format="percent"' in path.read_text()]
    assert found == []


def test_all_columns_of_the_class_table_are_in_sight():
    assert sum(column["width"] for column in _COLUMNS.values()) <= _CONTENT_PX
