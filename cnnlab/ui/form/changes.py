"""What of the form is no longer as it was filled: marked at the fields, and taken back."""

from collections.abc import Iterable, Mapping

import streamlit as st

from cnnlab.domain.config.wording.differences import FieldDifference, config_differences
from cnnlab.ui.form.fields import PATHS, PREFIXES
from cnnlab.ui.form.state import form_values, put_back, reference
from cnnlab.ui.text import escaped

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Main choices": (
        "architecture.preset",
        "image.size",
        "training.epochs",
        "optimizer.name",
        "optimizer.learning_rate",
        "training.batch_size",
        "training.seed",
        "split.validation",
        "split.test",
    ),
    "Augmentation": ("augmentation.",),
    "Regularization": ("regularization.",),
    "Network": (
        "architecture.conv_blocks",
        "architecture.filters",
        "architecture.dense_units",
        "architecture.layers",
        "architecture.activation",
        "architecture.initializer",
        "architecture.frozen_layers",
    ),
    "Fine-tuning": ("architecture.",),
    "Optimizer": ("optimizer.",),
    "Images": ("image.", "split."),
    "Training": ("training.",),
}
"""Fields of each section by how their dotted names begin; the first that fits has a field."""

_MOST_TOLD = 12


def section_of(name: str) -> str:
    """The section that a field stands in.

    Args:
        name: dotted.
    """
    exact = [title for title, starts in SECTIONS.items() if name in starts]
    begun = [title for title, starts in SECTIONS.items() if _begins(name, starts)]
    return next(iter(exact + begun))


def _begins(name: str, starts: Iterable[str]) -> bool:
    return any(name.startswith(one if one.endswith(".") else f"{one}.") for one in starts)


def changes_by_section() -> dict[str, list[FieldDifference]]:
    """What differs from what the form was filled with last, for sections where something does."""
    found: dict[str, list[FieldDifference]] = {}
    for one in config_differences([reference(), form_values("")]):
        found.setdefault(section_of(one.name), []).append(one)
    return found


def render_head(title: str, changes: Mapping[str, list[FieldDifference]]) -> None:
    """The heading of a section, and beside it the way back where something is changed.

    Args:
        title: of the section, also on screen.
        changes: by section.
    """
    slug = title.lower().replace(" ", "_").replace("-", "_")
    with st.container(
        key=f"head_{slug}", horizontal=True, vertical_alignment="center", gap="small"
    ):
        st.header(title, anchor=False, width="stretch")
        render_reset(changes.get(title, []), slug)


def render_reset(changed: list[FieldDifference], slug: str, *, what: str = "") -> None:
    """The button that takes changes back; nothing where there are none.

    Args:
        changed: the fields.
        slug: end of the button's key.
        what: it resets, where that isn't plain from where it stands.
    """
    if not changed:
        return
    many = "1 change" if len(changed) == 1 else f"{len(changed)} changes"
    told = [f"{one.label}: {one.words[1]} instead of {one.words[0]}" for one in changed]
    more = [f"and {len(told) - _MOST_TOLD} more"] if len(told) > _MOST_TOLD else []
    st.button(
        f"Reset {what}{many}",
        key=f"reset_{slug}",
        icon=":material/undo:",
        type="tertiary",
        help=escaped("; ".join([*told[:_MOST_TOLD], *more]), limit=1500),
        on_click=put_back,
        args=(tuple(one.name for one in changed),),
    )


def mark_changes(changes: Mapping[str, list[FieldDifference]]) -> None:
    """A bar beside each field that is changed; its section says in words what it was."""
    keys = [_key(one.name) for fields in changes.values() for one in fields]
    marked = ",".join(f".st-key-row_{key},.st-key-{key}" for key in keys)
    rule = "{box-shadow:-.375rem 0 0 -.125rem var(--st-primary-color)}"
    st.html(f"<style>{marked or '.no-change'}{rule}</style>")


def _key(name: str) -> str:
    """The widget of a field, or of what it belongs to."""
    for key, path in PATHS.items():
        if path == name:
            return key
    for prefix, parent in PREFIXES.items():
        if name.startswith(parent):
            return prefix + name.removeprefix(parent).partition(".")[0]
    return name.split(".")[1]


def all_changes(changes: Mapping[str, list[FieldDifference]]) -> list[FieldDifference]:
    """All of them, in the order of the sections."""
    return [one for title in SECTIONS for one in changes.get(title, [])]
