"""The list of what an evidence bundle holds: every file with its size and sha256."""

import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from typing import Any

from cnnlab import __version__
from cnnlab.domain.errors import UploadError

MANIFEST = "manifest.json"
FORMAT = 1
"""Of the file; a later one is refused."""

MOST_MANIFEST_BYTES = 64 * 2**20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.()-]{0,99}")
"""What a file or folder may be called: names of users stand inside of files only."""

_DEEPEST = 6


@dataclass(frozen=True)
class Bundled:
    """One file of a bundle.

    Attributes:
        bytes: its size.
        sha256: of its content.
    """

    bytes: int
    sha256: str


@dataclass(frozen=True)
class BundleManifest:
    """What a bundle holds.

    Attributes:
        files: by name; the manifest itself isn't among them.
        made_at: ISO 8601, UTC.
        program: the version of cnnlab that made it.
    """

    files: dict[str, Bundled] = field(default_factory=dict)
    made_at: str = ""
    program: str = __version__

    def to_json(self) -> str:
        """As the member of the bundle says it."""
        return json.dumps({"cnnlab_bundle": {"format": FORMAT, **asdict(self)}}, indent=1)


def read_bundle_manifest(text: bytes) -> BundleManifest:
    """Read a manifest that anybody may have written.

    Raises:
        UploadError: it is none, of a later format, or names a file that no bundle has.
    """
    try:
        values = json.loads(text)["cnnlab_bundle"]
        number = values["format"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UploadError(
            "This isn't an evidence bundle: its manifest.json lists nothing."
        ) from error
    if number != FORMAT:
        raise UploadError(
            f"This bundle is of format {number!r:.40}, made by cnnlab "
            f"{values.get('program')!r:.40}; this is cnnlab {__version__}, which reads format "
            f"{FORMAT}: update cnnlab."
        )
    try:
        files = {_checked(name): _bundled(kept) for name, kept in values["files"].items()}
        return BundleManifest(files, str(values["made_at"])[:40], str(values["program"])[:40])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UploadError(f"The manifest of this bundle is damaged ({error!s:.200}).") from error


def _bundled(values: Any) -> Bundled:  # noqa: ANN401 - any JSON value
    kept = Bundled(**values)
    if type(kept.bytes) is not int or not 0 <= kept.bytes < 2**50:
        raise ValueError("a size is no number")
    if not _SHA256.fullmatch(kept.sha256):
        raise ValueError("a checksum is none")
    return kept


def _checked(name: str) -> str:
    parts = name.split("/")
    is_sound = len(parts) <= _DEEPEST and all(_PART.fullmatch(part) for part in parts)
    if not is_sound or ".." in name or str(PurePosixPath(name)) != name or name == MANIFEST:
        raise ValueError(f"{name!r:.100} is no file of a bundle")
    return name
