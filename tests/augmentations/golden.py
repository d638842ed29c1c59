"""What each augmentation draws, and makes of a picture, in this version; renews `golden.json`.

    .venv/bin/python -m tests.augmentations.golden

Adds what the table lacks, and leaves what it has: its values are renewed only after
`cnnlab.BITS_VERSION` was raised, for then runs give other numbers on purpose.
"""

import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

import cnnlab
from cnnlab.augmentations import chain, table
from cnnlab.domain.config.augmentation import Augmentation
from cnnlab.training.input.draws import Draws
from cnnlab.training.input.tensor_ops import TENSOR_OPS

FILE = Path(__file__).with_suffix(".json")
RENEW = ".venv/bin/python -m tests.augmentations.golden"
SEED, STEP, COUNT, SIZE = 20261129, 7, 12, 96
KEPT_NUMBERS = 3
"""Of what is drawn for one image under one name."""

ROWS = 5 + 12 * np.arange(8)
COLUMNS = (13 + 29 * np.arange(8)) % SIZE
"""Where the pixels lie that are kept."""


def pictures():
    """(12, 96, 96, 3) float32 of whole levels, the same on every processor."""
    row, column = np.mgrid[:SIZE, :SIZE]
    red, green = 40 + 2 * row + column // 4, 230 - 2 * column
    blue = row * column * 5 // 256 + 40 * ((row // 3 + column // 5) % 2)
    image = np.stack([red, green, blue], axis=-1)
    return np.stack([np.roll(image, 8 * turn, axis=0) for turn in range(COUNT)]).astype(np.float32)


class NotedDraws(Draws):
    """Draws of training that keep what was drawn, by kind and name."""

    def __init__(self):
        super().__init__(SEED, tf.constant(STEP, tf.int64), tf.constant(COUNT))
        self.noted = {}

    def note(self, kind, name, drawn):
        self.noted[f"{kind} {name}"] = drawn.numpy().reshape(COUNT, -1)
        return drawn

    def uniform(self, name, low, high):
        return self.note("uniform", name, super().uniform(name, low, high))

    def normal(self, name, shape):
        return self.note("normal", name, super().normal(name, shape))

    def integers(self, name, shape, below):
        return self.note("integers", name, super().integers(name, shape, below))

    def symmetric(self, name, shape):
        return self.note("symmetric", name, super().symmetric(name, shape))

    def gamma(self, name, shape, alpha):
        return self.note("gamma", name, super().gamma(name, shape, alpha))

    def permutation(self, name):
        return self.note("permutation", name, super().permutation(name))


def made(strengths, image=None):
    """What is drawn for one image at these strengths, and becomes of it.

    Args:
        strengths: as a config's `strengths` gives them.
        image: its position; without it the one that changes most.
    """
    images, draws = pictures(), NotedDraws()
    changed, labels = chain.augment(
        tf.constant(images), tf.eye(COUNT), strengths, draws, TENSOR_OPS
    )
    changed = changed.numpy().astype(np.float64)
    if image is None:
        moved = np.abs(changed - images)
        image = int(moved.mean(axis=(1, 2, 3)).argmax())
        shown = moved[image, ROWS, COLUMNS].max()
        assert shown > 1, f"the kept pixels show nothing of {strengths}"
    return {
        "strengths": strengths,
        "image": image,
        "draws": {
            name: drawn[image, :KEPT_NUMBERS].tolist() for name, drawn in draws.noted.items()
        },
        "own_label": round(float(labels[image, image]), 6),
        "pixels": np.round(changed[image, ROWS, COLUMNS], 4).tolist(),
        "means": np.round(changed.mean(axis=(1, 2, 3)), 4).tolist(),
    }


def renewed(kept):
    """The table with what it lacks, or anew if it is of another version."""
    known = kept["augmentations"] if kept["bits_version"] == cnnlab.BITS_VERSION else {}
    entries = {}
    for member in table.MEMBERS:
        usual = Augmentation(**{member.name: member.usual})
        strengths = usual.active() | {name: getattr(usual, name) for name in member.details}
        entries[member.name] = known.get(member.name) or made(strengths)
    return {"bits_version": cnnlab.BITS_VERSION, "augmentations": entries}


def write(renewed_table):
    """As JSON with a line for each augmentation."""
    entries = renewed_table["augmentations"].items()
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in entries)
    version = json.dumps(renewed_table["bits_version"])
    FILE.write_text(f'{{"bits_version": {version}, "augmentations": {{\n{lines}\n}}}}\n')


if __name__ == "__main__":
    write(renewed(json.loads(FILE.read_text())))
