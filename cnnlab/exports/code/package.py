"""What lies beside a program: who trains and who validates, weights, order, words."""

import csv
import inspect
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from cnnlab.datasets.pictures import pixels
from cnnlab.domain.config.config_file import config_text
from cnnlab.domain.words import data_size
from cnnlab.exports.code.augmentation import needs_opencv
from cnnlab.exports.code.covered import left_out
from cnnlab.exports.code.data import are_inline
from cnnlab.exports.code.optimizer import fused_optimizer
from cnnlab.exports.code.recipe import Recipe

_JUPYTER = "matplotlib\njupyterlab\n"
"""What a notebook needs besides; no version of it changes a number."""


@dataclass(frozen=True)
class FileRow:
    """An image that trains or validates.

    Attributes:
        file: its path in the zip of the dataset's images.
        label: the class that the run is told, which may be wrong on purpose.
        part: `train` or `validation`.
        sha256: of its bytes, hex.
        is_clean: whether it is one of those of the clean metrics.
        is_sample: whether batch norm's statistics are measured on it.
    """

    file: str
    label: str
    part: str
    sha256: str
    is_clean: bool = False
    is_sample: bool = False


def files_table(rows: Iterable[FileRow]) -> str:
    """`files.csv`; class names stay as they are, for the program looks them up.

    Args:
        rows: in the order in which the positions of `order.npz` count them.
    """
    buffer = io.StringIO()
    # All quoted: Python leaves a lone carriage return bare, at which a reader ends the row.
    writer = csv.writer(buffer, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["file", "class", "part", "sha256", "clean", "statistics"])
    writer.writerows(
        [row.file, row.label, row.part, row.sha256, int(row.is_clean), int(row.is_sample)]
        for row in rows
    )
    return buffer.getvalue()


def arrays(named: Mapping[str, np.ndarray]) -> bytes:
    """The bytes of an `.npz`."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **named)
    return buffer.getvalue()


def texts(recipe: Recipe, *, is_notebook: bool = False) -> dict[str, str]:
    """The small files beside a program or a notebook, by their names."""
    told = {
        "config.json": config_text(recipe.config.model_dump(mode="json")),
        "requirements.txt": requirements(recipe) + (_JUPYTER if is_notebook else ""),
    }
    if (fused := fused_optimizer(recipe.config)) is not None:
        told[f"{fused[0].lower()}.py"] = fused[1]
    if not are_inline(recipe):
        told["classes.json"] = json.dumps(list(recipe.class_names), ensure_ascii=False, indent=1)
    if not recipe.is_plain:
        told["prepare.py"] = preparation(recipe)
    return told


def requirements(recipe: Recipe) -> str:
    """What pip installs: the versions that trained the run."""
    wanted = ["tensorflow", "keras", "numpy", "pillow"]
    if needs_opencv(recipe.config.augmentation):
        wanted.append("opencv-python-headless")
    known = [name for name in wanted if name in recipe.versions]
    return "".join(f"{name}=={recipe.versions[name]}\n" for name in known)


def readme(recipe: Recipe, program: str, orders: int, images: int, *, run_with: str) -> str:
    """`README.md`: how it is run, and what it is.

    Args:
        recipe: what is known of the run.
        program: name of the file that trains.
        orders: epochs whose order lies in `order.npz`.
        images: how many train and validate.
        run_with: the line that runs it.
    """
    left = "".join(f"- {clause}\n" for clause in left_out(recipe)) or "- nothing\n"
    fused = fused_optimizer(recipe.config)
    later = orders < recipe.config.training.epochs
    rule = " (later ones: numpy's generator shuffles anew)" if later else ""
    return _README.format(
        name=recipe.shown_name,
        run=recipe.run,
        dataset=recipe.config.dataset,
        program=program,
        run_with=run_with,
        orders=orders,
        memory=data_size(images * recipe.config.image.size**2 * recipe.channels),
        rule=rule,
        left=left,
        fused="" if fused is None else _FUSED.format(fused[0].lower(), fused[0]),
    )


_README = """# The run "{name}" ({run}) as code

1. `pip install -r requirements.txt`
2. Download the images of the dataset `{dataset}` in cnnlab (Data page, 'Images as zip').
3. `{run_with}`

`{program}` needs no cnnlab: plain Keras, numpy and Pillow. It holds all images in memory
({memory}).

- `files.csv`: file within the zip, class, part (train or validation), sha256, and whether an image
  is one of the clean metrics or of batch norm's statistics. Test images stay locked away.
- `init.npz`: the initial weights of the run, by the path of each weight.
- `order.npz`: which training image (row of `files.csv`) comes when, of the first {orders}
  epochs{rule}.
{fused}- `config.json`: the config of the run; cnnlab's Train page and `train --config` read it.

Left out of the run:

{left}"""

_FUSED = """- `{0}.py`: Keras' {1} by one kernel of TensorFlow, which rounds as the run did.
"""

_PREPARE = '''"""Prepares pictures as cnnlab does, whatever their depth; needs Pillow and numpy."""

{pixels}

def prepare(content):
    """The bytes of a picture as training saw it, ({size}, {size}, {channels}) uint8."""
    value_range = {value_range}  # of more than 8 bits: what is black, what is white
    image = Image.open(io.BytesIO(content), formats=FORMATS)
    image = decoded(image, content, {size}, value_range)
    return to_square(image, {size}, {color}, {resize})
'''


def preparation(recipe: Recipe) -> str:
    """`prepare.py`: the text with which images are prepared for training."""
    image, value_range = recipe.config.image, recipe.value_range
    return _PREPARE.format(
        pixels=inspect.getsource(pixels).partition('"""\n\n')[2].rstrip() + "\n",
        size=image.size,
        channels=recipe.channels,
        color=json.dumps(image.color),
        resize=json.dumps(image.resize),
        value_range=None if value_range is None else tuple(value_range),
    )
