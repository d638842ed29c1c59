"""An HDF5 file that anybody may have made: what lies in it, and that it leads to no other one."""

import importlib
from collections import deque
from collections.abc import Iterator
from typing import Any

from cnnlab.domain.errors import WeightsError

MAGIC = b"\x89HDF\r\n\x1a\n"
"""The first bytes of every HDF5 file."""

_MOST_PARTS = 200_000
_LONGEST_PATH = 1000
"""In characters; that of a layer within layers has some 100."""


def h5py() -> Any:  # noqa: ANN401 - no types
    """The package, loaded only where such a file is read: it takes its time and memory."""
    return importlib.import_module("h5py")


def datasets_in(root: Any, most_bytes: int) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - h5py's
    """Every dataset of a file with its path from the root, groups in their order.

    Args:
        root: the open file, or a group of it.
        most_bytes: size of the file, which all of them together can't exceed.

    Raises:
        WeightsError: a part lies in another file or elsewhere, or is only said to be there.
    """
    size = 0
    for path, part in _parts(root):
        if part.external or part.is_virtual or part.dtype.hasobject:
            raise WeightsError("its weights lie in another file")
        size += int(part.nbytes)
        if size > most_bytes:
            raise WeightsError(
                f"its weights are said to take {size:,} bytes of a file of {most_bytes:,}"
            )
        yield path, part


def _parts(root: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - h5py's
    """The datasets below a group.

    A link to anywhere else than the file itself is refused, and one to what was met before: through
    a group that holds itself the paths would never end.
    """
    package, waiting, met = h5py(), deque([("", root)]), {_address(root)}
    while waiting:
        for path, part in _held(*waiting.popleft()):
            if (address := _address(part)) in met:
                raise WeightsError("its weights have a part in two places")
            met.add(address)
            if len(met) > _MOST_PARTS:
                raise WeightsError("its weights have too many parts")
            if isinstance(part, package.Group):
                waiting.append((path, part))
            elif isinstance(part, package.Dataset):
                yield path, part
            else:
                raise WeightsError("its weights have a part that is none")


def _held(path: str, group: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - h5py's
    """What a group holds, each with its path."""
    for name in group:
        if not isinstance(group.get(name, getlink=True), h5py().HardLink):
            raise WeightsError("its weights lead to another place")
        if len(f"{path}/{name}") > _LONGEST_PATH:
            raise WeightsError("a part of its weights has too long a path")
        yield f"{path}/{name}".lstrip("/"), group[name]


def _address(part: Any) -> int:  # noqa: ANN401 - h5py's
    """Where an object lies in its file, by whichever path it was reached."""
    return int(h5py().h5o.get_info(part.id).addr)
