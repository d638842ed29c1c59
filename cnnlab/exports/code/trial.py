"""A program's beginning in a Python of its own, which sees neither cnnlab nor a GPU."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnlab.exports.fresh_python import lay_pictures, run_fresh

# Keras loads scikit-learn wherever it finds it, which takes a second and which no program asks for.
_SCRIPT = """
import json, sys
sys.modules["sklearn"] = None
from pathlib import Path
folder, pictures, answer = sys.argv[1:]
sys.path.insert(0, folder)
import numpy as np
import train
read = getattr(train, "read_image", None) or train.prepare
images = np.stack([read(path.read_bytes()) for path in sorted(Path(pictures).iterdir())])
model, order = train.begin()
predicted = model.predict(images, batch_size=16, verbose=0)
with open(train.HERE / "files.csv", encoding="utf-8", newline="") as table:  # as `load` does
    rows = [(row["file"], row["class"]) for row in train.csv.DictReader(table)]
np.savez(answer, images=images, predicted=predicted, rows=json.dumps(rows))
"""


@dataclass(frozen=True)
class Began:
    """What a program begins with.

    Attributes:
        images: (N, H, W, C) uint8, as it prepares pictures.
        predicted: (N, classes) float32, what its initial network says of them.
        rows: file and class of each image that stands in its table.
    """

    images: np.ndarray
    predicted: np.ndarray
    rows: list[tuple[str, str]]


def begin_alone(members: Mapping[str, str | bytes], pictures: Sequence[bytes]) -> Began:
    """How an unzipped program prepares pictures, and what its initial network says of them.

    Args:
        members: files by their names, `train.py` among them.
        pictures: contents of image files.

    Raises:
        ExportError: it fails, or not in time.
    """
    with tempfile.TemporaryDirectory(prefix="cnnlab-trial-") as place:
        folder, given, answer = (Path(place, name) for name in ("program", "files", "answer.npz"))
        folder.mkdir()
        lay_pictures(given, pictures)
        for name, content in members.items():
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        run_fresh(
            _SCRIPT,
            [folder, given, answer],
            late="The program didn't begin",
            failed="The program doesn't begin",
        )
        with np.load(answer) as answered:
            rows = [(file, label) for file, label in json.loads(answered["rows"].item())]
            return Began(answered["images"], answered["predicted"], rows)
