"""Looks at test images that a bundle brings, read as something that anybody may have written."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NotRequired, TypedDict

from cnnlab.domain.config.run_config import SplitFractions
from cnnlab.domain.data.vault import SETTINGS, VaultLook
from cnnlab.storage.bundles.images import ListedImage
from cnnlab.storage.bundles.strict import check_moment, read_strict, refused, shown
from cnnlab.storage.bundles.typed import misfit

_LOOK_ID = re.compile(r"[0-9a-f]{32}")
_MOST_LOOKS = 10_000


class _LookRecord(TypedDict):
    id: str
    at: str
    run: str
    run_name: str
    dataset: str
    numbers: dict[str, float]
    images: int
    split: NotRequired[dict[str, float] | None]


class _SetRecord(TypedDict):
    rows: list[int]
    looks: list[_LookRecord]


class BundledLooks(TypedDict):
    """Looks at a set of images: their `hashes` and the `looks`."""

    hashes: list[str]
    looks: list[VaultLook]


def read_looks(path: Path, images: Sequence[ListedImage]) -> list[BundledLooks]:
    """The looks that a bundle brings, each at images that it lists.

    Args:
        path: `data/looks.json`.
        images: that the bundle lists.

    Raises:
        UploadError: a look can't be.
    """
    sets: list[_SetRecord] = read_strict(path)
    if wrong := misfit(sets, list[_SetRecord], "it"):
        raise refused(f"{shown(path)} {wrong}")
    if sum(len(each["looks"]) for each in sets) > _MOST_LOOKS:
        raise refused(f"{shown(path)} has more than {_MOST_LOOKS:,} looks")
    return [
        {
            "hashes": [images[row].sha256 for row in _checked_rows(each["rows"], images, path)],
            "looks": [_look(look, path) for look in each["looks"]],
        }
        for each in sets
    ]


def _checked_rows(rows: list[int], images: Sequence[ListedImage], path: Path) -> list[int]:
    if not rows or min(rows) < 0 or max(rows) >= len(images):
        raise refused(f"{shown(path)} is of images that aren't listed")
    return rows


def _look(values: _LookRecord, path: Path) -> VaultLook:
    check_moment(values["at"], "the date of a look at test images")
    split = values.get("split")
    if not _LOOK_ID.fullmatch(values["id"]) or values["images"] < 1:
        raise refused(f"{shown(path)} has a look that can't be")
    if split is not None:
        if sorted(split) != sorted(SETTINGS):
            raise refused(f"{shown(path)} has a look at parts that aren't known")
        SplitFractions.model_validate(split)
    return VaultLook.from_json(values)
