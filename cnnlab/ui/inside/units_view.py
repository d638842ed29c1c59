"""What a unit of the last picture-shaped layer reacts to: the pictures that excite it most."""

import numpy as np
import streamlit as st

from cnnlab import lab
from cnnlab.domain.run import Run
from cnnlab.domain.words import counted, digits, percent
from cnnlab.ui.inside.tiles import Tile, picture_source, tiles_html
from cnnlab.ui.text import escaped, plain

_SEPARATION, _STRENGTH = "How far they tell classes apart", "How strongly they are excited"


def render_units(run: Run, inside: lab.Inside) -> None:
    """The whole section."""
    st.subheader("What units react to", anchor=False)
    arrays, layer = inside.arrays, inside.found["last_layer"]
    if not layer:
        st.info(
            "No layer of this net keeps the shape of a picture, so it has no such units.",
            icon=":material/info:",
        )
        return
    st.session_state.setdefault("units_order", _SEPARATION)
    by = st.segmented_control(
        "Units in the order of", [_SEPARATION, _STRENGTH], key="units_order", required=True
    )
    separation, mean = arrays["unit_separation"], arrays["unit_mean"]
    order = np.argsort(-(mean if by == _STRENGTH else separation), kind="stable").tolist()
    names = [plain(name, limit=30) for name in lab.load_dataset(run.dataset).classes]
    unit: int = st.selectbox(
        "Unit",
        order,
        key="unit",
        format_func=lambda unit: (
            f"Unit {unit + 1} · {percent(float(separation[unit]), decimals=0)} between classes · "
            f"most on {names[arrays['unit_favourite'][unit]]}"
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
        f"The {len(rows)} validation pictures on which this unit of {escaped(layer)} has its "
        f"highest values, wherever on the picture. {percent(float(separation[unit]))} of the "
        "variance of these values lies between the classes (eta squared): 0 % is a unit that says "
        "nothing of the class, 100 % one that says it all. Eight pictures may share what isn't "
        f"what it reacts to. Of {counted(len(order), 'unit')} {silent:,} "
        f"{'reacts' if silent == 1 else 'react'} to no validation picture."
    )
