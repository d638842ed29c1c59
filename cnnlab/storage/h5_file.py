"""An HDF5 file that anybody may have made: what lies in it, and that it leads to no other one."""

import importlib
from collections.abc import Iterator
from typing import Any

from cnnlab.domain.errors import WeightsError

MAGIC = b"\x89HDF\r\n\x1a\n"
"""The first bytes of every HDF5 file."""

_MOST_PARTS = 200_000


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
    """The datasets below a group; a link to anywhere else than the file itself is refused."""
    package, waiting, seen = h5py(), [("", root)], 0
    while waiting:
        path, group = waiting.pop(0)
        for name in group:
            seen += 1
            if seen > _MOST_PARTS:
                raise WeightsError("its weights have too many parts")
            if not isinstance(group.get(name, getlink=True), package.HardLink):
                raise WeightsError("its weights lead to another place")
            place, one = f"{path}/{name}".lstrip("/"), group[name]
            if isinstance(one, package.Group):
                waiting.append((place, one))
            elif isinstance(one, package.Dataset):
                yield place, one
            else:
                raise WeightsError("its weights have a part that is none")
