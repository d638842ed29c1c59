"""An import on screen: how far it is, and what came of it, where it can't be overlooked."""

import time

import streamlit as st

from cnnlab import lab
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.words import IMPORT_STAGES, counted, duration, percent
from cnnlab.lab.data import drafts
from cnnlab.ui.changing import for_editors
from cnnlab.ui.components.scroll.scroll import scroll_to
from cnnlab.ui.data.choice import CHOSEN_DATASET
from cnnlab.ui.data.dataset_view import render_skipped, show_part
from cnnlab.ui.data.followed_import import (
    CHOICES,
    GATHERED,
    IMPORTING,
    PARAMETER,
    PROBLEM,
    RESULT,
    STATUS,
    forget_result,
    is_importing,
)
from cnnlab.ui.data.label_choices import render_other_labels, render_problem, table_of_others
from cnnlab.ui.text import escaped

IMPORTED = "imported_token"
"""Session key: the upload that has become a dataset."""

RESET = "upload_reset"
"""Session key: another number empties the form for the next upload."""

_POLL_SECONDS = 0.5


def find_import_again() -> None:
    """Wait for the import that the address names, where the page was loaded again meanwhile."""
    state, token = st.session_state, st.query_params.get(PARAMETER)
    if token and not is_importing():
        try:
            lab.import_state(token)
        except CnnlabError:  # tidied away long ago
            st.query_params.pop(PARAMETER)
        else:
            state[IMPORTING] = token


def render_import_status() -> None:
    """Progress while an import runs, then its result: as long as that dataset is the chosen one."""
    state = st.session_state
    if is_importing():
        with st.container(key=STATUS):
            st.fragment(_render_progress, run_every=_POLL_SECONDS)()
    elif PROBLEM in state:
        with st.container(key=STATUS):
            render_problem()
    elif RESULT in state and state[RESULT] == state.get(CHOSEN_DATASET):
        try:
            dataset = lab.load_dataset(state[RESULT])
        except CnnlabError:  # deleted in the meantime
            forget_result()
        else:
            with st.container(key=STATUS):
                _render_result(dataset)


def _render_progress() -> None:
    state = st.session_state
    token = state.get(IMPORTING)
    if token is None:  # a tick that came after the last one: what it would show has ended
        st.rerun()
    try:
        progress = lab.import_state(token)
    except CnnlabError as error:
        _end(token, problem=str(error))
        return
    if progress.is_ended:
        answer = progress.answer
        if progress.choices:
            state[CHOICES] = token, progress.choices
        _end(token, dataset=answer.dataset if answer else None, problem=progress.problem or "")
        return
    share = progress.done / progress.total if progress.total else 0.0
    st.progress(min(share, 1.0), _words(progress))
    st.button(
        "Cancel",
        key="cancel_import",
        icon=":material/close:",
        on_click=lab.cancel_import,
        args=(token,),
        **for_editors(),
    )


def _end(token: str, *, dataset: str | None = None, problem: str) -> None:
    """Show what came of an import instead of its progress."""
    state = st.session_state
    state.pop(IMPORTING)
    st.query_params.pop(PARAMETER, None)
    if dataset:
        _empty_cards(token)
        if token == state.get("upload_token"):  # else what is chosen in the form waits on
            state[IMPORTED] = token
            state[RESET] += 1
        state[RESULT] = state[CHOSEN_DATASET] = dataset
    else:
        state[PROBLEM] = escaped(problem, limit=1000)
    scroll_to(STATUS)
    st.rerun()


def _empty_cards(token: str) -> None:
    """Take what an import was made of out of the cards, where it comes from there."""
    try:
        draft = drafts.remove_imported(token)
    except CnnlabError:  # the dataset is there all the same; its pictures stay on the cards
        return
    if draft:
        st.session_state[GATHERED] = {"": draft}


def _words(progress: lab.ImportState) -> str:
    if not progress.started_at:
        return progress.phase
    seconds = max(0.1, time.time() - progress.started_at)
    if not progress.total:
        return f"Opening the file, {duration(seconds)} so far"
    if progress.phase != IMPORT_STAGES["reading"]:
        share = percent(progress.done / progress.total, decimals=0)
        return f"All images are read. {progress.phase}, {share}"
    if progress.done == progress.total:
        return f"All {progress.total:,} images are read, {duration(seconds)} so far"
    rate = progress.done / seconds
    left = f", {duration((progress.total - progress.done) / rate)} left" if progress.done else ""
    return f"Reading {progress.done:,} of {progress.total:,} images, {rate:,.0f} a second{left}"


def _render_result(dataset: Dataset) -> None:
    """What was imported, what was left out, what to look at, and what to do next."""
    found = len(lab.open_findings(dataset.id))
    skipped = f", {counted(len(dataset.skipped), 'file')} skipped" if dataset.skipped else ""
    if found:
        look = f"{counted(found, 'finding')} to decide on before training."
    elif lab.findings(dataset.id):
        look = "You have decided on everything that was found."
    else:
        look = "Nothing was found wrong with the images."
    told = f"{escaped(dataset.name)}: {dataset.images:,} images in {len(dataset.classes)} classes"
    if mostly := table_of_others(dataset):
        reason = escaped(mostly.message, limit=1000)
        st.warning(f"{told}{skipped}. {reason} {look}", icon=":material/warning:")
    else:
        st.success(f"{told}{skipped}. {look}", icon=":material/check_circle:")
    st.button(
        f"Look at the {counted(found, 'finding')}" if found else "Look at the images",
        key="look_at_import",
        icon=":material/search:",
        on_click=show_part,
        args=(dataset.id, "findings" if found else "gallery"),
    )
    render_other_labels(dataset)
    render_skipped(dataset)
