"""What of the Train page is drawn again once a field has changed: most are seen in few parts of it.

Such a part is a fragment with a name. A field in one asks by `changed` for the parts that show
something else now: its own, the start, what stands beside the form. Whatever else happens in a part
has the whole page drawn, and so has a field that other sections depend on.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.wording.differences import FieldDifference
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.recipes.recipe import RecipeName
from cnnlab.ui.clicks import runs_a_part
from cnnlab.ui.form.applying import without_effect
from cnnlab.ui.form.changes import changes_by_section
from cnnlab.ui.form.problems import note_problems
from cnnlab.ui.form.state import RECIPE_PAGE, chosen_recipe, form_values, page_of_form
from cnnlab.ui.text import escaped
from cnnlab.ui.train.reading import Reading, read_page

_SEEN = "train_seen"
"""Session key of the form as it was when something of it was drawn last."""

_ASKED = "train_parts_asked"
"""Session key of the names of parts that are to be drawn by themselves."""

_KEY = "train_part_"
_START = "launch_run"
_ALWAYS = ("start", "head", "rate", "found", "side", "marks")
_ALONE = {
    "training.epochs": ("epochs",),
    "training.batch_size": ("batch_size",),
    "training.seed": ("seed",),
    "optimizer.learning_rate": ("rate",),
}
"""Fields that no section depends on, with the parts that ask for them."""

_IN_THE_SCHEDULE = ("training.epochs", "optimizer.learning_rate")


@dataclass(frozen=True)
class Seen:
    """The form, and what the page says of it.

    Attributes:
        dataset: the chosen one.
        reading: the form as a run would have it.
        own_parts: `validation`, `test`: those that the upload brought.
        values: of the form, legal or not.
        changes: what differs from what it was filled with, by section.
        ignored: dotted names of fields that are without effect.
        recipe: the one that fills it.
    """

    dataset: Dataset
    reading: Reading
    own_parts: Collection[str]
    values: Mapping[str, Any]
    changes: Mapping[str, list[FieldDifference]]
    ignored: frozenset[str]
    recipe: RecipeName | None


def see_form(dataset: Dataset) -> Seen:
    """Look at the form, for a page that is drawn as a whole from now on."""
    seen = _look(dataset)
    st.session_state[_SEEN], st.session_state[_ASKED] = seen, set()
    return seen


def _look(dataset: Dataset) -> Seen:
    reading, values = read_page(dataset), form_values(dataset.id)
    note_problems(reading.at)
    own_parts = lab.own_parts(dataset.id)
    ignored = without_effect(values, reading.config, own_parts)
    return Seen(dataset, reading, own_parts, values, changes_by_section(), ignored, chosen_recipe())


def part(name: str, render: Callable[[Seen], None]) -> None:
    """Draw a part of the page, which may be drawn again by itself.

    Args:
        name: of the part.
        render: draws it; it is given the form as it is by then.
    """

    def draw() -> None:
        state = st.session_state
        if runs_a_part() and (name not in state[_ASKED] or _is_stale(state[_SEEN])):
            if not state.get(_START):
                st.rerun()
            state[_SEEN] = _look(state[_SEEN].dataset)  # no rerun may lose the click on Train
        state[_ASKED].discard(name)
        try:
            render(state[_SEEN])
        except CnnlabError as error:
            st.error(escaped(str(error), limit=2000), icon=":material/error:")

    st.fragment(draw, key=f"{_KEY}{name}")()


def _is_stale(seen: Seen) -> bool:
    """Whether something else has changed the form since, in the same moment as a field."""
    return form_values(seen.dataset.id) != seen.values


def changed() -> None:
    """Have the parts drawn again that a field is seen in; for callbacks of fields."""
    state = st.session_state
    if not runs_a_part() or page_of_form() != RECIPE_PAGE:  # the page is drawn as a whole
        return
    before: Seen = state[_SEEN]
    now = _look(before.dataset)
    names = _parts_of(before, now)
    if names is None:  # then the part asks for the page
        return
    # With those that an earlier change has asked for, should that one not have drawn them.
    state[_SEEN], state[_ASKED] = now, state[_ASKED].union(names)
    st.rerun([f"{_KEY}{name}" for name in state[_ASKED]])


def _parts_of(before: Seen, now: Seen) -> list[str] | None:
    """The parts that show something else now; None where more than parts does."""
    if before.recipe is not None or now.recipe is not None or not _is_same_beside(before, now):
        return None
    found = dict.fromkeys(_ALWAYS)
    for name in _differing(before.values, now.values):
        parts = _seen_in(name, now.values)
        if not parts:
            return None
        found |= dict.fromkeys(parts)
    return list(found)


def _is_same_beside(before: Seen, now: Seen) -> bool:
    """Whether what is shown of the form beside its values is the same, augmentation left out."""
    elsewhere = [
        {name for name in seen.ignored if not name.startswith("augmentation.")}
        for seen in (before, now)
    ]
    return (
        elsewhere[0] == elsewhere[1]
        and before.reading.at == now.reading.at
        and (before.reading.seen is None) == (now.reading.seen is None)
        and before.own_parts == now.own_parts
    )


def _differing(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Dotted names of the fields whose values differ."""
    return [
        f"{group}.{name}"
        for group, fields in now.items()
        if isinstance(fields, dict)
        for name, value in fields.items()
        if before[group][name] != value
    ]


def _seen_in(name: str, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Parts that show a field beside those that show every one; none where sections do."""
    group = name.partition(".")[0]
    if group == "augmentation":
        return (group,)
    if group == "regularization" and values["architecture"]["pretrained"] is None:
        return group, "network"
    if name in _IN_THE_SCHEDULE and values["optimizer"]["schedule"] is not None:
        return *_ALONE[name], "rates"
    return _ALONE.get(name, ())
