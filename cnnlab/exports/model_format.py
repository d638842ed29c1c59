"""A format that holds a model: how it is written, and how it is loaded by who takes it along."""

import contextlib
import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from cnnlab.domain.errors import ExportError
from cnnlab.exports.about import About
from cnnlab.exports.agreement import Limits
from cnnlab.exports.alone import Run, begun_alone
from cnnlab.exports.format import Format
from cnnlab.exports.snippet import usage_snippet
from cnnlab.files import disk_errors, put_folder_in_place, put_in_place

_FULL_DISK_BYTES = 2**20
"""What failed with less free space than this failed for lack of it."""

_LINE = "\n"


class KerasModel(Protocol):
    """What formats use of a `keras.Model`, which isn't loaded where they are listed."""

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """Of a batch: None, height, width, channels."""

    @property
    def layers(self) -> list[Any]:
        """From the input to the probabilities."""

    @property
    def weights(self) -> list[Any]:
        """All of them as variables, in Keras' order."""

    def to_json(self) -> str:
        """Its architecture."""

    def get_weights(self) -> list[np.ndarray]:
        """All of them, in Keras' order."""

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Take over such ones."""

    def save(self, filepath: Path) -> None:
        """Write it as Keras does."""

    def export(self, filepath: str, format: str, **options: Any) -> None:  # noqa: ANN401
        """Write it for another runtime."""


@dataclass(frozen=True)
class Source:
    """What a file is made of.

    Attributes:
        model: in float32, without optimizer, with the temperature in it where it is to have one.
        about: goes into the file, where the format has a place for it.
        training_images: gives some of them, (N, H, W, C) uint8, for formats that round by what a
            model usually sees.
    """

    model: KerasModel
    about: About
    training_images: Callable[[], np.ndarray]


@dataclass(frozen=True, kw_only=True)
class ModelFormat(Format):
    """A format that holds a model.

    Attributes:
        runtime_packages: names for pip of what a user needs to run it in Python.
        limits: a file beyond them isn't offered.
        write: writes a file, or a folder, to a path that ends in `suffix`.
        load: Python source that defines `load(path: str)`. It returns a function of images
            (N, H, W, C) uint8 that gives probabilities (N, classes). None where nothing here
            computes with such a file: it is then given away unverified, and says so.
        not_verified: why, one sentence; with `load=None` only.
        is_rounded: whether its numbers have fewer digits than the model's in float32.
        runs_without: modules that pip brings along and the file doesn't need: hidden where it is
            verified, as they are where it is served.
        more_texts: of further files in a download, by their names, such as how it is used from
            another language.
    """

    runtime_packages: tuple[str, ...]
    limits: Limits
    write: Callable[[Source, Path], None]
    load: str | None
    not_verified: str = ""
    is_rounded: bool = False
    runs_without: tuple[str, ...] = ()
    more_texts: Callable[[About], dict[str, str]] = field(default=lambda about: {})

    def save(self, source: Source, path: Path) -> None:
        """Write a model to a file or folder that appears whole or not at all.

        Args:
            source: the model with what is known of it.
            path: ends in the format's suffix; what is there is replaced.

        Raises:
            ExportError: packages are missing, or the format can't hold this model.
            StorageError: the disk is full.
        """
        self.require_packages()
        beside = path.with_name(f".{path.stem}-{os.getpid()}{self.suffix}")
        with disk_errors(path):
            try:
                with self._refusals(path):
                    self.write(source, beside)
                _put_in_place(beside, path)
            finally:
                _remove(beside)

    @contextlib.contextmanager
    def _refusals(self, path: Path) -> Iterator[None]:
        try:
            yield
        except (MemoryError, ExportError):
            raise
        except Exception as error:  # converters raise almost anything on what they don't know
            if isinstance(error, OSError) and error.errno is not None:
                raise  # it says itself what failed; that of a copied folder has a list instead
            if shutil.disk_usage(path.parent).free < _FULL_DISK_BYTES:  # of a full disk as well
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
            raise ExportError(
                f"This model can't be written as {self.title}, so it isn't offered: "
                f"{type(error).__name__}: {str(error).strip().partition(_LINE)[0]:.200}"
            ) from error

    def begun_alone(self) -> contextlib.AbstractContextManager[Run]:
        """A Python of its own that loads the runtime meanwhile, of a format that has one here."""
        assert self.load is not None, f"nothing here computes with {self.title}"
        return begun_alone(self.load, runtime=self.runtime, without=self.runs_without)

    def texts(self, about: About) -> dict[str, str]:
        """The texts that lie beside the file in a download, by their names."""
        texts = {
            "classes.json": _json(list(about.class_names)),
            "model.json": _json({"format": self.name, "file": self.file} | about.to_json()),
        }
        if self.load is not None:
            texts["predict.py"] = usage_snippet(
                file=self.file,
                load=self.load,
                packages=self.runtime_packages,
                about=about,
                is_rounded=self.is_rounded,
            )
        return texts | self.more_texts(about)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _put_in_place(beside: Path, path: Path) -> None:
    if beside.is_dir():
        put_folder_in_place(beside, path)
    else:
        put_in_place(beside, path)


def _remove(beside: Path) -> None:
    if beside.is_dir():
        shutil.rmtree(beside)
    else:
        beside.unlink(missing_ok=True)
