"""The usage example that goes with a model file: plain Python that prepares images as we do."""

import inspect
from collections.abc import Sequence

from cnnlab.datasets.pictures import pixels
from cnnlab.exports.about import About

_SCRIPT = '''"""Says what images show (pip install {packages}): python predict.py FILES_OR_FOLDER"""
from __future__ import annotations
import os
import sys
from pathlib import Path
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow, where it is used, stays quiet
{load}

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff")
MODEL = Path(__file__).with_name({file!r})
CLASSES = {classes!r}{calibration}{threshold}


def main():
    if len(sys.argv) < 2:
        sys.exit(f"Name an image, or a folder with images.\\n{{__doc__}}")
    files, problems = found(map(Path, sys.argv[1:]))
    predict = load(str(MODEL)) if files else None
    for file in files:
        try:
            pixels = prepare(file.read_bytes())
        except (OSError, ValueError, KeyError, SyntaxError, Image.DecompressionBombError):
            problems.append(f"{{file}} isn't a picture that can be read here.")
            continue
        if len(files) > 1:
            print(f"\\n{{file}}")
        tell(predict(pixels[None])[0])
    if problems:
        sys.exit("\\n".join(problems))


def found(paths):
    """The files that are named, or lie in folders with the name of a picture; what is wrong."""
    files, problems = [], []
    for path in paths:
        inside = [path]
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*") if one.suffix.lower() in SUFFIXES)
        if not inside:
            problems.append(f"The folder {{path}} has no pictures ({{', '.join(SUFFIXES)}}).")
        elif not path.exists():
            problems.append(f"There is no file {{path}}.")
        else:
            files += inside
    return files, problems


def tell(probabilities):
    """Print the likeliest classes of one image."""{unsure}
    for probability, name in sorted(zip(probabilities, CLASSES), reverse=True)[:5]:
        print(f"{{name}}: {{probability:.1%}}")


def prepare(content):
    """An image file as in training, (height, width, channels) uint8."""
    size, value_range = {size}, {value_range}  # of more than 8 bits: what is black, what is white
    image = Image.open(io.BytesIO(content), formats=FORMATS)
    image = decoded(image, content, size, value_range)
    return to_square(image, size, {color!r}, {resize!r})


# What follows is the text with which images are prepared for training.

{pixels}

if __name__ == "__main__":
    main()
'''


_CALIBRATED = (
    "\n# The probabilities are calibrated: the weights of the last layer were divided by a"
    "\n# temperature of {:.4g}, which was fitted on the validation images."
)
_THRESHOLD = (
    "\n# From this probability on its answers were right often enough on the validation images:"
    "\n# 95 % of them, even at the lower end of the interval.{}"
    "\nTHRESHOLD = {!r}"
)
_OF_FLOAT32 = (
    "\n# These are answers of the model in float32: this file rounds its numbers, so that an answer"
    "\n# near this probability may fall on the other side of it."
)
_UNSURE = """
    if max(probabilities) < THRESHOLD:
        print(f"unsure: the likeliest class has less than {THRESHOLD:.1%}")"""


def usage_snippet(
    *, file: str, load: str, packages: Sequence[str], about: About, is_rounded: bool = False
) -> str:
    """A short Python script that classifies one image with an exported model.

    Args:
        file: name of the model file beside the script.
        load: Python source that defines `load`, as a format has it.
        packages: names for pip of what loads the file.
        about: class names in the order of the outputs, and how images are prepared.
        is_rounded: whether the file's numbers have fewer digits than the model's in float32.
    """
    image, temperature, threshold = about.image, about.temperature, about.threshold
    rounding = _OF_FLOAT32 if is_rounded else ""
    return _SCRIPT.format(
        packages=" ".join([*packages, "pillow", "numpy"]),
        load=load.strip("\n"),
        classes=list(about.class_names),
        calibration="" if temperature is None else _CALIBRATED.format(temperature),
        threshold="" if threshold is None else _THRESHOLD.format(rounding, threshold),
        unsure="" if threshold is None else _UNSURE,
        file=file,
        size=image.size,
        color=image.color,
        resize=image.resize,
        value_range=None if about.value_range is None else tuple(about.value_range),
        pixels=inspect.getsource(pixels).partition('"""\n\n')[2].strip("\n"),
    )
