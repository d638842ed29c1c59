"""What a user notes of a run: a star, tags, a note in words."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.marks.note import MOST_NOTE_CHARACTERS
from cnnlab.domain.run import Run
from cnnlab.ui.changing import for_editors
from cnnlab.ui.models.tags import ask_tags
from cnnlab.ui.text import escaped

_NOTE, _STAR, _PROBLEM = "run_note_{}", "star_run_{}", "run_note_problem_{}"
"""Keys of each run's own: a browser that still shows another run tells what that one's say."""


def render_marks(run: Run) -> None:
    """A popover in which they are changed; each change is kept at once."""
    words = "★ Note and tags" if run.starred else "Note and tags"
    note, star, problem = (key.format(run.id) for key in (_NOTE, _STAR, _PROBLEM))
    with st.popover(words, key="run_marks", icon=":material/sell:", type="tertiary"):
        st.session_state[star] = run.starred
        st.toggle("Star", key=star, on_change=_keep_star, args=(run.id,), **for_editors())
        ask_tags(run, lab.list_all_runs().tags)
        if problem not in st.session_state:
            st.session_state[note] = run.note
        st.text_area(
            "Note", key=note, on_change=_keep_note, args=(run.id,), height=140,
            placeholder="What to remember of this run. It is found by the table's search.",
            **for_editors(
                help=f"At most {MOST_NOTE_CHARACTERS:,} characters. It leaves this machine in "
                "tables only, in no card, report or bundle."
            ),
        )  # fmt: skip
        if said := st.session_state.pop(problem, ""):
            st.error(escaped(said, limit=300), icon=":material/error:")


def render_note(run: Run) -> None:
    """What was noted, where something was: the tags, then the note."""
    told = [f":violet-badge[:material/sell: {escaped(tag)}]" for tag in run.tags]
    if run.note:
        told.append(f":material/sticky_note_2: {escaped(run.note, limit=MOST_NOTE_CHARACTERS)}")
    if told:
        st.markdown(" ".join(told))


def _keep_star(run: str) -> None:
    try:
        lab.star_runs([run], starred=st.session_state[_STAR.format(run)])
    except CnnlabError as error:
        st.session_state[_PROBLEM.format(run)] = str(error)


def _keep_note(run: str) -> None:
    try:
        lab.note_run(run, st.session_state[_NOTE.format(run)])
    except CnnlabError as error:
        st.session_state[_PROBLEM.format(run)] = str(error)
