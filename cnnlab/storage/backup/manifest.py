"""The list of what a backup holds, its last member: by it a restore knows that all is whole."""

import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from typing import Any

from cnnlab import __version__
from cnnlab.domain.errors import UploadError
from cnnlab.storage.backup.contents import PARTS

MANIFEST = "manifest.json"
FORMAT = 3
"""Of the file; a later one is refused. The first one had no looks at test images, the second no
searches."""

MOST_MANIFEST_BYTES = 64 * 2**20
_PART_OF_A_NAME = re.compile(r"[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]{0,254}")
_DEEPEST = 12
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Kept:
    """One file of a backup.

    Attributes:
        bytes: its size.
        sha256: of its content.
        changed_at: when it was last changed, nanoseconds since the epoch.
    """

    bytes: int
    sha256: str
    changed_at: int


@dataclass(frozen=True)
class Manifest:
    """What a backup holds.

    Attributes:
        files: by name below the home.
        made_at: ISO 8601, UTC.
        program: the version of cnnlab that made it.
    """

    files: dict[str, Kept] = field(default_factory=dict)
    made_at: str = ""
    program: str = __version__

    @property
    def bytes(self) -> int:
        """Of all files together."""
        return sum(kept.bytes for kept in self.files.values())

    @property
    def things(self) -> list[str]:
        """The datasets, runs and so on that were kept: `runs/<id>`, sorted."""
        return sorted({"/".join(name.split("/")[:2]) for name in self.files})

    def to_json(self) -> str:
        """As the member of the backup says it."""
        values = {"format": FORMAT, **asdict(self)}
        return json.dumps({"cnnlab_backup": values}, indent=1)


def read_manifest(text: bytes) -> Manifest:
    """Read a manifest that anybody may have written.

    Raises:
        UploadError: it is none, of a later format, or names a file that may not lie in a home.
    """
    try:
        values = json.loads(text)["cnnlab_backup"]
        number = values["format"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UploadError("This isn't a backup of cnnlab: it has no list of its files.") from error
    if number not in range(1, FORMAT + 1):
        raise UploadError(
            f"This backup is of format {number!r:.40}, made by cnnlab {values.get('program')!r:.40}"
            f"; this is cnnlab {__version__}, which reads formats up to {FORMAT}: update cnnlab."
        )
    try:
        files = {_checked(name): _kept(kept) for name, kept in values["files"].items()}
        return Manifest(files, str(values["made_at"]), str(values["program"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UploadError(
            f"The list of this backup's files is damaged ({error!s:.200})."
        ) from error


def _kept(values: Any) -> Kept:  # noqa: ANN401 - any JSON value
    kept = Kept(**values)
    numbers = (kept.bytes, kept.changed_at)
    if not all(type(number) is int and 0 <= number < 2**63 for number in numbers):
        raise ValueError("a size or date is no number")
    if not _SHA256.fullmatch(kept.sha256):
        raise ValueError("a checksum is none")
    return kept


def _checked(name: str) -> str:
    """A name that stays below the home and hides nothing."""
    parts = name.split("/")
    is_sound = (
        3 <= len(parts) <= _DEEPEST
        and parts[0] in PARTS
        and all(_PART_OF_A_NAME.fullmatch(part) for part in parts)
        and str(PurePosixPath(name)) == name
    )
    if not is_sound:
        raise ValueError(f"{name!r:.100} isn't a file of a dataset, a run, a study or a look")
    return name
