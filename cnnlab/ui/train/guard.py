"""Above the augmented images: whether an augmentation changes what they show, and what mends it.

Whoever changes the augmentation has it looked at in the background once the form rests; what came
with a recipe or a file is looked at on request, and so is the same augmentation once more, with
other images or where it failed. A launch doesn't wait for it, but may find the worker busy.
"""

import time

import numpy as np
import streamlit as st
from PIL import Image as PillowImage

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.config.wording.labels import in_labels, label_of
from cnnlab.domain.errors import CnnlabError, NotFoundError
from cnnlab.domain.recipes.recipe import RecipeName
from cnnlab.domain.records.guard import GuardFinding, GuardOutcome
from cnnlab.domain.words import with_unit
from cnnlab.fields import extra
from cnnlab.ui.changing import for_editors
from cnnlab.ui.form.fields import field
from cnnlab.ui.form.state import BASE, chosen_recipe
from cnnlab.ui.text import escaped

_ASKED = "guard_asked"
"""Session key: the look that was asked for last."""

_TRIED = "guard_tried"
"""Session key: the dataset and the augmentation that a look was last begun at, or failed to be."""

_CHANGED = "guard_changed"
"""Session key: the look that the form would need now, and since when, on the monotonic clock."""

_PROBLEM = "guard_problem"
_REST_SECONDS = 2.5
_POLL_SECONDS = 1.0
_MOST_EXAMPLES = 6
_TILE_PX = 72
_GAP_PX = 6


def render_guard(config: RunConfig) -> None:
    """What is known of the augmentation of the form, or what is going on."""
    if _PROBLEM in st.session_state:
        st.error(_sentence(st.session_state.pop(_PROBLEM)), icon=":material/error:")
    key = lab.guard_key(config)
    _take_back_all_but(key)
    _render_heeded(config, key)
    if not lab.may_change_labels(config):
        return
    state = _known(key)
    if state is None:
        _render_start(config)
        if _is_changed(config):
            _start_once_at_rest(config, key)
    elif not state.is_ended:
        st.fragment(_render_progress, run_every=_POLL_SECONDS)(key)
    elif state.answer is None:
        st.error(_sentence(state.problem or ""), icon=":material/error:")
        _render_start(config)
    else:
        _render_found(key, state.answer)


def _known(key: str) -> lab.GuardState | None:
    """Where a look stands; None where nobody has asked for it, or it was taken back."""
    try:
        state = lab.read_guard(key)
    except NotFoundError:
        return None
    return None if state.stage == "cancelled" else state


def _take_back_all_but(key: str) -> None:
    """End the look at an augmentation that the form had before."""
    asked = st.session_state.get(_ASKED)
    if asked is not None and asked != key:
        del st.session_state[_ASKED]
        try:
            lab.cancel_guard(asked)
        except CnnlabError as error:
            st.session_state[_PROBLEM] = error


def _render_start(config: RunConfig) -> None:
    st.button(
        "Does augmentation change what images show?",
        key="start_guard",
        icon=":material/policy:",
        on_click=_start,
        args=(config,),
        **for_editors(
            help="Two small nets look at up to 1,000 training images, plain and augmented, for "
            "some 20 seconds. Would an augmentation make classes alike, or take away what shows "
            "them? Where a class has few, validation images are taken, too. It begins by itself "
            "when you change the augmentation."
        ),
    )


def _is_changed(config: RunConfig) -> bool:
    """Whether somebody has changed the augmentation since the form was filled, or looked at."""
    filled = st.session_state[BASE]["augmentation"]
    now = config.augmentation.model_dump(mode="json")
    return bool(now != filled and (config.dataset, now) != st.session_state.get(_TRIED))


def _start_once_at_rest(config: RunConfig, key: str) -> None:
    changed = st.session_state.get(_CHANGED)
    if changed is None or changed[0] != key:
        st.session_state[_CHANGED] = key, time.monotonic()
    st.fragment(_start_at_rest, run_every=_POLL_SECONDS)(config, key)


def _start_at_rest(config: RunConfig, key: str) -> None:
    changed, since = st.session_state[_CHANGED]
    if changed == key and time.monotonic() - since >= _REST_SECONDS:
        _start(config)
        st.rerun()


def _start(config: RunConfig) -> None:
    """Begin, once by itself: where that fails, only the button tries again."""
    st.session_state[_TRIED] = config.dataset, config.augmentation.model_dump(mode="json")
    try:
        st.session_state[_ASKED] = lab.start_guard(config, again=True)
    except CnnlabError as error:
        st.session_state[_PROBLEM] = error


def _render_progress(key: str) -> None:
    state = _known(key)
    if state is None or state.is_ended:
        st.rerun()
    with st.container(key="guard_progress"):
        st.caption(
            ":material/progress_activity: Does augmentation change what images show? "
            f"{escaped(in_labels(state.phase))} ..."
        )


def _render_heeded(config: RunConfig, key: str) -> None:
    """What was found of stronger augmentation, and the recipe keeps away from."""
    if chosen_recipe() is not RecipeName.GOOD:
        return
    try:
        looks = lab.guards_of_recipe(config)
    except CnnlabError as error:
        st.caption(_sentence(error))
        return
    for place, (looked, outcome) in enumerate(looks.items()):
        for number, finding in enumerate(outcome["findings"] if looked != key else ()):
            with st.container(key=f"guard_heeded_{place}_{number}"):
                said = f"Good model heeds what was found. {finding['words']}"
                st.info(_sentence(said), icon=":material/shield:")
                _render_examples(looked, number, finding)


def _render_found(key: str, outcome: GuardOutcome) -> None:
    for number, finding in enumerate(outcome["findings"]):
        with st.container(key=f"guard_finding_{number}"):
            st.warning(_sentence(finding["words"]), icon=":material/warning:")
            _render_examples(key, number, finding)
            _render_fix(finding)
    if not outcome["can_tell"]:
        st.caption(f":material/question_mark: {_sentence(outcome['words'])}")
        return
    if not outcome["findings"] and not outcome["notes"]:
        st.caption(":green[:material/check:] Nothing found that would change what images show.")
    for note in outcome["notes"]:
        st.warning(_sentence(note), icon=":material/school:")
    st.caption(_sentence(outcome["words"]))


def _render_examples(key: str, number: int, finding: GuardFinding) -> None:
    """Of the clearest pairs some images by turns: plain, augmented, and what that looks like."""
    try:
        shown = [
            lab.guard_pictures(key, number, place)
            for place, pair in enumerate(finding["pairs"])
            if pair["images"]
        ]
    except CnnlabError as error:
        st.caption(_sentence(error))
        return
    turns = max((len(rows) for rows in shown), default=0)
    rows = [one[turn] for turn in range(turns) for one in shown if turn < len(one)]
    if rows:
        rows = rows[:_MOST_EXAMPLES]
        st.image(_compose(rows), width="stretch", alt="Images, augmented, and what they look like")
        st.caption("In threes: an image, the same augmented, and one of the class it looks like.")


def _compose(rows: list[np.ndarray]) -> PillowImage.Image:
    """Two threes in a row, with a wider gap between them; no tile where nothing is looked like."""
    step, three = _TILE_PX + _GAP_PX, 3 * (_TILE_PX + _GAP_PX) + 2 * _GAP_PX
    lines = -(-len(rows) // 2)
    grid = PillowImage.new("RGBA", (2 * three - 3 * _GAP_PX, lines * step - _GAP_PX))
    for number, row in enumerate(rows):
        for place, pixels in enumerate(row if row[2].any() else row[:2]):
            tile = PillowImage.fromarray(pixels.squeeze()).convert("RGB")
            tile = tile.resize((_TILE_PX, _TILE_PX), PillowImage.Resampling.BICUBIC)
            grid.paste(tile, (number % 2 * three + place * step, number // 2 * step))
    return grid


def _render_fix(finding: GuardFinding) -> None:
    """A safe setting, by one press."""
    name = finding["field"].removeprefix("augmentation.")
    safe, label = finding["safe"], label_of(finding["field"])
    is_off = safe in (0, "none")
    info = field(f"aug_{name}")[1]
    shown = safe if isinstance(safe, str) else with_unit(f"{safe:g}", extra(info, "unit"))
    st.button(
        f"Switch {label} off" if is_off else f"Set {label} to {shown}",
        key=f"guard_fix_{name}",
        icon=":material/build:",
        width="stretch",
        on_click=_mend,
        args=(name, info.default if is_off else safe),
    )


def _mend(name: str, value: float | str | bool) -> None:
    st.session_state[f"aug_{name}"] = value


def _sentence(said: str | CnnlabError) -> str:
    return escaped(in_labels(said), limit=1000)
