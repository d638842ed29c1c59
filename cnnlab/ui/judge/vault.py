"""The test images of a run: locked away until a button is pressed that says what it means."""

from dataclasses import dataclass, field
from functools import partial

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.run_config import load_stored
from cnnlab.domain.data.split import TEST
from cnnlab.domain.data.vault import VaultLooks
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.run import Run
from cnnlab.domain.words import counted
from cnnlab.judging.words.vault_words import choosing_words
from cnnlab.ui.changing import for_editors
from cnnlab.ui.components.scroll.scroll import scroll_to
from cnnlab.ui.components.table.table import render_table
from cnnlab.ui.judge.parts import show_part
from cnnlab.ui.judge.vault_words import (
    looks_words,
    minus_words,
    next_look_words,
    opened_words,
)
from cnnlab.ui.page_files import page_file
from cnnlab.ui.run.result.flattered import render_flattered
from cnnlab.ui.text import escaped, moment, plain
from cnnlab.ui.watching import watch_job

_LONG = 2000
_PANEL = "test_vault"
_Asked = tuple[str, int]
"""A run's id and its attempt: of one that is resumed the model is another one."""


@dataclass
class _Door:
    """What this session has opened.

    One object, changed in place: with Streamlit's own state a click in between could take away
    what was just looked at.

    Attributes:
        asked: the run whose button was pressed and which wasn't looked at yet.
        problem: why that came to nothing.
        opened: what was seen, by the run.
    """

    asked: _Asked | None = None
    problem: str | None = None
    opened: dict[_Asked, lab.TestLook] = field(default_factory=dict)


def opened_test(run: Run) -> lab.TestLook | None:
    """How good the run's model is on its test images, where this session has looked at them.

    Once the run is resumed its model is another one, which nobody has looked at.

    To be called before anything is drawn: it is here that a press of the button becomes a look.

    Args:
        run: an ended one with an epoch.
    """
    door, asked = _door(), _asked(run)
    if door.asked == asked and _is_computed(door):
        _look(door)
        if asked in door.opened:
            show_part(TEST)
            scroll_to(_PANEL)
    return door.opened.get(asked)


def close_test(run: Run) -> None:
    """Show nothing more of what was seen, because it is deleted; the looks stay counted."""
    _door().opened.pop(_asked(run), None)


def _asked(run: Run) -> _Asked:
    return run.id, run.attempt


def _door() -> _Door:
    door: _Door = st.session_state.setdefault("vault_door", _Door())
    return door


def render_vault(run: Run) -> None:
    """The panel of the test images: locked, being computed, or what a look has shown.

    Args:
        run: an ended one with an epoch.
    """
    config = load_stored(run.config)
    st.header("Test images", anchor=False)
    render_flattered(run)
    if config is None:
        st.info(
            "This run's configuration is of another version: which images are its test images "
            "isn't known here. Train it again from the Train page."
        )
        return
    with st.container(border=True, key=_PANEL):
        if not lab.count_splits(run.dataset, config.split)[TEST]:
            _render_absent()
            return
        door, looks = _door(), lab.test_looks(run.dataset, config.split)
        if look := door.opened.get(_asked(run)):
            _render_opened(look, looks)
        else:
            _render_closed(run, looks, door)


def _render_absent() -> None:
    st.markdown(
        ":material/lock: **This run has no test images.** What they would be for: a number that "
        "nothing was chosen by, not the epoch, not the settings. Two ways to have some:"
    )
    st.markdown(
        "- on the Train page set the *test share*, 10 to 20\N{NO-BREAK SPACE}% say, before a run "
        "begins\n"
        "- or upload the images with a folder called `test` beside `train`"
    )
    st.page_link(page_file("train"), label="Go to Train", icon=":material/tune:")


def _render_closed(run: Run, looks: VaultLooks, door: _Door) -> None:
    """What opening means, how often it was done, and the button; or how far the job is."""
    st.markdown(
        f":material/lock: **{counted(looks.images, 'test image')} are locked away.** "
        f"{_what_they_tell(run)} only as long as nothing is chosen by them: whoever compares "
        "models by them has made them another validation set. So each look is counted, for good "
        "and for everybody. Open them once all else is decided."
    )
    st.markdown(escaped(looks_words(looks), limit=_LONG))
    _render_who(looks)
    if door.asked == _asked(run):
        watch_job(
            "test",
            partial(lab.evaluation_state, run.id, TEST),
            partial(lab.cancel_evaluation, run.id, TEST),
            is_counted=True,
        )
        return
    if door.problem:
        st.error(
            f"{escaped(door.problem, limit=_LONG)} Nothing was shown.", icon=":material/error:"
        )
        door.problem = None
    st.markdown(next_look_words(looks, run.id))
    st.button(
        "Open the test images",
        key="open_test_split",
        icon=":material/lock_open:",
        on_click=_ask,
        args=(run,),
        **for_editors(),
    )


def _what_they_tell(run: Run) -> str:
    """Begins the sentence on how long they tell something."""
    seen = lab.run_seen(run)
    if seen and seen["seen_test"]:
        return "The weights that it started with know some of them, see above. The rest holds"
    return (
        "No weight was trained on them and no epoch chosen by them, so they tell what the model is "
        "worth on new images. That holds"
    )


def _ask(run: Run) -> None:
    door = _door()
    try:
        lab.start_evaluation(run.id, TEST)
        door.asked = _asked(run)
    except CnnlabError as error:
        door.problem = str(error)


def _is_computed(door: _Door) -> bool:
    """Whether what was asked for is there; where it failed, nothing is asked for any more."""
    state = None if door.asked is None else lab.evaluation_state(door.asked[0], TEST)
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
    asked, door.asked = door.asked, None
    assert asked is not None
    try:
        door.opened[asked] = lab.look_at_test(asked[0])
    except CnnlabError as error:
        door.problem = str(error)


def _render_opened(look: lab.TestLook, looks: VaultLooks) -> None:
    """What was seen, as which look, and what it may be used for from now on."""
    said = escaped(opened_words(look.judgement, look.vault), limit=_LONG)
    st.markdown(f":material/lock_open: {said}")
    names = {run: plain(name) for run, name in looks.runs.items()}
    accuracy = look.judgement["measures"]["accuracy"]["value"]
    if looks.at_few:
        st.markdown(escaped(looks_words(looks), limit=_LONG))
    if words := choosing_words(names, looks.images, accuracy):
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
    with st.expander(
        "Whose numbers were looked at, and when", icon=":material/history:", key="vault_looks"
    ):
        render_table(
            [
                {
                    "When": moment(look.at),
                    "Run": plain(look.run_name),
                    "Test images shown": f"{look.images:,}",
                    "Of these": f"{count:,} of {looks.images:,}",
                }
                for look, count in reversed(list(zip(looks.recorded, looks.shared, strict=True)))
            ],
            key="vault_looks_table",
            name="Whose numbers were looked at, and when",
        )
