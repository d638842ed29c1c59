"""What is seldom set: folded, and drawn once somebody opens it.

Drawn though nobody sees them, these parts cost each change of a field, in the server and above all
in the browser. What was set there stays set, and the heads of the sections tell of it. Further
augmentations and regularizers are folded but drawn: scripts of users set them by their keys.
"""

from collections.abc import Callable, Collection

import streamlit as st

from cnnlab.ui.form.fields import field
from cnnlab.ui.form.problems import is_wrong


def render_folded(
    title: str, key: str, inside: Collection[str], render: Callable[[], None]
) -> None:
    """Render a part of a section below a title that opens it; what is wrong in it keeps it open.

    Args:
        title: of the part.
        key: holds whether it is open.
        inside: keys of the fields that it asks for.
        render: draws what is inside.
    """
    if any(is_wrong(field(each)[0]) for each in inside):
        st.session_state[key] = True
    part = st.expander(title, key=key, on_change="rerun")
    if part.open:
        with part:
            render()
