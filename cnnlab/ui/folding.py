"""What narrows a list down folds on a phone: the list comes first. A desk shows it all."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st


@contextmanager
def folded_on_phones(name: str, set_now: int) -> Iterator[None]:
    """Have what is drawn inside hidden on a phone until its switch is pressed.

    The browser alone folds and unfolds (`app.css`), so nothing is run for it and no widget is lost.

    Args:
        name: ends the keys of the switch, `unfold_NAME`, and of what it folds, `folded_NAME`.
        set_now: how many of the filters inside leave something out; the switch says it.
    """
    told = f" ({set_now} set)" if set_now else ""
    st.toggle(f":material/tune: Filters{told}", key=f"unfold_{name}", on_change="ignore")
    with st.container(key=f"folded_{name}"):
        yield
