"""Texts and numbers of a bundle, read as something that anybody may have written."""

import json
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cnnlab.domain.errors import UploadError

_MOST_JSON_BYTES = 64 * 2**20
_MOST_DEPTH = 40
_MOST_INTEGER = 2**63
"""Whole numbers beyond are no floats, and no fields of a database."""

_YEARS = range(2000, 2200)


def read_strict(path: Path) -> Any:  # noqa: ANN401 - any JSON value
    """JSON that somebody else wrote: of a size, a depth, and with finite numbers alone.

    Raises:
        UploadError: it isn't.
    """
    if not path.exists():
        raise refused(f"{shown(path)} is missing")
    if path.stat().st_size > _MOST_JSON_BYTES:
        raise refused(f"{shown(path)} is too large")
    return loads(path.read_bytes(), path)


def loads(content: bytes, path: Path) -> Any:  # noqa: ANN401 - any JSON value
    """The same of a text that is at hand; its file is named in the message.

    Raises:
        UploadError: it is no such JSON.
    """
    try:
        value = json.loads(content, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise refused(f"{shown(path)} is no JSON ({error!s:.100})") from error
    for depth, one in _values(value):
        is_far = isinstance(one, float) and not math.isfinite(one)
        if depth > _MOST_DEPTH or is_far or (isinstance(one, int) and abs(one) > _MOST_INTEGER):
            raise refused(f"{shown(path)} is too deep, or has a number that isn't finite")
    return value


def _values(value: object) -> Iterator[tuple[int, object]]:
    waiting = [(0, value)]
    while waiting:
        depth, one = waiting.pop()
        yield depth, one
        held = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        waiting += [(depth + 1, each) for each in held if depth <= _MOST_DEPTH]


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def shown(path: Path) -> str:
    """What is said of a file of the bundle, from its folder of runs on."""
    parts = path.parts
    return "/".join(parts[parts.index("runs") :] if "runs" in parts else parts[-1:])


def refused(reason: str) -> UploadError:
    """The error that a bundle can't be imported, with the reason as a clause."""
    return UploadError(f"This bundle is refused, and nothing was imported: {reason.rstrip('.')}.")


def check_moment(value: object, what: str) -> None:
    """See that something is a moment as cnnlab writes them: ISO 8601 with its offset from UTC.

    Args:
        value: of JSON.
        what: it is, as the subject of a sentence.

    Raises:
        UploadError: it isn't.
    """
    try:
        moment = datetime.fromisoformat(str(value)) if isinstance(value, str) else None
        if moment is not None and moment.tzinfo and moment.astimezone(UTC).year in _YEARS:
            return
    except (ValueError, OverflowError):
        pass
    raise refused(f"{what} is {value!r:.60}, which is no date with a time and an offset from UTC")
