"""Packs: files that hold the encoded images of a dataset back to back, one for each process."""

from pathlib import Path

from cnnlab.domain.errors import StorageError


def pack_name(shard: int | str) -> str:
    """Name of the pack of one shard; of `*` a pattern for all."""
    return f"images-{shard}.pack"


def free_shard(folder: Path) -> int:
    """A shard behind all those that a folder has packs of, whether an image of theirs is left."""
    shards = (path.stem.partition("-")[2] for path in folder.glob(pack_name("*")))
    return 1 + max(map(int, shards), default=-1)


def read_packed(folder: Path, shard: int, offset: int, length: int) -> bytes:
    """Read `length` bytes from `offset` of a pack.

    Raises:
        StorageError: the pack is missing or too short.
    """
    path = folder / pack_name(shard)
    try:
        with path.open("rb") as file:
            file.seek(offset)
            content = file.read(length)
    except OSError as error:
        raise StorageError(f"{path} can't be read: {error.strerror}") from error
    if len(content) != length:
        raise StorageError(f"{path} is damaged; delete the dataset and import it again")
    return content
