"""The choice of what picks the settings: a recipe, with its reasons, or the user."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import BadInputError, ConfigError, DamagedError
from cnnlab.domain.recipes.recipe import Recipe, RecipeName
from cnnlab.domain.words import counted
from cnnlab.ui.form.state import (
    choose_recipe,
    chosen_recipe,
    fill_form,
    read_form,
    read_left_alone,
    refer_to,
)
from cnnlab.ui.sessions import as_a_whole
from cnnlab.ui.text import escaped

_LONG = 500
_WIDGET = "recipe"
_OWN = "own"
_TURN, _SHOWN = "recipe_turn", "recipe_shown"
"""Session keys: how often the page has changed the choice by itself, and what it shows."""
TITLES = {
    RecipeName.GOOD: "Good model",
    RecipeName.PLAIN: "Plain baseline",
    _OWN: "My own",
}
"""What the choices are called on the screen."""
_ABOUT = {
    RecipeName.GOOD: "Nothing could be picked for these images.",
    RecipeName.PLAIN: "The defaults: a small network without any regularization, to compare with.",
    _OWN: "As you have set the fields below.",
}
_HELP = (
    "Good model picks every setting for the chosen dataset. Plain baseline takes the defaults, "
    "which every study starts from. Once you change a field that they set, the settings are your "
    "own. 'My own' brings them back after you tried a recipe. Split, seed, device and precision "
    "are always yours."
)


def render_recipe(dataset: Dataset) -> Recipe | None:
    """Have the form follow the recipe for this dataset, and show the choice.

    Stands before the fields of the form: what it sets, these show.

    Returns:
        The recipe that the form shows; None where it is somebody's own, or nothing can be picked.
    """
    picked = _followed(dataset)
    turn, shown = _turn()
    key = f"{_WIDGET}_{turn}"
    if key not in st.session_state:
        st.session_state[key] = shown
    with st.container(key=_WIDGET):
        st.segmented_control(
            "Settings",
            list(TITLES),
            key=key,
            format_func=TITLES.__getitem__,
            required=True,
            help=_HELP,
            on_change=_choose,
            args=(turn,),
        )
    return picked


def _turn() -> tuple[int, str]:
    """What the control shows, and how often that wasn't chosen there.

    It is another control then. What a browser that hasn't drawn it yet sends with somebody's next
    field is the choice of before, which would look like a click: and the recipe would replace
    whatever has been typed.
    """
    state, shown = st.session_state, chosen_recipe() or _OWN
    turn: int = state.get(_TURN, 0)
    if shown != state.get(_SHOWN, shown):
        turn += 1
    with as_a_whole():
        state[_TURN], state[_SHOWN] = turn, shown
    return turn, shown


def render_reasons(picked: Recipe | None) -> None:
    """What the chosen recipe is, in one line; its reasons are folded below.

    Args:
        picked: the recipe that the form shows; None where it is somebody's own.
    """
    if picked is None or not picked.choices:
        st.caption(_ABOUT[chosen_recipe() or _OWN])
        return
    reasons = [escaped(one.reason, limit=_LONG) for one in picked.choices]
    with st.expander(f"Picked for these images, for {counted(len(reasons), 'reason')}"):
        st.caption("\n".join(f"- {reason}" for reason in reasons))


def _choose(turn: int) -> None:
    state = st.session_state
    if turn != state[_TURN] or (asked := state[f"{_WIDGET}_{turn}"]) == state[_SHOWN]:
        return
    state[_SHOWN] = asked
    choose_recipe(None if asked == _OWN else RecipeName(asked))


def _followed(dataset: Dataset) -> Recipe | None:
    """The recipe that the form shows; None where it is somebody's own, or nothing can be picked."""
    chosen = chosen_recipe()
    if chosen is None:
        return None
    try:
        kept = read_left_alone(dataset.id)
        recipe = lab.pick_recipe(chosen, kept)
        wanted = recipe.applied_to(kept)
    except (BadInputError, DamagedError):  # said beside the start button
        return None
    if _is_shown(wanted):
        refer_to(wanted, chosen)
    else:
        fill_form(wanted, chosen)
    return recipe


def _is_shown(config: RunConfig) -> bool:
    try:
        return read_form(config.dataset) == config
    except ConfigError:  # what was set before the recipe was chosen doesn't go together
        return False
