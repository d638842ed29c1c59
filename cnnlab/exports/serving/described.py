"""What is known of a model: what lies beside its file, as `model.json` or in a package."""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MODEL_JSON, PACKAGE = "model.json", "model.zip"


class BadModelError(ValueError):
    """A folder holds no model that can be served; the message is one sentence."""


@dataclass(frozen=True)
class Described:
    """A model's file with what must be known to ask it.

    Attributes:
        path: the model's file.
        format: a name such as `litert` or `onnx`.
        class_names: in the order of the outputs.
        size: side of what the model sees, in pixels.
        color: `rgb` or `grayscale`.
        resize: `crop`, `pad` or `stretch`.
        value_range: which values of images with more than 8 bits are black and white, or None.
        temperature: by which its logits were divided, or None.
        threshold: probability of the likeliest class below which it isn't sure, or None.
        run: which run it is of; a label.
    """

    path: Path
    format: str
    class_names: tuple[str, ...]
    size: int
    color: str
    resize: str
    value_range: tuple[float, float] | None
    temperature: float | None
    threshold: float | None
    run: str

    def to_json(self) -> dict[str, Any]:
        """As the server tells it."""
        return {
            "run": self.run,
            "format": self.format,
            "class_names": list(self.class_names),
            "image": {"size": self.size, "color": self.color, "resize": self.resize},
            "value_range": self.value_range,
            "temperature": self.temperature,
            "threshold": self.threshold,
        }


def read_described(folder: Path, run: str = "") -> Described:
    """What lies in a folder: the model's file, and beside it its description or its package.

    Args:
        folder: of a download, of the server, or of a prepared model in a home.
        run: which run it is of, where the description doesn't say so.

    Raises:
        BadModelError: something is missing or damaged.
    """
    try:
        told = json.loads(_description(folder))
        image, value_range = told["image"], told.get("value_range")
        described = Described(
            path=folder / Path(told["file"]).name,
            format=str(told["format"]),
            class_names=tuple(map(str, told["class_names"])),
            size=int(image["size"]),
            color=str(image["color"]),
            resize=str(image["resize"]),
            value_range=None if value_range is None else (value_range[0], value_range[1]),
            temperature=told.get("temperature"),
            threshold=told.get("threshold"),
            run=str(told.get("run") or run),
        )
    except (OSError, ValueError, KeyError, TypeError, IndexError, zipfile.BadZipFile) as error:
        raise BadModelError(
            f"{folder} holds no model that can be served ({type(error).__name__}: {error}): "
            "prepare it again."
        ) from error
    if not described.path.exists():
        raise BadModelError(f"{described.path} is missing: prepare the model again.")
    return described


def _description(folder: Path) -> bytes:
    if (folder / MODEL_JSON).exists():
        return (folder / MODEL_JSON).read_bytes()
    with zipfile.ZipFile(folder / PACKAGE) as package:
        return package.read(MODEL_JSON)
