"""How tables say numbers."""

from pathlib import Path

import cnnlab

UI = Path(cnnlab.__file__).parent / "ui"


def test_no_table_leaves_out_decimals():
    """Streamlit's own format says 50% beside 56.25%."""
    found = [path.name for path in UI.rglob("*.py") if 'format="percent"' in path.read_text()]
    assert found == []
