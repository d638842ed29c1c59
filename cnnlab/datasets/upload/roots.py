"""Which folders of the server's own disk may be imported from by somebody who isn't on it."""

import os
from collections.abc import Sequence
from pathlib import Path

from cnnlab.datasets.upload.paths import printable
from cnnlab.domain.errors import ConfigError, UploadError

VARIABLE = "CNNLAB_IMPORT_ROOTS"
"""Names the folders that the operator allows, separated by colons; none by default."""


def import_roots() -> tuple[Path, ...]:
    """The folders that the operator allows.

    Raises:
        ConfigError: one isn't an absolute path.
    """
    roots = tuple(Path(text) for text in os.environ.get(VARIABLE, "").split(":") if text.strip())
    for root in roots:
        if not root.is_absolute():
            raise ConfigError(
                f"{VARIABLE} must hold absolute folders with colons between them; correct or "
                f"remove it. Received: {str(root)!r}"
            )
    return roots


def check_root(path: str, roots: Sequence[Path]) -> Path:
    """The real path of what lies in an allowed folder, every link on the way followed.

    The answer says nothing of what there is outside of the allowed folders.

    Args:
        path: absolute, as somebody typed it.
        roots: the allowed folders.

    Raises:
        UploadError: it doesn't lie in one of them, or isn't there.
    """
    if not roots:
        raise UploadError(
            "This server allows no import from its own disk; upload the images, or ask the "
            f"operator to set {VARIABLE}"
        )
    shown = printable(Path(path))
    real = Path(os.path.realpath(path.replace("\0", "\ufffd")))
    allowed = [Path(os.path.realpath(root)) for root in roots]
    if not Path(path).is_absolute() or not any(real.is_relative_to(root) for root in allowed):
        listed = ", ".join(printable(root) for root in roots)
        raise UploadError(
            f"{shown} is not in a folder that may be imported from; choose a path in {listed}, or "
            f"ask the operator to add its folder to {VARIABLE}"
        )
    if not real.exists():
        raise UploadError(f"{shown} does not exist; give the path of a zip, a tar or a folder")
    return real
