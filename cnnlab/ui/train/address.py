"""The form in the address: filled by it, and told in it, so that it can be kept and shared."""

from collections.abc import Mapping

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.address import MOST_CHARACTERS, config_in_address, config_of_address
from cnnlab.domain.config.dotted import with_changes
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.config.wording.differences import FieldDifference
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import BadInputError, DamagedError
from cnnlab.domain.recipes.recipe import RecipeName, left_alone
from cnnlab.ui.components.form_address.form_address import render_form_address
from cnnlab.ui.form.changes import all_changes, render_reset
from cnnlab.ui.form.state import FIRST_RECIPE, RECIPE_PAGE, chosen_recipe, fill_form, form_values
from cnnlab.ui.sessions import as_a_whole
from cnnlab.ui.text import escaped

_CONFIG, _RECIPE = "config", "recipe"
_SEEN = "form_addresses"
"""Session key of the addresses that were taken or told last: they ask for nothing new."""

_SAID = "form_address_said"
_MOST_SEEN = 50
_LONG = 600


@as_a_whole()
def take_from_address(dataset: Dataset) -> None:
    """Fill the form with what the address says, once; what can't be taken is said.

    Args:
        dataset: the chosen one, whose recipe it may be told against.
    """
    asked = {name: st.query_params.get(name, "") for name in (_RECIPE, _CONFIG)}
    seen = _seen()
    if any(asked.values()) and asked not in seen:
        seen.append(asked)
        st.session_state[_SAID] = _fill(asked, dataset)
    if said := st.session_state.get(_SAID):
        st.warning(escaped(said, limit=_LONG), icon=":material/link_off:")


def _seen() -> list[dict[str, str]]:
    seen: list[dict[str, str]] = st.session_state.setdefault(_SEEN, [])
    del seen[:-_MOST_SEEN]
    return seen


def _fill(asked: Mapping[str, str], dataset: Dataset) -> str:
    """Fill the form; what is wrong with the address, a sentence."""
    wrong: list[str] = []
    recipe, base = None, RunConfig()
    try:
        recipe = RecipeName(asked[_RECIPE]) if asked[_RECIPE] else None
    except ValueError:
        wrong.append(f"There is no recipe '{asked[_RECIPE][:60]}'")
    if recipe is not None:
        own = RunConfig(dataset=dataset.id)
        try:
            base = lab.pick_recipe(recipe, own).applied_to(own)
        except (BadInputError, DamagedError):  # said beside the start button
            recipe = None
    found = config_of_address(asked[_CONFIG], base)
    if found.wrong:
        wrong.append(found.wrong)
    is_whole = recipe is not None and _but_left_alone(found.config) == _but_left_alone(base)
    fill_form(found.config.model_copy(update={"dataset": ""}), recipe if is_whole else None)
    if not wrong:
        return ""
    told = "; ".join(wrong)
    end = "" if told.endswith((".", "?")) else "."
    return f"The address can't be taken as a whole: {told}{end} All else is as it says."


def _but_left_alone(config: RunConfig) -> dict[str, object]:
    values = config.model_dump(mode="json")
    return with_changes(values, dict.fromkeys(left_alone(values)))


def render_address(dataset: Dataset, changes: Mapping[str, list[FieldDifference]]) -> None:
    """Have the browser's address tell the form; a link to copy, and the way back of all changes.

    Args:
        dataset: the chosen one.
        changes: of the form, by section.
    """
    told = _told()
    if told not in _seen():
        _seen().append(told)
        st.session_state[_SAID] = ""
    render_form_address(RECIPE_PAGE, told, dataset.id)
    render_reset(all_changes(changes), "all", what="all ")


def _told() -> dict[str, str]:
    """What the address says of the form; nothing while it is as at a first visit."""
    values, recipe = form_values(""), chosen_recipe()
    base = RunConfig().model_dump(mode="json")
    if recipe is None:
        text = config_in_address(values, base)
    else:
        text = config_in_address(with_changes(base, left_alone(values)), base)
    if len(text) > MOST_CHARACTERS:
        text = ""
    named = recipe is not None and (recipe != FIRST_RECIPE or text)
    return {_RECIPE: str(recipe.value) if recipe and named else "", _CONFIG: text}
