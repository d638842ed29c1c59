"""The objects of a bucket, by their names below our part of it; what fails is told in a sentence.

Arrow's client is loaded with the first call: most processes never need it.
"""

import contextlib
import functools
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnlab.domain.errors import NotFoundError, OutOfReachError, StorageError
from cnnlab.files import disk_errors
from cnnlab.storage.bucket.address import BucketAddress

if TYPE_CHECKING:
    from pyarrow.fs import S3FileSystem

PIECE_BYTES = 8 * 2**20
"""So much of an object is in memory at once, and as much again on its way."""

_CONNECT_SECONDS, _ANSWER_SECONDS = 5, 20
_TRIES = 3
_OWN_REGION = "us-east-1"
"""What servers other than AWS call theirs, unless somebody has said another one."""

_KEYS = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or ~/.aws/credentials,"
_CURL = re.compile(r"curlCode: (\d+), ([^;]*)")
_AWAY = (
    "NETWORK_CONNECTION",
    "REQUEST_TIMEOUT",
    "SLOW_DOWN",
    "SERVICE_UNAVAILABLE",
    "HTTP status 5",
)
_REFUSED = (
    "ACCESS_DENIED", "INVALID_ACCESS_KEY_ID", "SIGNATURE_DOES_NOT_MATCH", "INVALID_CLIENT_TOKEN",
    "EXPIRED_TOKEN", "UNRECOGNIZED_CLIENT", "HTTP status 401", "HTTP status 403",
)  # fmt: skip


class Bucket:
    """Our part of a bucket.

    Args:
        address: where it is.

    Attributes:
        address: likewise.
    """

    def __init__(self, address: BucketAddress) -> None:
        self.address = address

    @functools.cached_property
    def _files(self) -> "S3FileSystem":
        from pyarrow import fs  # noqa: PLC0415 - see above

        at = self.address
        region = at.region or (_OWN_REGION if at.endpoint else self._found_region())
        return fs.S3FileSystem(
            region=region,
            scheme=at.scheme,
            endpoint_override=at.endpoint or None,
            connect_timeout=_CONNECT_SECONDS,
            request_timeout=_ANSWER_SECONDS,
            retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=_TRIES),
        )

    def _found_region(self) -> str:
        from pyarrow import fs  # noqa: PLC0415

        return str(fs.resolve_s3_region(self.address.name))

    def see(self) -> None:
        """See that the bucket is there and answers.

        Raises:
            StorageError: it isn't, or it lets nobody in with these credentials.
        """
        from pyarrow import fs  # noqa: PLC0415

        with self._told("be read"):
            found = self._files.get_file_info(self.address.name)
            if found.type == fs.FileType.NotFound:
                raise StorageError(self._missing())
            self._files.get_file_info(self._selected(""))

    def sizes(self, below: str) -> dict[str, int]:
        """The objects below a name with a slash at its end, in bytes.

        Raises:
            StorageError: the bucket can't be read.
        """
        from pyarrow import fs  # noqa: PLC0415

        with self._told("be read"):
            found = self._files.get_file_info(self._selected(below))
        start = len(self._path(""))
        return {one.path[start:]: one.size for one in found if one.type == fs.FileType.File}

    def read(self, name: str, most_bytes: int) -> bytes:
        """A small object.

        Raises:
            NotFoundError: it isn't there.
            StorageError: it can't be read, or is larger than that.
        """
        with self._opened(name) as stream:
            content: bytes = stream.read(most_bytes + 1)
        if len(content) > most_bytes:
            raise StorageError(f"{self.address.place}/{name} is no file of cnnlab: it's too large.")
        return content

    def pieces(self, name: str) -> Iterator[bytes]:
        """What an object holds, piece by piece.

        Raises:
            NotFoundError: it isn't there.
            StorageError: it can't be read.
        """
        with self._opened(name) as stream:
            while True:
                with self._told("be read"):
                    piece: bytes = stream.read(PIECE_BYTES)
                if not piece:
                    return
                yield piece

    @contextlib.contextmanager
    def _opened(self, name: str) -> Iterator[Any]:
        with self._told("be read"):
            try:
                stream = self._files.open_input_stream(self._path(name))
            except FileNotFoundError:
                raise NotFoundError(f"{self.address.place}/{name} isn't there.") from None
        with contextlib.closing(stream):
            yield stream

    def write(self, name: str, content: bytes) -> None:
        """Write a small object; it appears whole.

        Raises:
            StorageError: the bucket can't be written.
        """
        self._write(name, [content])

    def write_file(self, name: str, path: Path, on_piece: Callable[[bytes], object]) -> None:
        """Write what a file holds.

        Args:
            name: of the object. Where this breaks off it may be there with less in it.
            path: of the file.
            on_piece: is given each piece.

        Raises:
            StorageError: the bucket can't be written, or the file can't be read.
        """
        with disk_errors(path):
            file = path.open("rb")
        with file:
            self._write(name, _told_pieces(file.read, path, on_piece))

    def _write(self, name: str, pieces: Iterable[bytes]) -> None:
        with self._told("be written"):
            stream = self._files.open_output_stream(self._path(name), compression=None)
            try:
                for piece in pieces:
                    stream.write(piece)
            finally:
                stream.close()

    def delete(self, below: str) -> None:
        """Delete all objects below a name with a slash at its end; none is fine too.

        Raises:
            StorageError: the bucket can't be written.
        """
        with self._told("be written"), contextlib.suppress(FileNotFoundError):
            self._files.delete_dir(self._path(below.rstrip("/")))

    def delete_one(self, name: str) -> None:
        """Delete an object; one that isn't there is fine too.

        Raises:
            StorageError: the bucket can't be written.
        """
        with self._told("be written"), contextlib.suppress(FileNotFoundError):
            self._files.delete_file(self._path(name))

    def _path(self, name: str) -> str:
        return f"{self.address.name}/{self.address.prefix}{name}"

    def _selected(self, below: str) -> Any:  # noqa: ANN401 - of Arrow, which has no types
        from pyarrow import fs  # noqa: PLC0415

        path = self._path(below).rstrip("/")
        return fs.FileSelector(path, recursive=bool(below), allow_not_found=True)

    @contextlib.contextmanager
    def _told(self, done: str) -> Iterator[None]:
        """Turn what Arrow says into one sentence.

        Args:
            done: what fails, as the end of `it can't`.
        """
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            raise self._in_words(str(error), done) from error

    def _in_words(self, said: str, done: str) -> StorageError:
        where = self._where
        if "NO_SUCH_BUCKET" in said or re.search("[Bb]ucket '.*' not found", said):
            return StorageError(self._missing())
        if curl := _CURL.search(said):
            return OutOfReachError(
                f"{where} can't be reached ({curl[2].strip()}): see that the network is there and "
                "the endpoint is right."
            )
        if any(word in said for word in _REFUSED):
            return StorageError(f"{self.address.place} at {where} can't {done}: {_lacking()}")
        if any(word in said for word in _AWAY):
            return OutOfReachError(f"{where} doesn't answer as it should: it is tried again later.")
        return StorageError(f"{self.address.place} at {where} can't {done}: {_last_words(said)}")

    def _missing(self) -> str:
        return (
            f"There is no bucket {self.address.name} at {self._where}: make it there, or correct "
            "CNNLAB_STORAGE."
        )

    @property
    def _where(self) -> str:
        return f"{self.address.scheme}://{self.address.endpoint}" if self.address.endpoint else "S3"


def _lacking() -> str:
    """Why a bucket refuses, as far as can be seen from here."""
    if os.environ.get("AWS_ACCESS_KEY_ID"):
        return "the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY don't allow that."
    profile = os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials"
    if Path(profile).expanduser().exists():
        return f"the keys in {profile} don't allow that."
    return f"no keys were found that allow it: set {_KEYS} or give this machine a role."


def _last_words(said: str) -> str:
    line = said.splitlines()[0] if said else "no message"
    return line.partition("AWS Error ")[2][:300] or line[:300]


def _told_pieces(
    read: Callable[[int], bytes], path: Path, on_piece: Callable[[bytes], object]
) -> Iterator[bytes]:
    while True:
        with disk_errors(path):
            piece = read(PIECE_BYTES)
        if not piece:
            return
        on_piece(piece)
        yield piece
