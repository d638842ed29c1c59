"""What a version of a dataset keeps of those before it: what its images' parts were drawn from."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from cnnlab.domain.data.lineage import IMAGES_COUNTED, NOT_GIVEN, Generation, may_refill
from cnnlab.domain.errors import StorageError
from cnnlab.files import write_atomically

_FILE = "lineage.npz"
_ARRAYS = {"labels": "<i4", "given": "|i1", "copies": "<i4", "origin": "<i8"}
_RULE = "rule"


def descend(
    generations: Sequence[Generation], version: Generation, *, drops_given: bool = False
) -> list[Generation]:
    """The generations of a version made of another one.

    Of the earlier ones those stay in which images were new, or in which others may have taken the
    place of all that had validated: whoever did goes on doing so. A version that is like the
    generation before it is that generation. So the same state has the same lineage, whatever led
    to it, as long as some validation images stayed all the way.

    Args:
        generations: of the version before; its own images are the last.
        version: its own images, `origin` are their rows in the version before.
        drops_given: whether what was given counts no more: all is drawn, by the same seeds.
    """
    *earlier, parent = generations
    if parent.has_new or may_refill(generations):
        earlier.append(parent)
    else:
        origin = np.where(version.origin < 0, -1, parent.origin[version.origin])
        version = replace(version, origin=origin)
    if drops_given:
        earlier = [replace(one, given=np.full_like(one.given, NOT_GIVEN)) for one in earlier]
    return earlier if _is_like(earlier[-1], version) else [*earlier, version]


def _is_like(one: Generation, version: Generation) -> bool:
    return (
        np.array_equal(version.origin, np.arange(len(one)))
        and np.array_equal(version.labels, one.labels)
        and np.array_equal(version.given, one.given)
        and np.array_equal(version.copies, one.copies)
    )


def write_lineage(folder: Path, generations: Sequence[Generation]) -> None:
    """Write the generations of a version.

    Raises:
        StorageError: they can't be written.
    """
    arrays = {
        f"{name}{number}": np.asarray(getattr(one, name), kind)
        for number, one in enumerate(generations)
        for name, kind in _ARRAYS.items()
    }
    arrays[_RULE] = np.array(generations[0].rule)
    path = folder / _FILE
    write_atomically(path, lambda file: np.savez_compressed(file, allow_pickle=False, **arrays))


def read_lineage(folder: Path) -> tuple[Generation, ...]:
    """Read what `write_lineage` wrote.

    Raises:
        StorageError: it is missing or damaged.
    """
    path = folder / _FILE
    try:
        with path.open("rb") as file, np.load(file) as stored:
            count = len(stored.files) // len(_ARRAYS)
            arrays = [[stored[f"{name}{number}"] for name in _ARRAYS] for number in range(count)]
            rule = int(stored[_RULE])
    except (OSError, EOFError, KeyError, ValueError, BadZipFile) as error:
        raise StorageError(
            f"{path} is missing or damaged; which images train is unknown without it: make the "
            "version again from the one before, or delete the dataset and import it again"
        ) from error
    first, *later = (Generation(*one) for one in arrays)
    return replace(first, rule=rule), *later


def lineage_hash(generations: Sequence[Generation]) -> bytes:
    """Hash of what the parts rest on besides the images.

    Of an import it is the rule by which they are drawn, as far as it makes a difference: where
    there are copies. It is empty without any, and by the rule of earlier releases.
    """
    first, *later = generations
    if not later:
        is_told = first.rule == IMAGES_COUNTED and bool(np.any(first.copies >= 0))
        return f"rule {first.rule}".encode() if is_told else b""
    digest = hashlib.sha256(f"{first.rule}".encode())
    for one in generations:
        for name, kind in _ARRAYS.items():
            digest.update(np.ascontiguousarray(getattr(one, name), kind).tobytes())
    return digest.digest()
