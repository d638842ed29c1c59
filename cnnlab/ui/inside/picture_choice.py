"""One picture that several sections are about, chosen from a list."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from cnnlab import lab
from cnnlab.domain.run import Run
from cnnlab.domain.words import called, percent
from cnnlab.ui.text import distinct, plain

_EXTRA = "inside_extra_picture"
"""Session key: run, and row of a picture that was chosen elsewhere on the page."""


def wrong_titles(run: Run, inside: lab.Inside) -> dict[int, str]:
    """The pictures that the net is wrong about by row, the surest mistakes first, with words."""
    arrays = inside.arrays
    classes = lab.load_dataset(run.dataset).classes
    names = [plain(called(name), limit=30) for name in classes]
    facts = lab.image_facts(run.dataset, arrays["wrong"])
    told = zip(
        facts, arrays["wrong_labels"], arrays["wrong_named"], arrays["wrong_sureness"], strict=True
    )
    return distinct_rows(
        {
            fact.row: f"{names[label]} taken for {names[named]} ({percent(float(sure))}) · "
            f"{plain(fact.file)}"
            for fact, label, named, sure in told
        }
    )


def ask_picture(run: Run, titles: dict[int, str], *, key: str, label: str) -> int:
    """Ask for one of some pictures, or the one that was chosen elsewhere."""
    extra = st.session_state.get(_EXTRA)
    offered = dict(titles)
    if extra and extra[0] == run.id and extra[1] not in offered:
        [fact] = lab.image_facts(run.dataset, np.array([extra[1]]))
        offered = {fact.row: f"{plain(fact.label, limit=30)} · {plain(fact.file)}"} | offered
    if st.session_state.get(key) not in offered:
        st.session_state[key] = next(iter(offered))
    chosen: int = st.selectbox(label, list(offered), key=key, format_func=offered.__getitem__)
    return chosen


def choose_picture(run: Run, row: int, *, key: str) -> None:
    """Have a picture chosen that was found elsewhere on the page."""
    st.session_state[_EXTRA] = (run.id, row)
    st.session_state[key] = row


def distinct_rows(words: dict[int, str]) -> dict[int, str]:
    """Words for pictures by row, the later of equal ones numbered."""
    told = distinct({str(row): text for row, text in words.items()})
    return {int(row): text for row, text in told.items()}


def rows_titles(run: Run, rows: Sequence[int]) -> dict[int, str]:
    """Pictures by row with their class and file."""
    facts = lab.image_facts(run.dataset, np.array(rows, int))
    return distinct_rows(
        {fact.row: f"{plain(fact.label, limit=30)} · {plain(fact.file)}" for fact in facts}
    )
