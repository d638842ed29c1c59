"""What the layers make of one picture: the most active units of each, as shades."""

from functools import partial

import numpy as np
import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError, DamagedError
from cnnlab.domain.records.inside import FeatureMaps, ShownLayer
from cnnlab.domain.run import Run
from cnnlab.domain.words import counted, digits
from cnnlab.ui.inside.looked import Looked
from cnnlab.ui.inside.picture_choice import ask_picture, rows_titles
from cnnlab.ui.inside.tiles import Tile, picture_source, shades_source, tiles_html
from cnnlab.ui.text import escaped
from cnnlab.ui.watching import watch_job

SECTION = "section_maps"
"""Key of the section's container."""

MAPS_PICTURE = "maps_picture"
"""Key of the widget that says which picture is shown."""


def render_maps(looked: Looked) -> None:
    """The whole section."""
    run, inside, wrong, _ = looked
    st.header("Layer by layer", anchor=False)
    example = inside.found["example"]
    if example is None:
        st.info(
            "No layer of this net keeps the shape of a picture, so there are no feature maps.",
            icon=":material/info:",
        )
        return
    titles = rows_titles(run, [example["row"]]) | wrong
    row = ask_picture(run, titles, key=MAPS_PICTURE, label="Picture")
    if row == example["row"]:
        _render_layers(looked, example, inside.example_maps)
    elif maps := _ask_maps(run, row):
        try:
            shades = lab.feature_map_shades(run.id, maps)
        except DamagedError as error:
            _ask_again(run.id, row, str(error))
        except CnnlabError as error:
            st.error(escaped(str(error), limit=1000), icon=":material/error:")
        else:
            _render_layers(looked, maps, shades)


def _ask_maps(run: Run, row: int) -> FeatureMaps | None:
    """The maps of a picture; whoever chose it wants to see them, so that they are begun."""
    try:
        state = lab.feature_maps_state(run.id, row) or lab.start_feature_maps(run.id, row)
    except CnnlabError as error:
        st.error(escaped(str(error), limit=1000), icon=":material/error:")
        return None
    if not state.is_ended:
        watch_job("maps", partial(lab.feature_maps_state, run.id, row))
        return None
    if state.answer is None:
        _ask_again(run.id, row, state.problem or "")
    return state.answer


def _ask_again(run: str, row: int, problem: str) -> None:
    """Why there are no maps, and the way to them."""
    st.error(escaped(problem, limit=1000), icon=":material/error:")
    if st.button("Show it again", key="maps_again", icon=":material/refresh:"):
        try:
            lab.start_feature_maps(run, row)
        except CnnlabError as error:
            st.error(escaped(str(error), limit=1000), icon=":material/error:")
            return
        st.rerun()


def _render_layers(looked: Looked, maps: FeatureMaps, shades: list[np.ndarray]) -> None:
    tile = Tile(picture_source(looked.run.dataset, maps["row"]), "The picture")
    st.html(tiles_html([tile], "The picture", width_rem=9))
    st.caption(
        "The units of each layer that are most active on this picture, the most active first. "
        "Within a layer all have one scale: black is its lowest value, white its highest. Scales "
        f"of different layers can't be compared.{_left_out_words(maps)}"
    )
    for layer, pictures in zip(maps["layers"], shades, strict=True):
        title = looked.title(layer["name"])
        st.markdown(_layer_words(title, layer))
        tiles = [
            Tile(shades_source(one), f"Unit {unit + 1} of {title}", (f"{unit + 1}",))
            for unit, one in zip(layer["shown"], pictures, strict=True)
        ]
        label = f"Feature maps of {title}"
        st.html(tiles_html(tiles, label, width_rem=6, in_eights=True))


def _left_out_words(maps: FeatureMaps) -> str:
    shown = len(maps["layers"])
    there = maps.get("of_layers", shown)
    if there <= shown:
        return ""
    return (
        f" {shown} of {there} layers are shown, evenly spread over the depth, the first and the "
        f"last among them; {there - shown} {'is' if there - shown == 1 else 'are'} left out."
    )


def _layer_words(title: str, layer: ShownLayer) -> str:
    silent = (
        f" · {layer['silent']:,} {'is' if layer['silent'] == 1 else 'are'} 0 everywhere"
        if layer["silent"]
        else ""
    )
    low, high = (digits(layer[end], most_decimals=4) for end in ("low", "high"))
    return (
        f"**{escaped(title)}** · {layer['height']} × {layer['width']} places · "
        f"{counted(layer['units'], 'unit')}{silent} · black {low}, white {high}"
    )
