"""What the LiteRT formats share: how they are written, loaded and told."""

import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cnnlab.exports.agreement import Limits
from cnnlab.exports.format import Group
from cnnlab.exports.formats._signature import image_signature
from cnnlab.exports.model_format import ModelFormat, Source
from cnnlab.exports.usage.litert import usage
from cnnlab.exports.usage.words import USAGE

LABELS, DESCRIPTION = "labels.txt", "model.json"
"""Files within the file: a zip at its end, as LiteRT's metadata has it (`unzip model.tflite`)."""

_LOAD_FLOAT = """
import numpy as np
from ai_edge_litert.interpreter import Interpreter

def load(path):
    interpreter = Interpreter(path)
    interpreter.allocate_tensors()
    given, said = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    def predict(images):
        answers = []
        for image in images:
            interpreter.set_tensor(given["index"], image[None].astype("float32"))
            interpreter.invoke()
            answers.append(interpreter.get_tensor(said["index"])[0])
        return np.stack(answers)
    return predict
"""

_LOAD_INT8 = """
import numpy as np
from ai_edge_litert.interpreter import Interpreter

def load(path):
    interpreter = Interpreter(path)
    interpreter.allocate_tensors()
    given, said = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    scale, zero = said["quantization"]  # of the answers; images are bytes as they are
    def predict(images):
        answers = []
        for image in images:
            interpreter.set_tensor(given["index"], image[None])
            interpreter.invoke()
            answers.append((interpreter.get_tensor(said["index"])[0] - np.float32(zero)) * scale)
        return np.stack(answers)
    return predict
"""


@dataclass(frozen=True)
class Rounding:
    """How a LiteRT file holds its numbers.

    Attributes:
        options: what the converter is told beyond the signature.
        takes_bytes: whether images go in as uint8, and probabilities come out as uint8.
    """

    options: Callable[[Source], dict[str, Any]] = lambda source: {}
    takes_bytes: bool = False


def litert_format(
    *, name: str, title: str, purpose: str, limits: Limits, rounding: Rounding
) -> ModelFormat:
    """One of the LiteRT formats; all are `model.tflite` in their download."""

    def write(source: Source, path: Path) -> None:
        source.model.export(
            str(path),
            format="litert",
            verbose=False,
            # One image: what phones and their chips compute fastest.
            input_signature=image_signature(source.model, batch=1),
            **rounding.options(source),
        )
        _describe(source, path)

    return ModelFormat(
        name=name,
        title=title,
        purpose=purpose,
        suffix=".tflite",
        group=Group.MODEL,
        runtime="LiteRT",
        runtime_packages=("ai-edge-litert",),
        limits=limits,
        write=write,
        load=_LOAD_INT8 if rounding.takes_bytes else _LOAD_FLOAT,
        more_texts=lambda about: {USAGE: usage(about, takes_bytes=rounding.takes_bytes)},
        is_rounded=rounding != Rounding(),
        extra="litert",
    )


def _describe(source: Source, path: Path) -> None:
    """Put what is known of the model into its file, where LiteRT's own tools look for it."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(LABELS, "\n".join(map(_in_one_line, source.about.class_names)))
        archive.writestr(DESCRIPTION, json.dumps(source.about.to_json(), indent=1))


def _in_one_line(name: str) -> str:
    return " ".join(name.splitlines())


def representative(source: Source) -> Callable[[], Iterator[list[np.ndarray]]]:
    """Training images by which the converter finds the range of every layer, (1, H, W, C) float32.

    Where they have no black or no white, one gets a pixel of each in its corner: the input's 256
    steps are then those of a byte, so that pixels go in as they are.
    """
    images = source.training_images().astype(np.float32)
    if images.min() > 0 or images.max() < 255:
        images[0, 0, 0], images[0, -1, -1] = 0, 255

    def one_by_one() -> Iterator[list[np.ndarray]]:
        for image in images:
            yield [image[None]]

    return one_by_one
