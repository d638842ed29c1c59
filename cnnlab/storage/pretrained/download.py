"""The one download there is: ImageNet weights, from where Keras has them, when somebody wants them.

Nothing is sent but the request for the file; only the file with the known checksum is taken.
"""

import hashlib
import http.client
import io
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from cnnlab.domain.errors import WeightsError
from cnnlab.files import write_atomically
from cnnlab.storage.pretrained.imagenet import ImagenetFile

_SECONDS = 30
"""For the connection, and for each further piece."""

_MOST_BYTES = 64 * 2**20
_PIECE_BYTES = 2**16


def download(
    source: ImagenetFile, target: Path, on_piece: Callable[[], object] = lambda: None
) -> None:
    """Download a file of ImageNet weights.

    Args:
        source: one with an address.
        target: where to put it.
        on_piece: called after each piece that has come; what it raises ends the download.

    Raises:
        WeightsError: there is no network, or another file lies there.
        StorageError: the disk is full.
    """
    try:
        with urllib.request.urlopen(source.address + source.file, timeout=_SECONDS) as answer:
            content = _read(answer, on_piece)
    except urllib.error.HTTPError as error:
        with error:  # it holds the connection
            raise WeightsError(f"{_by_hand(source)} ({error!s:.100})") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise WeightsError(f"{_by_hand(source)} ({error!s:.100})") from error
    digest = hashlib.new(source.algorithm, content, usedforsecurity=False).hexdigest()
    if digest != source.checksum:
        raise WeightsError(f"{_by_hand(source)} (what lies there has another checksum)")
    write_atomically(target, lambda file: file.write(content))


def _read(answer: io.BufferedIOBase, on_piece: Callable[[], object]) -> bytes:
    """What a server sends, and at most one byte more than weights need."""
    content = bytearray()
    while room := _MOST_BYTES + 1 - len(content):
        if not (piece := answer.read1(min(room, _PIECE_BYTES))):
            break
        content += piece
        on_piece()
    return bytes(content)


def _by_hand(source: ImagenetFile) -> str:
    return (
        f"the file {source.file} couldn't be downloaded from {source.address}: bring it here from "
        f"a machine with a network and run `python -m cnnlab pretrained add {source.file}`, which "
        f"takes it by its {source.algorithm} {source.checksum}"
    )
