"""Where the pages lie; links between pages name these files."""

from pathlib import Path

_PAGES = Path(__file__).parent.parent.parent / "pages"


def page_file(name: str) -> Path:
    """File of the page with the address `/name`."""
    return _PAGES / f"{name}.py"
