"""What stands beside a phone's start button, which stays at the foot of a long form."""

from collections.abc import Sequence

import streamlit as st

START_ANCHOR = "before-the-start"
"""Of what is said of a start, for links to it."""


def render_foot(lines: Sequence[str] | None) -> None:
    """What a start would cost, and the way to what speaks against it; drawn beside the button.

    Args:
        lines: how much it is, shortly; None where nothing can be started.
    """
    st.html(f'<p class="cnnlab-pace">{foot_html(lines)}</p>')


def foot_html(lines: Sequence[str] | None) -> str:
    """These lines with the way to what warns.

    The page's style shows that way where something warns, as it does all words on a phone only.
    """
    if lines is None:
        return f'Can\'t start<br><a href="#{START_ANCHOR}">Reason below</a>'
    return f'{"<br>".join(lines)}<a href="#{START_ANCHOR}">Warning below</a>'
