"""The test images of a run: locked away until a button is pressed that says what it means."""

from dataclasses import dataclass, field

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.run_config import load_stored
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.records.judgement import Judgement
from cnnlab.domain.run import Run
from cnnlab.domain.vault import VaultLooks
from cnnlab.domain.words import counted
from cnnlab.ui.judge.vault_words import (
    looks_words,
    minus_words,
    next_look_words,
    opened_words,
    several_runs_words,
)
from cnnlab.ui.page_files import page_file
from cnnlab.ui.text import escaped, moment, plain

_POLL_SECONDS = 0.5
_LONG = 2000
_PART = "test"


@dataclass
class _Door:
    """What this session has opened.

    One object, changed in place: with Streamlit's own state a click in between could take away
    what was just looked at.

    Attributes:
        asked: id of the run whose button was pressed and which wasn't looked at yet.
        problem: why that came to nothing.
        opened: what was seen, by the run's id.
    """

    asked: str | None = None
    problem: str | None = None
    opened: dict[str, lab.TestLook] = field(default_factory=dict)


def render_vault(run: Run) -> Judgement | None:
    """The panel of the test images; one look for one press of its button.

    Args:
        run: an ended one with an epoch.

    Returns:
        How good the run's model is on them, where it was opened in this session; else None.
    """
    config = load_stored(run.config)
    if config is None:
        st.info(
            "This run's configuration is of another version: which images are its test images "
            "isn't known here. Train it again from the Train page."
        )
        return None
    if not lab.count_splits(run.dataset, config.split)[_PART]:
        _render_absent()
        return None
    door: _Door = st.session_state.setdefault("vault_door", _Door())
    if door.asked == run.id and _is_computed(door):
        _look(door)
    looks = lab.test_looks(run.dataset, config.split)
    with st.container(border=True, key="test_vault"):
        if look := door.opened.get(run.id):
            _render_opened(look, looks)
            return look.judgement
        _render_closed(run, looks, door)
    return None


def _render_absent() -> None:
    with st.container(border=True, key="test_vault"):
        st.markdown(
            ":material/lock: **This run has no test images.** What they would be for: a number "
            "that nothing was chosen by, not the epoch, not the settings. Two ways to have some:"
        )
        st.markdown(
            "- on the Train page set the *test share* of the images, 10 to 20 % say, before a run "
            "begins\n- or upload the images with a folder called `test` beside `train`"
        )
        st.page_link(page_file("train"), label="Go to Train", icon=":material/tune:")


def _render_closed(run: Run, looks: VaultLooks, door: _Door) -> None:
    """What opening means, how often it was done, and the button; or how far the job is."""
    st.markdown(
        f":material/lock: **{counted(looks.images, 'test image')} are locked away.** No weight was "
        "trained on them and nothing was chosen by them, so they tell what the model is worth on "
        "new images. That holds only as long as nothing is chosen by them: whoever compares "
        "models by them has made them another validation set. So each look is counted, for good "
        "and for everybody. Open them once all else is decided."
    )
    st.markdown(escaped(looks_words(looks), limit=_LONG))
    _render_who(looks)
    if door.asked == run.id:
        st.fragment(_render_progress, run_every=_POLL_SECONDS)(run.id)
        return
    if door.problem:
        st.error(
            f"{escaped(door.problem, limit=_LONG)} Nothing was shown, so no look was counted.",
            icon=":material/error:",
        )
        door.problem = None
    st.button(
        "Open the test images",
        key="open_test_split",
        type="primary",
        icon=":material/lock_open:",
        on_click=_ask,
        args=(run.id,),
    )
    st.caption(next_look_words(looks, run.id))


def _ask(run: str) -> None:
    door: _Door = st.session_state["vault_door"]
    try:
        lab.start_evaluation(run, _PART)
        door.asked = run
    except CnnlabError as error:
        door.problem = str(error)


def _is_computed(door: _Door) -> bool:
    """Whether what was asked for is there; where it failed, nothing is asked for any more."""
    state = None if door.asked is None else lab.evaluation_state(door.asked, _PART)
    if state is not None and not state.is_ended:
        return False
    if state is None or not state.is_ready:
        door.asked = None
        was_cancelled = state is None or state.stage == "cancelled"
        door.problem = None if was_cancelled or state is None else state.problem
        return False
    return True


def _look(door: _Door) -> None:
    """Look once. Nothing of Streamlit's may stand in here, see `_Door`."""
    run, door.asked = door.asked, None
    assert run is not None
    try:
        door.opened[run] = lab.look_at_test(run)
    except CnnlabError as error:
        door.problem = str(error)


def _render_progress(run: str) -> None:
    state = lab.evaluation_state(run, _PART)
    if state is None or state.is_ended:
        st.rerun()
    with st.container(key="vault_progress"):
        st.markdown(f":material/progress_activity: {escaped(state.phase)} ...")
        if state.total:
            st.progress(min(1.0, state.done / state.total))
        st.button(
            "Cancel",
            key="cancel_test",
            icon=":material/close:",
            on_click=lab.cancel_evaluation,
            args=(run, _PART),
        )


def _render_opened(look: lab.TestLook, looks: VaultLooks) -> None:
    """What was seen, as which look, and what it may be used for from now on."""
    st.markdown(f":material/lock_open: {escaped(opened_words(look.judgement, look.looks))}")
    if words := several_runs_words({plain(run): plain(name) for run, name in looks.runs.items()}):
        st.warning(escaped(words, limit=_LONG), icon=":material/warning:")
    if look.validation_minus_test is not None:
        st.markdown(escaped(minus_words(look.validation_minus_test), limit=_LONG))
    else:
        st.caption(
            "How far validation and test are apart is told where it is judged on validation before."
        )
    _render_who(looks)
    st.caption(
        "It stays open in this tab until the page is loaded anew; to open it again is another look."
    )


def _render_who(looks: VaultLooks) -> None:
    """When whose numbers were shown, the newest first; not the numbers, which would be a look."""
    if not looks.recorded:
        return
    with st.expander("Who was looked at, and when", icon=":material/history:", key="vault_looks"):
        st.table(
            [
                {
                    "When": moment(look.at),
                    "Run": escaped(look.run_name),
                    "Test images": f"{look.images:,}",
                }
                for look in reversed(looks.recorded)
            ],
            hide_index=True,
        )
