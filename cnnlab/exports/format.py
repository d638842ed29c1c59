"""What a format is: its facts, and what can be done with each."""

import errno
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from cnnlab.domain.errors import ExportError
from cnnlab.domain.records.result import ExportCheck
from cnnlab.domain.words import exact_percent, percent
from cnnlab.exports.about import About
from cnnlab.exports.alone import predict_alone
from cnnlab.exports.packages import missing_packages, pip_line
from cnnlab.exports.snippet import usage_snippet
from cnnlab.files import disk_errors, put_in_place

VERIFIED_IMAGES = 64
"""As many are compared before a file is offered."""

_FULL_DISK_BYTES = 2**20
"""What failed with less free space than this failed for lack of it."""


class KerasModel(Protocol):
    """What formats use of a `keras.Model`, which isn't loaded where they are listed."""

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """Of a batch: None, height, width, channels."""

    def save(self, filepath: Path) -> None:
        """Write it as Keras does."""

    def export(self, filepath: str, format: str, **options: Any) -> None:  # noqa: ANN401
        """Write it for another runtime."""


@dataclass(frozen=True)
class Limits:
    """How far a file may be from the model in float32 and still be offered.

    Attributes:
        max_abs_difference: of a probability, 0..1.
        top1_agreement: least share of images with the same class, 0..1.
    """

    max_abs_difference: float
    top1_agreement: float


@dataclass(frozen=True)
class Format:
    """A format: one file under `formats/` makes one of these.

    Attributes:
        name: on the command line, in addresses and in folders.
        title: on screen.
        purpose: what it is for, one sentence.
        suffix: of the file, with its dot.
        runtime: what loads it, in words.
        runtime_packages: names for pip of what a user needs to run it in Python.
        limits: a file beyond them isn't offered.
        write: writes a float32 model without optimizer to a path that ends in `suffix`.
        load: Python source that defines `load(path: str)`. It returns a function of images
            (N, H, W, C) uint8 that gives probabilities (N, classes).
    """

    name: str
    title: str
    purpose: str
    suffix: str
    runtime: str
    runtime_packages: tuple[str, ...]
    limits: Limits
    write: Callable[[KerasModel, Path, About], None]
    load: str

    @property
    def file(self) -> str:
        """Name of the model file in a download."""
        return f"model{self.suffix}"

    @property
    def pip_line(self) -> str | None:
        """The command that installs what is missing here to make it; None if all is there."""
        missing = missing_packages(self.name)
        return pip_line(missing) if missing else None

    def require_packages(self) -> None:
        """See that it can be made here.

        Raises:
            ExportError: packages are missing; the message has the line that installs them.
        """
        line = self.pip_line
        if line:
            raise ExportError(
                f"{self.title} needs packages that aren't installed: run `{line}`, then try again."
            )

    def save(self, model: KerasModel, path: Path, about: About) -> None:
        """Write a model to a file that appears whole or not at all.

        Args:
            model: in float32 and without optimizer.
            path: ends in the format's suffix; an older file there is replaced.
            about: goes into the file as well.

        Raises:
            ExportError: packages are missing, or the format can't hold this model.
            StorageError: the disk is full.
        """
        self.require_packages()
        beside = path.with_name(f".{path.stem}-{os.getpid()}{self.suffix}")
        with disk_errors(path):
            try:
                self._write(model, beside, about)
                put_in_place(beside, path)
            finally:
                beside.unlink(missing_ok=True)

    def _write(self, model: KerasModel, path: Path, about: About) -> None:
        try:
            self.write(model, path, about)
        except (OSError, MemoryError):
            raise
        except Exception as error:  # converters raise almost anything on what they don't know
            if shutil.disk_usage(path.parent).free < _FULL_DISK_BYTES:  # of a full disk as well
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
            raise ExportError(
                f"This model can't be written as {self.title}, so it isn't offered: "
                f"{type(error).__name__}: {error!s:.200}"
            ) from error

    def verify(self, path: Path, images: np.ndarray, expected: np.ndarray) -> ExportCheck:
        """Load a file in a fresh process, in its own runtime, and compare what it predicts.

        Args:
            path: of the file.
            images: (N, H, W, C) uint8, real validation images.
            expected: (N, classes) float32, probabilities of the model in float32.

        Raises:
            ExportError: it can't be loaded or computes something else.
        """
        predicted, seconds = predict_alone(self.load, path, images, runtime=self.runtime)
        same = np.argmax(predicted, axis=1) == np.argmax(expected, axis=1)
        check = ExportCheck(
            max_abs_difference=float(np.max(np.abs(predicted - expected))),
            top1_agreement=float(np.mean(same)),
            milliseconds_per_image=1000 * float(np.median(seconds)),
            bytes=path.stat().st_size,
        )
        self._require_agreement(check)
        return check

    def _require_agreement(self, check: ExportCheck) -> None:
        difference, agreement = check["max_abs_difference"], check["top1_agreement"]
        limits = self.limits
        # Asked in this way, a difference that is no number is refused as well.
        is_near = difference <= limits.max_abs_difference
        if not (is_near and agreement >= limits.top1_agreement):
            raise ExportError(
                f"The model computes something else as {self.title}, so it isn't offered: the "
                f"largest difference of a probability is {difference:.2g} (at most "
                f"{limits.max_abs_difference:g}), the same class in {percent(agreement)} of the "
                f"images (at least {exact_percent(limits.top1_agreement)})."
            )

    def snippet(self, about: About) -> str:
        """A Python script that classifies one image with the file beside it."""
        return usage_snippet(
            file=self.file,
            load=self.load,
            packages=self.runtime_packages,
            about=about,
        )


def package_texts(export_format: Format, about: About) -> dict[str, str]:
    """The texts that lie beside the model file in a download, by their names."""
    names = json.dumps(list(about.class_names), ensure_ascii=False, indent=1)
    return {"classes.json": names, "predict.py": export_format.snippet(about)}


def spread(count: int) -> np.ndarray:
    """At most `VERIFIED_IMAGES` positions, int, spread over so many images."""
    return np.unique(np.linspace(0, count - 1, VERIFIED_IMAGES).round().astype(int))
