"""A switch beside its strength: what it switches as a picture and by name, and whether it is on.

A button, which gives an event and holds no state of its own: a switch's, set from the strength,
would come back from a browser that hasn't heard of it yet, and take the strength away. Its looks
are those of `app.css`, which draws the switch from whether the word is a badge.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from cnnlab.augmentations.table import ICONS

NAME_PX = 236
"""Width of a switch with its name, the same in every row."""

_ICONS = {f"aug_{name}": icon for name, icon in ICONS.items()} | {
    "reg_dropout": "scatter_plot",
    "reg_l2": "compress",
    "reg_l1": "filter_alt",
    "reg_spatial_dropout": "layers_clear",
    "reg_label_smoothing": "label",
    "reg_gaussian_noise": "grain",
    "reg_stochastic_depth": "low_priority",
    "reg_weight_decay": "trending_down",
    "label_noise": "label_off",
}
_ON, _OFF = ":primary-badge[on]", ":gray[off]"


def icon_of(key: str) -> str:
    """What a field does, as an icon.

    Args:
        key: of its widget.
    """
    return f":material/{_ICONS[key]}:"


def render_switch(
    label: str,
    *,
    key: str,
    icon: str,
    is_on: bool,
    on_click: Callable[..., None],
    args: tuple[Any, ...],
    **options: Any,  # noqa: ANN401 - passed on
) -> None:
    """Show a switch.

    Args:
        label: what it switches.
        key: the widget's.
        icon: what it does, as an icon.
        is_on: how it stands.
        on_click: called with `args` once it is pressed.
        args: see there.
        options: passed on to the button.
    """
    st.button(
        f"{label} {_ON if is_on else _OFF}",
        key=key,
        icon=icon,
        type="tertiary",
        on_click=on_click,
        args=args,
        **options,
    )


def is_shown_on(label: str) -> bool:
    """Whether a switch's label says that it is on."""
    return label.endswith(_ON)
