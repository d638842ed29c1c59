"""The usage example that goes with a model file: plain Python that prepares images as we do."""

from collections.abc import Sequence

from cnnlab.domain.config.run_config import Image
from cnnlab.domain.value_range import ValueRange

_SCRIPT = '''"""Says what an image shows (pip install {packages}): python predict.py FILE"""
import sys
from pathlib import Path
if len(sys.argv) != 2:
    sys.exit(__doc__)
{load}
import numpy as np
from PIL import Image, ImageOps

CLASSES = {classes!r}
predict = load(str(Path(__file__).with_name({file!r})))
image = Image.open(sys.argv[1])
{before}image = ImageOps.exif_transpose(image)
{deep}
if image.has_transparency_data:  # on white, as in training
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
image = image.convert({mode!r})
image = {resized}
pixels = np.asarray(image).reshape(1, {size}, {size}, {channels})
probabilities = predict(pixels)[0]
for probability, name in sorted(zip(probabilities, CLASSES), reverse=True)[:5]:
    print(f"{{name}}: {{probability:.1%}}")
'''

_WITHOUT_RANGE = """if image.mode.startswith("I;16"):  # 16 bits to 8
    image = Image.fromarray((np.asarray(image) // 257).astype("uint8"))"""

_BEFORE = """# Of 16 bits a colour Pillow reads the upper 8: in the other byte order, the lower 8
orders, lower = {";16B": ";16L", ";16L": ";16B", ";16N": ";16B"}, None
kinds = [tile.args if isinstance(tile.args, str) else tile.args[0] for tile in image.tile]
gray = "LA;16B" in kinds  # with alpha: in no other order, so decoded as four bytes
if image.mode in ("RGB", "RGBA") and kinds and kinds[0][-4:] in orders:
    others = ["RGBA" if gray else kind[:-4] + orders[kind[-4:]] for kind in kinds]
    lower = Image.open(sys.argv[1])
    lower.tile = [
        tile._replace(args=other if isinstance(tile.args, str) else (other, *tile.args[1:]))
        for tile, other in zip(lower.tile, others)
    ]
"""

_WITH_RANGE = """low, high = {low!r}, {high!r}  # over 8 bits: black and white as in training
def in_range(values):
    values = np.nan_to_num(values.astype("float64"), nan=low, posinf=high, neginf=low)
    return np.round((values - low) * (255 / (high - low))).clip(0, 255).astype("uint8")
if image.mode[0] in "IF":
    image = Image.fromarray(in_range(np.asarray(image)))
elif lower is not None:
    upper, lower = (np.asarray(half) for half in (image, ImageOps.exif_transpose(lower)))
    colors = in_range(256.0 * upper[:, :, :3] + lower[:, :, slice(1, 2) if gray else slice(3)])
    image = Image.fromarray(np.dstack([colors, upper[:, :, 3:]]))"""

_RESIZED = {
    "crop": "ImageOps.fit(image, ({size}, {size}), Image.Resampling.BILINEAR)",
    "pad": "ImageOps.pad(image, ({size}, {size}), Image.Resampling.BILINEAR)",
    "stretch": "image.resize(({size}, {size}), Image.Resampling.BILINEAR)",
}


def usage_snippet(
    *,
    file: str,
    load: str,
    packages: Sequence[str],
    class_names: Sequence[str],
    image: Image,
    value_range: ValueRange | None = None,
) -> str:
    """A short Python script that classifies one image with an exported model.

    Args:
        file: name of the model file beside the script.
        load: Python source that defines `load`, as a format has it.
        packages: names for pip of what loads the file.
        class_names: in the order of the outputs.
        image: what images are turned into before the model sees them.
        value_range: which values of images with more than 8 bits are black and white.
    """
    is_rgb = image.color == "rgb"
    return _SCRIPT.format(
        packages=" ".join([*packages, "pillow", "numpy"]),
        load=load.strip("\n"),
        classes=list(class_names),
        file=file,
        before=_BEFORE if value_range else "",
        deep=_WITH_RANGE.format(low=value_range.low, high=value_range.high)
        if value_range
        else _WITHOUT_RANGE,
        mode="RGB" if is_rgb else "L",
        resized=_RESIZED[image.resize].format(size=image.size),
        size=image.size,
        channels=3 if is_rgb else 1,
    )
