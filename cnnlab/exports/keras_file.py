"""The model file that a user downloads, checked in a process that doesn't know cnnlab."""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from cnnlab.domain.config.run_config import Image
from cnnlab.domain.errors import TrainingError
from cnnlab.files import put_in_place
from cnnlab.training.judging.evaluate import predict

DESCRIPTION = "cnnlab.json"
"""Member of the .keras zip with the class names and what images the model expects."""

VERIFIED_IMAGES = 64
_VERIFY_SECONDS = 300

_VERIFY_SCRIPT = """
import sys, time
import keras, numpy as np
images = np.load(sys.argv[2])
model = keras.models.load_model(sys.argv[1])
model.predict(images, verbose=0)
began = time.perf_counter()
probabilities = model.predict(images, verbose=0)
seconds = time.perf_counter() - began
np.savez(sys.argv[3], probabilities=probabilities, seconds=seconds)
"""

_SNIPPET = '''"""Says what an image shows (pip install tensorflow pillow): python predict.py FILE"""
import sys
from pathlib import Path
if len(sys.argv) != 2:
    sys.exit(__doc__)
import keras
import numpy as np
from PIL import Image, ImageOps

CLASSES = {classes!r}
model = keras.models.load_model(Path(__file__).with_name({model_file!r}))
image = ImageOps.exif_transpose(Image.open(sys.argv[1]))
if image.mode.startswith("I;16"):  # 16 bits to 8
    image = Image.fromarray((np.asarray(image) // 257).astype("uint8"))
if image.has_transparency_data:  # on white, as in training
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
image = image.convert({mode!r})
image = {resized}
pixels = np.asarray(image).reshape(1, {size}, {size}, {channels})
probabilities = model.predict(pixels, verbose=0)[0]
for probability, name in sorted(zip(probabilities, CLASSES), reverse=True)[:5]:
    print(f"{{name}}: {{probability:.1%}}")
'''

_RESIZED = {
    "crop": "ImageOps.fit(image, ({size}, {size}), Image.Resampling.BILINEAR)",
    "pad": "ImageOps.pad(image, ({size}, {size}), Image.Resampling.BILINEAR)",
    "stretch": "image.resize(({size}, {size}), Image.Resampling.BILINEAR)",
}


def save_keras(model: keras.Model, path: Path, class_names: Sequence[str], image: Image) -> None:
    """Write a `.keras` file that plain Keras loads: weights without optimizer, and class names.

    It computes in float32 whatever the model was trained in: on a chip without units for a mixed
    precision that takes several times as long. The file appears whole or not at all: it is written
    beside, synced and renamed.

    Args:
        model: its weights are those to give away.
        path: ends in `.keras`; an older file there is replaced.
        class_names: in the order of the outputs.
        image: what the images are turned into before the model sees them.
    """
    # A clone has no optimizer, whose state would make the file three times as large.
    clone = keras.models.clone_model(model, clone_function=_in_float32)
    clone.set_weights(model.get_weights())
    beside = path.with_name(f".{path.stem}-{os.getpid()}.keras")
    try:
        clone.save(beside)
        with zipfile.ZipFile(beside, "a") as archive:
            archive.writestr(DESCRIPTION, json.dumps(_description(class_names, image), indent=1))
        put_in_place(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def read_description(path: Path) -> dict[str, Any]:
    """What `save_keras` noted in the file: `class_names` and `image` {size, color, resize}."""
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read(DESCRIPTION))


def verify_keras(path: Path, model: keras.Model, images: np.ndarray) -> dict[str, Any]:
    """Load the file in a fresh process with plain Keras and compare its predictions.

    Args:
        path: of the `.keras` file.
        model: that it was saved from, with the same weights.
        images: (N, H, W, C) uint8, real validation images; at most 64 are used.

    Returns:
        `max_abs_difference` of the probabilities, `top1_agreement` (0..1),
        `milliseconds_per_image` (on the CPU, in one batch) and `bytes` of the file.

    Raises:
        TrainingError: the file can't be loaded.
    """
    images = np.asarray(images[:VERIFIED_IMAGES])
    expected = predict(model, images, np.arange(len(images)))
    with tempfile.TemporaryDirectory(prefix="cnnlab-verify-") as folder:
        given, answer = Path(folder, "images.npy"), Path(folder, "answer.npz")
        np.save(given, images)
        _run_alone(_VERIFY_SCRIPT, path, given, answer)
        with np.load(answer) as answered:
            probabilities, seconds = answered["probabilities"], float(answered["seconds"])
    same = np.argmax(probabilities, axis=1) == np.argmax(expected, axis=1)
    return {
        "max_abs_difference": float(np.max(np.abs(probabilities - expected))),
        "top1_agreement": float(np.mean(same)),
        "milliseconds_per_image": 1000 * seconds / len(images),
        "bytes": path.stat().st_size,
    }


def usage_snippet(class_names: Sequence[str], image: Image, model_file: str) -> str:
    """A short Python script that classifies one image with the exported model.

    Args:
        class_names: in the order of the outputs.
        image: what the images are turned into before the model sees them.
        model_file: name of the `.keras` file beside the script.
    """
    is_rgb = image.color == "rgb"
    return _SNIPPET.format(
        classes=list(class_names),
        model_file=model_file,
        mode="RGB" if is_rgb else "L",
        resized=_RESIZED[image.resize].format(size=image.size),
        size=image.size,
        channels=3 if is_rgb else 1,
    )


def _in_float32(layer: keras.Layer) -> keras.Layer:
    return layer.__class__.from_config(layer.get_config() | {"dtype": "float32"})


def _description(class_names: Sequence[str], image: Image) -> dict[str, Any]:
    return {
        "class_names": list(class_names),
        "image": image.model_dump(mode="json"),
        "values": "0 to 255, scaled inside the model",
    }


def _run_alone(script: str, *arguments: Path) -> None:
    """Run `script` in a Python that sees neither cnnlab nor a GPU."""
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-I", "-c", script, *map(str, arguments)]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_VERIFY_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise TrainingError(
            f"The exported model wasn't loaded within {_VERIFY_SECONDS} s, so it isn't offered: "
            "the machine may be too busy; resume the run to check it again."
        ) from error
    if done.returncode:
        last_line = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise TrainingError(
            f"The exported model can't be loaded by plain Keras, so it isn't offered: {last_line}"
        )
