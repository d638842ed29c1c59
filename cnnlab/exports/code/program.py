"""A run as one file of Python."""

from dataclasses import dataclass

from cnnlab.exports.code.augmentation import augment_section, needs_opencv
from cnnlab.exports.code.covered import left_out
from cnnlab.exports.code.data import classes_line, data_section
from cnnlab.exports.code.lines import joined, wrapped
from cnnlab.exports.code.loop import loop_section
from cnnlab.exports.code.network import network_section
from cnnlab.exports.code.optimizer import fused_optimizer, learning_rate_section
from cnnlab.exports.code.recipe import Recipe


@dataclass(frozen=True)
class Section:
    """A part of a program that belongs together.

    Attributes:
        title: in a few words.
        words: what it does, for a reader of the notebook.
        parts: lines of top-level code, each a function or constants.
    """

    title: str
    words: str
    parts: list[list[str]]


def sections(recipe: Recipe) -> list[Section]:
    """The parts of the program from reading images to training, imports and constants left out."""
    config = recipe.config
    told = [
        Section(
            "Images",
            "Each picture becomes a square of 8-bit values; `files.csv` says who trains and who "
            "validates.",
            data_section(recipe),
        ),
        Section(
            "Augmentation",
            "Every batch is changed at random before a training step, each image by itself.",
            augment_section(config.augmentation, recipe.channels),
        ),
        Section("Network", "From an image to the probabilities of the classes.", _network(recipe)),
        Section(
            "Learning rate",
            "It is set before every step.",
            [learning_rate_section(config)],
        ),
        Section(
            "Training",
            "After each epoch everything random is off and two sets are measured: a fixed part of "
            "the training images (clean) and the validation images.",
            loop_section(recipe),
        ),
    ]
    return [section for section in told if any(section.parts)]


def _network(recipe: Recipe) -> list[list[str]]:
    return [part for part in network_section(recipe) if part]


def program(recipe: Recipe) -> str:
    """The text of `train.py`."""
    parts = [part for section in sections(recipe) for part in section.parts if part]
    head = [*_docstring(recipe), "", *imports(recipe, parts, is_program=True)]
    return "\n".join([*head, "", *constants(recipe)]) + "\n\n\n" + joined([*parts, _MAIN])


def imports(recipe: Recipe, parts: list[list[str]], *, is_program: bool) -> list[str]:
    """The lines that import what the parts use, in the order of a formatter."""
    text = "\n".join(
        line for part in [*parts, constants(recipe), _MAIN if is_program else []] for line in part
    )
    standard = ["argparse", "csv", "hashlib", "io", "json", "zipfile"]
    used = [name for name in standard if f"{name}." in text]
    lines = [f"import {name}" for name in sorted(used)]
    lines += ["from pathlib import Path", ""]
    lines += ["import cv2"] if needs_opencv(recipe.config.augmentation) else []
    lines += ["import keras", "import numpy as np"]
    fused = fused_optimizer(recipe.config)
    lines += [] if fused is None else [f"from {fused[0].lower()} import {fused[0]}"]
    lines += ["from keras import layers"]
    lines += ["from PIL import Image, ImageOps"] if recipe.is_plain else []
    return [*lines, *([] if recipe.is_plain else ["from prepare import prepare"])]


def constants(recipe: Recipe, here: str = "Path(__file__).parent") -> list[str]:
    """The lines with the numbers of the run."""
    training = recipe.config.training
    return [
        f"HERE = {here}",
        classes_line(recipe),
        f"SIZE, EPOCHS, BATCH = {recipe.config.image.size}, {training.epochs}, "
        f"{training.images_per_step}",
        f"RUN_SEED = {training.seed}",
        "SEED = RUN_SEED  # with another one, weights, order and draws are others",
    ]


_MAIN = """def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", dest="folder", default=HERE / "images", help="folder or zip")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="end after so many")
    model, history = train(**vars(parser.parse_args()))
    keras.Model(model.inputs, model.outputs).save(HERE / "trained.keras")  # the network alone
    (HERE / "history.json").write_text(json.dumps(history, indent=1))


if __name__ == "__main__":
    main()""".splitlines()


def _docstring(recipe: Recipe) -> list[str]:
    left = left_out(recipe)
    fused = fused_optimizer(recipe.config)
    own = "" if fused is None else f", {fused[0].lower()}.py (Keras' {fused[0]}, rounded as in it)"
    said = f"Left out of the run: {'; '.join(left)}." if left else "Nothing of the run is left out."
    beside = (
        "Beside this file lie files.csv (who trains, who validates), init.npz (the initial weights "
        f"of the run) and order.npz (the order of its images){own}. {said}"
    )
    return [
        f'"""Trains the run "{recipe.shown_name}" ({recipe.run}) of cnnlab again, without cnnlab.',
        "",
        "    pip install -r requirements.txt",
        "    python train.py --images IMAGES",
        "",
        *wrapped(
            "IMAGES is the dataset's 'Images as zip' (Data page), or the folder with what is in it."
        ),
        *wrapped(beside),
        '"""',
    ]
