"""The form's values: a config in, a config out. What the form doesn't show is kept as it was."""

import functools
from collections.abc import Collection, Mapping
from typing import Any

import streamlit as st

from cnnlab.domain.config.augmentation import Augmentation
from cnnlab.domain.config.dotted import value_at, with_changes
from cnnlab.domain.config.optimizer import Optimizer
from cnnlab.domain.config.regularization import EarlyStopping, Regularization
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.recipes.recipe import LEFT_ALONE, RecipeName, left_alone
from cnnlab.ui.data.choice import CHOSEN_DATASET
from cnnlab.ui.form.fields import PATHS, field, help_of
from cnnlab.ui.sessions import as_a_whole, known_values

BASE = "form_base"
"""Session key of the config that the form started from."""

_PAGE = "form_page"
"""Session key of the page that showed the form last."""

FILLED = "optimizer_filled"
"""Session key of what choosing an optimizer filled in: its `name`, `values` by widget, `words`."""

_RECIPE = "form_recipe"
"""Session key of the recipe that fills the form; None where somebody has set fields by hand."""

_LAST = "form_recipe_last"
"""Session key of the recipe that `_REFERENCE` comes from; None where something else has."""

_PICKED = "form_picked"
"""Session key of what recipes set, as it was when the recipe had filled the form."""

_REFERENCE = "form_reference"
"""Session key of the values that a recipe, a run or a file has filled the form with last."""

_OWN = "form_own"
"""Session key of the form's values as they were before a recipe replaced what was set by hand."""

FIRST_RECIPE = RecipeName.GOOD
"""What fills the form on the first visit: whoever presses Train then gets a good model."""

RECIPE_PAGE = "train"
"""The page that asks for the recipe. All others begin with the plain one, as studies do."""

AUGMENTATION_KEYS = [f"aug_{name}" for name in Augmentation.model_fields]
REGULARIZATION_KEYS = [
    f"reg_{name}" for name in Regularization.model_fields if name != "early_stopping"
]
FIELD_KEYS = [*PATHS, *AUGMENTATION_KEYS, *REGULARIZATION_KEYS]
EARLY_STOPPING_KEYS = {f"early_{name}": name for name in EarlyStopping.model_fields}
NO_SCHEDULE = "constant"
_WHOLE = {name: name for name in ("regularization.early_stopping", "optimizer.schedule")}
"""Fields with fields of their own, which come and go together."""
BATCH_SIZE_HELP = f"{help_of(field('batch_size')[1])} Leave it empty for auto."


@as_a_whole()
def ensure_form(page: str) -> None:
    """Fill the form with the defaults on the first visit of a session.

    Train and Study share fields. To Streamlit the field of the other page is another widget, which
    would begin at its lowest value: so what it shall show is set where the page has changed. What
    a recipe has set stays on the page that asks for one: elsewhere the defaults are shown.

    Args:
        page: the one that is shown.
    """
    state = st.session_state
    if BASE not in state:
        fill_form(RunConfig(), FIRST_RECIPE)
    elif state.get(_PAGE) != page:
        for key in FIELD_KEYS:
            if key in state:
                state[key] = state[key]
        if page != RECIPE_PAGE and (recipe := chosen_recipe()):
            _fill_but_left_alone(RunConfig().model_dump(mode="json"))
            _follow(recipe)
    state[_PAGE] = page


def page_of_form() -> str | None:
    """The page that showed the form last."""
    page: str | None = st.session_state.get(_PAGE)
    return page


def chosen_recipe() -> RecipeName | None:
    """The recipe that fills the form; None once what it sets was changed by hand, on any page."""
    state = st.session_state
    if state.get(_RECIPE) is not None and _set_by_recipes() != state[_PICKED]:
        state[_RECIPE] = None
    recipe: RecipeName | None = state.get(_RECIPE)
    return recipe


def choose_recipe(recipe: RecipeName | None) -> None:
    """Have a recipe fill the form, whatever is in it; for callbacks.

    Args:
        recipe: the one; None brings back what was set by hand last, or keeps what is there. What
            recipes leave alone stays in any case.
    """
    state = st.session_state
    if chosen_recipe() is None:
        state[_OWN] = form_values("")
    elif recipe is None and _OWN in state:
        _fill_but_left_alone(state[_OWN])
    _follow(recipe)


def _follow(recipe: RecipeName | None) -> None:
    """Remember that what the form shows now comes from a recipe, or that it doesn't."""
    st.session_state[_RECIPE] = recipe
    st.session_state[_PICKED] = _set_by_recipes()


def _set_by_recipes() -> dict[str, Any]:
    """The form's values without those that recipes leave alone."""
    return _but_left_alone(form_values(""))


def _but_left_alone(values: dict[str, Any]) -> dict[str, Any]:
    return with_changes(values, dict.fromkeys(LEFT_ALONE))


@as_a_whole()
def fill_form(config: RunConfig, recipe: RecipeName | None = None) -> None:
    """Set every widget of the form to the config's values.

    Args:
        config: what it shall show.
        recipe: the one that the values come from; None where they are somebody's own.
    """
    if config.dataset:
        st.session_state[CHOSEN_DATASET] = config.dataset
    _fill(config.model_dump(mode="json"))
    _follow(recipe)
    refer_to(config, recipe)


@as_a_whole()
def refer_to(config: RunConfig, recipe: RecipeName | None = None) -> None:
    """Have what differs from a config from now on count as changed.

    Args:
        config: the one.
        recipe: the one that it comes from: what it leaves alone then counts from the defaults.
    """
    values = config.model_dump(mode="json")
    if recipe is not None:
        values = with_changes(values, left_alone(RunConfig().model_dump(mode="json")))
    st.session_state[_REFERENCE] = values | {"dataset": ""}
    st.session_state[_LAST] = recipe


def reference() -> dict[str, Any]:
    """The values that the form was filled with last, as JSON values."""
    values: dict[str, Any] = st.session_state[_REFERENCE]
    return values


def put_back(names: Collection[str]) -> None:
    """Have fields as the form was filled; for callbacks.

    Args:
        names: dotted; with all that differ, a recipe that had filled the form is followed again.
    """
    state = st.session_state
    base, wanted = state[BASE], reference()
    whole = {_WHOLE.get(name.rpartition(".")[0], name) for name in names}
    _fill(with_changes(form_values(""), {name: value_at(wanted, name) for name in whole}))
    if not any(name.startswith("augmentation.") for name in names):
        state[BASE] |= {"augmentation": base["augmentation"]}
    if state[_LAST] is not None and _set_by_recipes() == _but_left_alone(wanted):
        _follow(state[_LAST])


def _fill_but_left_alone(values: dict[str, Any]) -> None:
    _fill(with_changes(values, left_alone(form_values(""))))


def _fill(values: dict[str, Any]) -> None:
    """Set every widget to values like those of `form_values`, legal or not."""
    state = st.session_state
    state[BASE] = values
    state.pop(FILLED, None)
    wanted = {key: value_at(values, field(key)[0]) for key in FIELD_KEYS}
    if wanted["batch_size"] == "auto":
        wanted["batch_size"] = None  # an empty box
    stopping = value_at(values, "regularization.early_stopping")
    wanted["reg_early_stopping"] = stopping is not None
    shown = stopping or EarlyStopping().model_dump()
    wanted |= {key: shown[name] for key, name in EARLY_STOPPING_KEYS.items()}
    schedule = value_at(values, "optimizer.schedule") or {"name": NO_SCHEDULE}
    wanted["schedule"] = schedule["name"]
    for name in schedule.keys() - {"name"}:
        wanted[f"schedule_{schedule['name']}_{name}"] = schedule[name]
    known = known_values()
    for key, value in wanted.items():
        # What is set replaces what somebody is typing in that field, even where it is the same.
        if key not in known or known[key] != value or type(known[key]) is not type(value):
            state[key] = value


def fill_split(settings: Mapping[str, float]) -> None:
    """Set widgets of the form that the split has; for callbacks of buttons.

    Args:
        settings: by the names of the fields of `split`.
    """
    for key in FIELD_KEYS:
        part, _, name = field(key)[0].partition(".")
        if part == "split" and name in settings:
            st.session_state[key] = settings[name]


def read_form(dataset: str) -> RunConfig:
    """The config that the form shows.

    Raises:
        ConfigError: values that don't go together.
    """
    return load_config(form_values(dataset))


def read_left_alone(dataset: str) -> RunConfig:
    """What recipes leave alone, as the form shows it; all else is at its default.

    Raises:
        ConfigError: that alone isn't legal.
    """
    return load_config(with_changes({}, left_alone(form_values(dataset))))


def form_values(dataset: str) -> dict[str, Any]:
    """The values that the form shows, legal or not, as `load_config` takes them."""
    state = known_values()
    values: dict[str, Any] = dict(state[BASE]) | {"dataset": dataset}
    for part, names in _parts().items():
        before = values[part]
        values[part] = before | {name: state.get(key, before[name]) for key, name in names.items()}
    if values["training"]["batch_size"] is None:
        values["training"] |= {"batch_size": "auto"}
    values["regularization"] |= {"early_stopping": _read_early_stopping()}
    values["optimizer"] |= {"schedule": _read_schedule()}
    return values


@functools.cache
def _parts() -> dict[str, dict[str, str]]:
    """The names of the form's fields in each part of a config, by the keys of their widgets."""
    found: dict[str, dict[str, str]] = {}
    for key in FIELD_KEYS:
        part, name = field(key)[0].split(".")
        found.setdefault(part, {})[key] = name
    return found


def schedule_model(name: str) -> Any:  # noqa: ANN401 - one of the classes of the Schedule union
    """The class of the schedule with this name."""
    return type(Optimizer(schedule=name).schedule)


def _read_early_stopping() -> dict[str, Any] | None:
    state = st.session_state
    if not state.get("reg_early_stopping"):
        return None
    defaults = EarlyStopping().model_dump()
    return {name: state.get(key, defaults[name]) for key, name in EARLY_STOPPING_KEYS.items()}


def _read_schedule() -> dict[str, Any] | None:
    name = st.session_state.get("schedule", NO_SCHEDULE)
    if name == NO_SCHEDULE:
        return None
    schedule = schedule_model(name)()
    values = schedule.model_dump()
    return {
        key: st.session_state.get(f"schedule_{name}_{key}", value) if key != "name" else value
        for key, value in values.items()
    }
