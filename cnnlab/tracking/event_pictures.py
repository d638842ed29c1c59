"""Two pictures of what a run's model does, for TensorBoard: its confusions, its worst mistakes."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from cnnlab.datasets.index import ImageIndex
from cnnlab.datasets.pictures.pixels import to_square
from cnnlab.domain.records.result import Evaluation, TopLoss

_MOST_CLASSES, _MOST_MISTAKES, _COLUMNS = 60, 12, 4
_TILE_PX, _TEXT_PX, _MARGIN_PX, _NAME_CHARACTERS = 160, 34, 130, 16
_FONT_PX = 13
_FULL = np.array((31, 119, 180))
"""The colour of a cell that holds a whole class; white holds nothing."""


def confusion_picture(report: Evaluation) -> Image.Image | None:
    """The confusion matrix: a row is a true class, a column what it was taken for.

    Returns:
        None where there are too many classes to be told apart.
    """
    names = [str(row["class"]) for row in report["per_class"]]
    counts = np.array(report["confusion"], np.float64)
    if not 2 <= len(names) <= _MOST_CLASSES:
        return None
    cell = max(14, min(48, 640 // len(names)))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    colours = 255 - shares[..., None] * (255 - _FULL)
    squares = np.kron(colours, np.ones((cell, cell, 1))).astype(np.uint8)
    side = squares.shape[0]
    picture = Image.new("RGB", (_MARGIN_PX + side + 1, side + 2 * _TEXT_PX), "white")
    picture.paste(Image.fromarray(squares), (_MARGIN_PX, 0))
    draw = ImageDraw.Draw(picture)
    draw.font = ImageFont.load_default(_FONT_PX)
    for row, name in enumerate(names):
        draw.text((2, row * cell + cell // 2 - 6), _short(name), fill="black")
        for column, count in enumerate(counts[row]):
            if count and cell >= 20:
                colour = "white" if shares[row, column] > 0.5 else "black"
                place = (_MARGIN_PX + column * cell + 3, row * cell + cell // 2 - 6)
                draw.text(place, f"{count:.0f}", fill=colour)
    draw.text((_MARGIN_PX, side + 6), "columns: taken for, in the same order", fill="black")
    return picture


def mistakes_picture(
    index: ImageIndex, worst: Sequence[TopLoss], *, size: int, color: str, resize: str
) -> Image.Image | None:
    """The validation images with the largest loss as the network sees them, with what it says.

    Args:
        index: of the dataset.
        worst: the images.
        size: side in pixels, of the network's images.
        color: `rgb` or `grayscale`.
        resize: `crop`, `pad` or `stretch`.

    Returns:
        None where there are none.

    Raises:
        CnnlabError: an image can't be read.
    """
    shown = worst[:_MOST_MISTAKES]
    if not shown:
        return None
    rows = -(-len(shown) // _COLUMNS)
    size_px = (min(_COLUMNS, len(shown)) * _TILE_PX, rows * (_TILE_PX + _TEXT_PX))
    picture = Image.new("RGB", size_px, "white")
    draw = ImageDraw.Draw(picture)
    draw.font = ImageFont.load_default(_FONT_PX)
    for place, mistake in enumerate(shown):
        x, y = place % _COLUMNS * _TILE_PX, place // _COLUMNS * (_TILE_PX + _TEXT_PX)
        array = to_square(index.open(mistake["position"], size), size, color, resize)
        tile = Image.fromarray(array.squeeze()).convert("RGB")
        picture.paste(tile.resize((_TILE_PX - 4, _TILE_PX - 4), Image.Resampling.NEAREST), (x, y))
        said = f"{_short(mistake['predicted'])} {mistake['probability']:.0%}"
        draw.text((x + 2, y + _TILE_PX - 3), said, fill="black")
        draw.text((x + 2, y + _TILE_PX + 12), f"is {_short(mistake['true'])}", fill="black")
    return picture


def as_png(picture: Image.Image) -> bytes:
    """A picture as a PNG file."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _short(name: str) -> str:
    return name if len(name) <= _NAME_CHARACTERS else f"{name[: _NAME_CHARACTERS - 3]}..."
