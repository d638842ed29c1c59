"""What is seldom set: folded, and drawn once somebody opens it.

Drawn though nobody sees them, these parts cost each change of a field, in the server and above all
in the browser. What was set there stays set, and the heads of the sections tell of it. Further
augmentations and regularizers are folded but drawn: scripts of users set them by their keys.
"""

from collections.abc import Callable

import streamlit as st


def render_folded(title: str, key: str, render: Callable[[], None]) -> None:
    """Render a part of a section below a title that opens it.

    Args:
        title: of the part.
        key: holds whether it is open.
        render: draws what is inside.
    """
    part = st.expander(title, key=key, on_change="rerun")
    if part.open:
        with part:
            render()
