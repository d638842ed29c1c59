"""What is seldom set: folded, and drawn once somebody opens it.

Half of the form lies in these. Drawn though nobody sees it, it cost each change of a field as much
again, in the server and above all in the browser. What was set there stays set, and the heads of
the sections tell of it.
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
