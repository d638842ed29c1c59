"""The start: the port, the model, the words, the loop."""

import argparse
import asyncio
import contextlib
import errno
import json
import logging
import os
import shlex
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from cnnlab.exports.serving.answering import Answering, silence_decoders
from cnnlab.exports.serving.connections import Patient
from cnnlab.exports.serving.described import BadModelError, Described, read_described
from cnnlab.exports.serving.options import (
    BadOptionError,
    Options,
    add_options,
    options_of,
)
from cnnlab.exports.serving.routes import make_app
from cnnlab.exports.serving.runtimes import RuntimeMissingError, load_model

_RUNTIMES = {".tflite": "LiteRT", ".onnx": "ONNX Runtime"}


class _PortError(Exception):
    """A port can't be listened on; the message is one sentence."""


def main(words: Sequence[str] | None = None, folder: Path | None = None) -> int:
    """Serve the model of a folder until somebody ends it.

    Args:
        words: of the command line.
        folder: of the model; where it isn't given, the first word.

    Returns:
        The exit code: 0, 2 for what can't be used, 1 where it can't be done.
    """
    parser = argparse.ArgumentParser(
        prog="serve.py", description="Serve a model over HTTP: says what pictures show."
    )
    if folder is None:
        parser.add_argument("folder", type=Path, help="with the model and model.json")
    parser.add_argument("--json", action="store_true", help="tell the start as one JSON object")
    add_options(parser)
    arguments = parser.parse_args(words)
    return serve(folder or arguments.folder, "", arguments)


def serve(folder: Path, run: str, arguments: argparse.Namespace) -> int:
    """The same of what was parsed already.

    Args:
        folder: with the model and what is known of it.
        run: whose it is, where that isn't said there.
        arguments: what `add_options` adds, and `json`.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        options = options_of(arguments)
        listening = _listen(options)
        described = read_described(folder, run)
        answering = Answering(described, load_model(described.path), options)
        silence_decoders()
        answering.warm_up()
    except (BadOptionError, BadModelError, RuntimeMissingError, _PortError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2 if isinstance(error, BadOptionError) else 1
    except KeyboardInterrupt:
        return 0
    return _run(answering, options, listening)


def _run(answering: Answering, options: Options, listening: socket.socket) -> int:
    Patient.body_seconds = options.timeout_seconds
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)  # what it says is said in answers
    config = uvicorn.Config(
        make_app(answering, options),
        http=Patient,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=int(options.timeout_seconds),
    )
    server = uvicorn.Server(config)
    address = _address(options.host, listening.getsockname()[1])

    async def serve() -> None:
        asyncio.get_running_loop().call_soon(_tell, address, answering.described, options)
        await server.serve(sockets=[listening])

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve())
    return 0


def _listen(options: Options) -> socket.socket:
    """Take the port first: nobody waits for a model to hear that it is in use."""
    try:
        found = socket.getaddrinfo(options.host or None, options.port, type=socket.SOCK_STREAM,
                                   flags=socket.AI_PASSIVE)  # fmt: skip
    except (OSError, UnicodeError) as error:
        raise BadOptionError(
            f"--host must be a name or number of this machine. Received: {options.host}"
        ) from error
    family, kind, protocol, _, address = found[0]
    listening = socket.socket(family, kind, protocol)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
        listening.listen(1024)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise _PortError(
                f"Port {options.port} is in use: take another with --port, 0 for any free one."
            ) from error
        raise _PortError(
            f"{options.host}:{options.port} can't be listened on ({error.strerror}): choose "
            "another --host or --port."
        ) from error
    listening.setblocking(False)
    return listening


def _address(host: str, port: int) -> str:
    shown = "127.0.0.1" if host in ("", "0.0.0.0", "::") else host
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"


def _tell(address: str, described: Described, options: Options) -> None:
    """A token that was made here is told here and nowhere else; one that was given, nowhere."""
    runtime = _RUNTIMES[described.path.suffix]
    if options.json:
        told = {
            "address": address,
            "token": options.token if options.token_is_new else None,
            "run": described.run,
            "format": described.format,
            "runtime": runtime,
            "process": os.getpid(),
        }
        sys.stdout.write(json.dumps(told) + "\n")
    else:
        sys.stdout.write("\n".join(_lines(address, runtime, described, options)) + "\n")
    sys.stdout.flush()


def _lines(address: str, runtime: str, described: Described, options: Options) -> list[str]:
    of_run = f"run {described.run}, " if described.run else ""
    classes = f"{len(described.class_names)} classes"
    shown = options.token if options.token_is_new else "TOKEN"
    link = address + (f"/#token={shown}" if options.token else "/")
    words = ["curl", "-H", "Content-Type: image/jpeg", "--data-binary", "@picture.jpg"]
    if options.token:
        words[1:1] = ["-H", f"Authorization: Bearer {shown}"]
    asks = "Nobody is asked for a token."
    if options.token:
        asks = "Whoever has the token may ask" + (
            "; it is told here only." if options.token_is_new else "."
        )
    return [
        f"Serving {of_run}{classes}, by {runtime}. {asks}",
        "",
        f"In a browser:  {link}",
        f"A program:     {shlex.join([*words, f'{address}/predict'])}",
        f"Addresses:     {address}/docs",
        "",
        "Ctrl-C ends it.",
    ]
