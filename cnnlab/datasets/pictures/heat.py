"""A map of a picture in colours, and laid over it."""

import base64
import io

import numpy as np
from PIL import Image

from cnnlab.domain.explaining.heat import VIRIDIS

_PLACES = np.linspace(0, 1, len(VIRIDIS))


def heat_colours(values: np.ndarray) -> np.ndarray:
    """(h, w, 3) uint8: what is above 0 from dark to bright, by the largest value of the map.

    Args:
        values: (h, w) finite; what is at or below 0 is darkest, as all is where nothing is above.
    """
    most = max(float(values.max()), 0.0)
    shares = np.maximum(values, 0) / most if most else np.zeros(values.shape)
    channels = [np.interp(shares, _PLACES, channel) for channel in np.transpose(VIRIDIS)]
    return np.stack(channels, axis=-1).round().astype(np.uint8)


def overlaid(square: np.ndarray, values: np.ndarray, side_px: int, strength: float) -> Image.Image:
    """A picture with its map over it.

    Args:
        square: (H, W, C) uint8, with 1 or 3 channels.
        values: (h, w), as `heat_colours` takes them.
        side_px: of the result.
        strength: 0..1, 0 for the picture alone.
    """
    flat = square[..., 0] if square.shape[-1] == 1 else square
    size = (side_px, side_px)
    below = Image.fromarray(flat).convert("RGB").resize(size, Image.Resampling.BICUBIC)
    above = Image.fromarray(heat_colours(values)).resize(size, Image.Resampling.BILINEAR)
    return Image.blend(below, above, strength)


def data_url(pixels: np.ndarray) -> str:
    """(H, W, C) uint8, with 1 or 3 channels, as a PNG that a page can show at once."""
    buffer = io.BytesIO()
    flat = pixels[..., 0] if pixels.shape[-1] == 1 else pixels
    Image.fromarray(flat).save(buffer, "PNG", compress_level=1)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def share_against(values: np.ndarray) -> float:
    """Share 0..1 of all that a map (h, w) says that is below 0; 0 where it says nothing."""
    whole = float(np.abs(values).sum())
    return float(-np.minimum(values, 0).sum()) / whole if whole else 0.0
