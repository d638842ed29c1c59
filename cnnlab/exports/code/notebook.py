"""A run as a notebook: the program's parts as cells, with words and plots."""

import json
from typing import Any

from cnnlab.exports.code.covered import left_out
from cnnlab.exports.code.lines import joined
from cnnlab.exports.code.program import constants, imports, sections
from cnnlab.exports.code.recipe import Recipe

_HERE = 'Path(".")'

_SETTINGS = """IMAGES = HERE / "images"  # the folder, or the zip, with the images of the dataset
assert IMAGES.exists(), f"Put the dataset's images there, or name their folder or zip: {IMAGES}\""""

_LOOK = """rows, images, labels = load(IMAGES, "validation")
figure, places_of = plt.subplots(2, 6, figsize=(12, 4.4))
for place, image, label in zip(places_of.flat, images, labels):
    place.imshow(image.squeeze(), cmap="gray")
    place.set_title(CLASSES[label], fontsize=9)
for place in places_of.flat:
    place.axis("off")"""

_AUGMENTED = """some = images[:6].astype(np.float32)
targets = np.eye(len(CLASSES), dtype=np.float32)[labels[:6]]
changed, _ = augment(some, targets, np.random.default_rng(0))
figure, places_of = plt.subplots(2, 6, figsize=(12, 4.4))
for place, image in zip(places_of.flat, [*some, *changed]):
    place.imshow(image.squeeze() / 255, cmap="gray")
for place in places_of.flat:
    place.axis("off")"""

_SUMMARY = "build_model().summary()"

_RATES = """steps = -(-len(load(IMAGES, "train")[0]) // BATCH)
rates = [learning_rate(step, steps) for step in range(EPOCHS * steps)]
plt.figure(figsize=(6, 2.5))
plt.plot(np.arange(len(rates)) / steps, rates)
plt.xlabel("epoch")
plt.ylabel("learning rate");"""

_TRAIN = "model, history = train(IMAGES)"

_CURVES = """figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4))
for part, words in (("clean", "training images, everything off"), ("val", "validation images")):
    epochs = range(1, len(history) + 1)
    left.plot(epochs, [row[f"{part}_cross_entropy"] for row in history], label=words)
    right.plot(epochs, [100 * row[f"{part}_accuracy"] for row in history], label=words)
left.set(xlabel="epoch", ylabel="cross-entropy, nats")
right.set(xlabel="epoch", ylabel="accuracy, %")
left.legend();"""

_CONFUSION = """rows, images, labels = load(IMAGES, "validation")
predicted = model.predict(images, verbose=0).argmax(axis=1)
counts = np.zeros((len(CLASSES), len(CLASSES)), int)
np.add.at(counts, (labels, predicted), 1)
plt.figure(figsize=(5, 5))
plt.imshow(counts, cmap="Blues")
plt.xticks(range(len(CLASSES)), CLASSES, rotation=90)
plt.yticks(range(len(CLASSES)), CLASSES)
plt.xlabel("said")
plt.ylabel("true")
print(f"{(predicted == labels).mean():.1%} of {len(labels)} validation images are right")"""


def notebook(recipe: Recipe) -> str:
    """The text of `train.ipynb`."""
    told = sections(recipe)
    parts = [part for section in told for part in section.parts if part]
    head = [*imports(recipe, parts, is_program=False)]
    at = next(line for line, text in enumerate(head) if text == "import numpy as np")
    head.insert(at, "import matplotlib.pyplot as plt")
    cells = [
        _words(_opening(recipe)),
        _code("\n".join([*head, "", *constants(recipe, _HERE)])),
        _code(_SETTINGS),
    ]
    for section in told:
        cells += [_words(f"## {section.title}\n\n{section.words}")]
        cells += [_code(joined(section.parts).rstrip("\n"))]
        cells += [_code(text) for text in _shown(section.title, recipe)]
    cells += [
        _code(_TRAIN),
        _words("## What came of it\n\nAfter each epoch, and of the weights that are kept."),
        _code(_CURVES),
        _code(_CONFUSION),
    ]
    return json.dumps(_notebook(cells), ensure_ascii=False, indent=1) + "\n"


def _shown(title: str, recipe: Recipe) -> list[str]:
    """What is looked at behind a section."""
    schedule = recipe.config.optimizer.schedule
    looks = {"Images": [_LOOK], "Augmentation": [_AUGMENTED], "Network": [_SUMMARY]}
    is_plain = not recipe.config.architecture.phases
    if is_plain and schedule is not None and schedule.name != "reduce_on_plateau":
        looks["Learning rate"] = [_RATES]
    return looks.get(title, [])


def _opening(recipe: Recipe) -> str:
    left = "".join(f"\n- {clause}" for clause in left_out(recipe)) or "\n- nothing"
    return (
        f'# The run "{recipe.shown_name}" of cnnlab as code\n\n'
        f"It trains the run `{recipe.run}` again with plain Keras and numpy, from the same initial "
        "weights (`init.npz`) and in the same order (`order.npz`). It needs what stands in "
        "`requirements.txt`, and the images of the dataset, which cnnlab's Data page "
        "gives as a zip.\n\n"
        f"Left out of the run:\n{left}"
    )


def _words(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _code(text: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": text,
    }


def _notebook(cells: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "cells": [cell | {"id": f"cell-{number}"} for number, cell in enumerate(cells)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
