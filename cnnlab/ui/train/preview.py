"""The user's own images beside what augmentation makes of them."""

import contextlib
import io

import numpy as np
import streamlit as st
from PIL import Image as PillowImage

from cnnlab import lab
from cnnlab.domain.config.augmentation import Augmentation
from cnnlab.domain.config.run_config import Image, RunConfig
from cnnlab.domain.config.wording.labels import in_labels
from cnnlab.domain.errors import CnnlabError
from cnnlab.lab.access.acting import here
from cnnlab.ui.clicks import runs_a_part
from cnnlab.ui.form import form
from cnnlab.ui.text import escaped
from cnnlab.ui.train.parts import Seen

_IMAGES = 4
_VARIANTS = 4
_TILE_PX = 96
_GAP_PX = 6
_TURN = "preview_turn"
_STRIP, _GRID = "preview_in_strip", "preview_in_grid"
"""Keys of the parts of the page that are drawn again, and nothing else is."""


@st.fragment(key=_GRID)
def render_preview(config: RunConfig) -> None:
    """Draw the grid: originals in the first column, augmented versions beside them.

    Who has it drawn again has the strip above the switches drawn, too, which shows the same.
    """
    turn = st.session_state.setdefault(_TURN, 0)
    try:
        grid = _grid(here(), config.dataset, config.image, config.augmentation, turn)
    except CnnlabError as error:
        st.error(escaped(in_labels(error), limit=1000), icon=":material/error:")
        return
    with st.container(key="preview_grid" if config.augmentation.is_on else "preview_row"):
        st.image(grid, width="stretch", alt="Images as the network sees them")
    if not config.augmentation.is_on:
        st.caption("The images as the network sees them. Switch an augmentation on to see it here.")
        return
    st.caption("Left: the original. Beside it: what training may see instead, new at every epoch.")
    _ask_again("preview_again")


def render_augmentation(seen: Seen) -> None:
    """The switches; a phone has two of the images above them, which stay in sight.

    Args:
        seen: the form; without images where no config can be made of it.
    """
    shown = seen.reading.seen
    with st.container(key="preview_strip"):
        if shown is not None:
            _render_strip(shown)
    if shown is not None and shown.augmentation.is_on:
        with st.container(key="below_strip"):  # where a desk hides it, nothing keeps its place
            _render_below_strip()
    form.render_augmentation_section(seen)


@st.fragment(key=_STRIP)
def _render_strip(config: RunConfig) -> None:
    """The same file as beside the form: the browser shows its first rows.

    What can't be read of a damaged dataset is said there, too, below the whole form.
    """
    turn = st.session_state.get(_TURN, 0)
    with contextlib.suppress(CnnlabError):
        grid = _grid(here(), config.dataset, config.image, config.augmentation, turn)
        st.image(grid, width="stretch", alt="Images with augmentation as it is set now")


@st.fragment
def _render_below_strip() -> None:
    with st.container(key="preview_strip_below", horizontal=True, vertical_alignment="center"):
        st.caption("Left as they are; beside them as training may see them.")
        _ask_again("preview_strip_again")


def _ask_again(key: str) -> None:
    st.button("Draw again", key=key, icon=":material/casino:", on_click=_next_turn)


@st.cache_data(max_entries=64, show_spinner=False)
def _grid(
    workspace: str, dataset: str, image: Image, augmentation: Augmentation, turn: int
) -> bytes:
    """As PNG: Streamlit would make it anew at every click, for a third of the page's time."""
    originals = lab.square_examples(dataset, image, count=_IMAGES)
    variants = lab.preview_augmentation(originals, augmentation, variants=_VARIANTS, seed=turn)
    shown = _VARIANTS if augmentation.is_on else 0
    rows = [[first, *rest] for first, rest in zip(originals, variants, strict=True)]
    png = io.BytesIO()
    _compose(rows if shown else [originals]).save(png, "PNG", compress_level=1)
    return png.getvalue()


def _compose(rows: list[list[np.ndarray]]) -> PillowImage.Image:
    """Tiles in rows; a wider gap sets the originals apart."""
    step = _TILE_PX + _GAP_PX
    width, height = len(rows[0]) * step - _GAP_PX, len(rows) * step - _GAP_PX
    extra = 2 * _GAP_PX if len(rows) > 1 else 0
    grid = PillowImage.new("RGBA", (width + extra, height))
    for y, row in enumerate(rows):
        for x, pixels in enumerate(row):
            tile = PillowImage.fromarray(pixels.squeeze()).convert("RGB")
            tile = tile.resize((_TILE_PX, _TILE_PX), PillowImage.Resampling.BICUBIC)
            grid.paste(tile, (x * step + (extra if x else 0), y * step))
    return grid


def _next_turn() -> None:
    st.session_state[_TURN] += 1
    if runs_a_part():  # else both are drawn with the page
        st.rerun([_STRIP, _GRID])
