"""What a start may say: where the server listens, who may ask, and how much at once."""

import argparse
import contextlib
import ipaddress
import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

PORT = 8000
TOKEN_VARIABLE = "SERVE_TOKEN"
_LEAST_TOKEN = 16
_MOST_THREADS = 8


class BadOptionError(ValueError):
    """An option can't be used; the message is one sentence."""


@dataclass(frozen=True)
class Options:
    """How a model is served.

    Attributes:
        host: a name or number of this machine that is listened on.
        port: of TCP; 0 takes a free one.
        names: further names by which the server may be called; `*` means any.
        token: what whoever asks has to bring; None asks nobody for it.
        token_is_new: whether it was made for this start, so that nobody knows it yet.
        threads: that prepare pictures and compute.
        most_image_bytes: of one picture's file.
        most_pixels: of one picture.
        most_images: in one request.
        most_waiting: pictures that wait or are computed at once, of all requests.
        timeout_seconds: for a request to come in, and for it to be answered.
        log: whether each request is told, a line.
        json: whether the start is told as one JSON object.
    """

    host: str = "127.0.0.1"
    port: int = PORT
    names: tuple[str, ...] = ()
    token: str | None = None
    token_is_new: bool = False
    threads: int = 1
    most_image_bytes: int = 20 * 2**20
    most_pixels: int = 40_000_000
    most_images: int = 32
    most_waiting: int = 256
    timeout_seconds: float = 30.0
    log: bool = False
    json: bool = False

    @property
    def most_body_bytes(self) -> int:
        """Of a request: a few large pictures, or many usual ones."""
        return max(2 * self.most_image_bytes, self.most_images * 2**20)

    @property
    def most_held_bytes(self) -> int:
        """Of the requests that are read or wait at once."""
        return 2 * self.most_body_bytes


def usable_threads() -> int:
    """As many as this process may use CPUs, 8 at most: each has a model of its own in LiteRT."""
    if hasattr(os, "sched_getaffinity"):
        return min(_MOST_THREADS, len(os.sched_getaffinity(0)))
    return min(_MOST_THREADS, os.cpu_count() or 1)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add to a parser what `options_of` reads."""
    _add_place(parser)
    _add_limits(parser)


def _add_place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port",
        type=_number(0, 65535),
        default=PORT,
        help=f"of TCP, {PORT} by default; 0 takes a free one",
    )
    parser.add_argument(
        "--host",
        default=Options.host,
        help="a name or number of this machine to listen on: 127.0.0.1 by default, 0.0.0.0 for all",
    )
    parser.add_argument(
        "--called",
        action="append",
        default=[],
        metavar="NAME",
        help="a further name by which the server may be called, such as a proxy's, with or "
        "without a port; '*' for any",
    )
    parser.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help=f"holds the token; else {TOKEN_VARIABLE} in the environment, else a new one is made",
    )
    parser.add_argument(
        "--no-token", action="store_true", help="ask nobody for a token, on 127.0.0.1"
    )
    parser.add_argument(
        "--anyone",
        action="store_true",
        help="with --no-token: also where other machines reach the server",
    )
    parser.add_argument(
        "--log", action="store_true", help="tell each request in a line on standard error"
    )


def _add_limits(parser: argparse.ArgumentParser) -> None:
    numbers = {
        "--threads": (64, usable_threads(), "that prepare and compute; by default one a CPU, to 8"),
        "--max-image-mb": (200, Options.most_image_bytes >> 20, "MiB of one picture's file"),
        "--max-megapixels": (200, Options.most_pixels // 1_000_000, "of one picture"),
        "--max-images": (1000, Options.most_images, "pictures in one request"),
        "--queue": (
            100_000,
            Options.most_waiting,
            "pictures that may wait, of all requests; more are told to come again",
        ),
        "--timeout": (
            600,
            int(Options.timeout_seconds),
            "seconds for a request to come in, and for it to be answered",
        ),
    }
    for name, (most, usual, words) in numbers.items():
        parser.add_argument(
            name,
            type=_number(1, most),
            default=usual,
            metavar="N",
            help=f"{words}: 1 to {most}, {usual} by default",
        )


def options_of(arguments: argparse.Namespace) -> Options:
    """What was said, checked.

    Raises:
        BadOptionError: it can't be used.
    """
    if arguments.no_token and not (arguments.anyone or is_loopback(arguments.host)):
        raise BadOptionError(
            f"Everybody who reaches {arguments.host or 'this machine'} could use the model: leave "
            "--no-token away, listen on 127.0.0.1, or add --anyone if that is meant."
        )
    given = None if arguments.no_token else _given_token(arguments.token_file)
    is_new = given is None and not arguments.no_token
    return Options(
        host=arguments.host,
        port=arguments.port,
        names=tuple(map(_name, arguments.called)),
        token=secrets.token_urlsafe(32) if is_new else given,
        token_is_new=is_new,
        threads=arguments.threads,
        most_image_bytes=arguments.max_image_mb << 20,
        most_pixels=arguments.max_megapixels * 1_000_000,
        most_images=arguments.max_images,
        most_waiting=max(arguments.queue, arguments.max_images),
        timeout_seconds=arguments.timeout,
        log=arguments.log,
        json=arguments.json,
    )


def is_loopback(host: str) -> bool:
    """Whether what listens there is reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        pass
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)} if host else set()
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(ipaddress.ip_address(one).is_loopback for one in found)


def _name(given: str) -> str:
    """A name that the server is called by, as the door compares it: without a port."""
    said = given.strip().lower()
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(said))
    try:
        parsed = urlsplit(f"//{said}")
        _ = parsed.port  # which must be a number
        name = (parsed.hostname or "").rstrip(".")
    except ValueError:
        name = ""
    if not name or parsed.netloc != said or "@" in said:
        raise BadOptionError(
            "--called must be a name such as example.org, without https:// and without a path. "
            f"Received: {given!r:.100}"
        )
    return name


def _given_token(file: Path | None) -> str | None:
    given = os.environ.get(TOKEN_VARIABLE, "")
    where = TOKEN_VARIABLE
    if file is not None:
        where = str(file)
        try:
            given = file.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise BadOptionError(f"The token can't be read from {file}: {error}.") from error
    elif not given:
        return None
    if len(given) < _LEAST_TOKEN or not given.isascii() or not given.isprintable() or " " in given:
        raise BadOptionError(
            f"The token in {where} must be {_LEAST_TOKEN} or more ASCII characters without spaces."
        )
    return given


class _number:
    """Reads a whole number in a range."""

    def __init__(self, least: int, most: int) -> None:
        self._least, self._most = least, most

    def __call__(self, text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = self._least - 1
        if not self._least <= number <= self._most:
            raise argparse.ArgumentTypeError(
                f"must be a whole number from {self._least} to {self._most}. Received: {text}"
            )
        return number
