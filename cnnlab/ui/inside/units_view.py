"""What a unit of the last picture-shaped layer reacts to: the pictures that excite it most."""

import numpy as np
import streamlit as st

from cnnlab import lab
from cnnlab.domain.words import called, counted, digits, percent
from cnnlab.judging.inside.unit_traits import FEWEST_OF_CLASS, share_between_classes
from cnnlab.ui.inside.looked import Looked
from cnnlab.ui.inside.tiles import Tile, picture_source, tiles_html
from cnnlab.ui.text import escaped, plain

_SEPARATION, _STRENGTH = "How far they tell classes apart", "How strongly they are excited"


def render_units(looked: Looked) -> None:
    """The whole section."""
    run, inside = looked.run, looked.inside
    st.header("What units react to", anchor=False)
    arrays, layer = inside.arrays, inside.found["last_layer"]
    if not layer:
        st.info(
            "No layer of this net keeps the shape of a picture, so it has no such units.",
            icon=":material/info:",
        )
        return
    shares = _shares(inside)
    order = _ask_order(shares, arrays["unit_mean"])
    names = [plain(name, limit=30) for name in lab.load_dataset(run.dataset).classes]
    unit: int = st.selectbox(
        "Unit",
        order,
        key="unit",
        format_func=lambda unit: (
            f"Unit {unit + 1}{_share_words(shares, unit)} · "
            f"most on {called(names[arrays['unit_favourite'][unit]])}"
        ),
    )
    rows, values = arrays["unit_pictures"][unit], arrays["unit_excitements"][unit]
    facts = lab.image_facts(run.dataset, rows)
    tiles = [
        Tile(
            picture_source(run.dataset, fact.row),
            f"{plain(fact.label)}, {plain(fact.file)}",
            (plain(fact.label, limit=30), digits(float(value), most_decimals=4)),
        )
        for fact, value in zip(facts, values, strict=True)
    ]
    st.html(tiles_html(tiles, f"Pictures that excite unit {unit + 1} most", width_rem=8))
    silent = int(np.count_nonzero((arrays["unit_excitements"] == 0).all(axis=1)))
    st.caption(
        f"The {len(rows)} validation pictures on which this unit of "
        f"'{escaped(looked.title(layer))}' has its highest values, wherever on the "
        f"picture. {_separation_words(shares, unit)} Eight "
        f"pictures may share what isn't what it reacts to. Of {counted(len(order), 'unit')} "
        f"{silent:,} {'reacts' if silent == 1 else 'react'} to no validation picture."
    )


def _shares(inside: lab.Inside) -> np.ndarray | None:
    """Of each unit, how far it tells classes apart; None where that can't be told."""
    arrays = inside.arrays
    classes = len(np.unique(arrays["labels"][~arrays["is_training"]]))
    return share_between_classes(arrays["unit_separation"], inside.found["validation"], classes)


def _ask_order(shares: np.ndarray | None, mean: np.ndarray) -> list[int]:
    """The units in the order that is asked for; there is one only where classes are too small."""
    by: str | None = _STRENGTH
    if shares is not None:
        st.session_state.setdefault("units_order", _SEPARATION)
        by = st.segmented_control(
            "Units in the order of", [_SEPARATION, _STRENGTH], key="units_order", required=True
        )
    order: list[int] = np.argsort(
        -(mean if shares is None or by == _STRENGTH else shares), kind="stable"
    ).tolist()
    return order


def _share_words(shares: np.ndarray | None, unit: int) -> str:
    return (
        "" if shares is None else f" · {percent(float(shares[unit]), decimals=0)} between classes"
    )


def _separation_words(shares: np.ndarray | None, unit: int) -> str:
    if shares is None:
        return (
            f"How far a unit tells the classes apart these pictures can't tell: with fewer than "
            f"{FEWEST_OF_CLASS} of each class on average chance alone looks like it. The units "
            "stand in the order of how strongly they are excited."
        )
    return (
        f"{percent(float(shares[unit]))} of the variance of these values lies between the classes, "
        "after what chance adds was taken away (epsilon squared): 0 % is a unit that says nothing "
        "of the class, 100 % one that says it all."
    )
