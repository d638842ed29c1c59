"""What every component begins with: its folder is made known to Streamlit."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import streamlit as st

from cnnlab.server.assets import module_address

_FOLDER = Path(__file__).parents[1]


class Mount(Protocol):
    """Puts a component on the page."""

    def __call__(self, *, key: str, data: Mapping[str, Any], **options: Any) -> Any:  # noqa: ANN401
        """Draw it.

        Args:
            key: the widget's key.
            data: what its module is given.
            **options: those of Streamlit: `default`, `height`, `on_NAME_change`.

        Returns:
            What it holds, each value by its name.
        """


def browser_component(name: str, styles: Sequence[str] = ()) -> Mount:
    """Register the component whose folder has this name.

    Its markup and style are `NAME.html` and, where it has one, `NAME.css` after the style that all
    share; its module `NAME.mjs` is loaded from our own route, and so are the modules that it
    imports.

    Args:
        name: of the folder.
        styles: of `shared/` that several components have, before its own.
    """
    shared = [_FOLDER / "shared" / f"{each}.css" for each in ("shared", *styles)]
    of_all = [*shared, _FOLDER / name / f"{name}.css"]
    mount = st.components.v2.component(
        f"cnnlab_{name}",
        html=(_FOLDER / name / f"{name}.html").read_text(encoding="utf-8"),
        css="".join(style.read_text(encoding="utf-8") for style in of_all if style.exists()),
        js=(_FOLDER / "shared" / "loader.mjs").read_text(encoding="utf-8"),
        isolate_styles=False,  # Plotly puts its own styles into the document's head
    )

    def mounted(*, key: str, data: Mapping[str, Any], **options: Any) -> Any:  # noqa: ANN401
        module = {"module": module_address(f"{name}/{name}.mjs")}
        # As one item of a list: in what is given as it is, Streamlit looks for tables, and loads
        # pandas for it, 50 MB, at the first page that anybody sees.
        return mount(key=key, data=[{**data, **module}], **options)

    return mounted


def rerun() -> None:
    """The callback of a value after which the page is only run again: Streamlit wants one."""
