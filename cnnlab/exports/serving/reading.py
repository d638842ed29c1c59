"""From a request to the pictures in it."""

import asyncio
import logging
from collections.abc import Callable
from urllib.parse import unquote

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, FormParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from cnnlab.exports.serving.answering import Picture
from cnnlab.exports.serving.options import Options
from cnnlab.exports.serving.refusals import RefusedError

NAME_HEADER = "x-name"
_MULTIPART = "multipart/form-data"
# What curl sends with --data-binary if nobody says otherwise is taken as what it is: a file.
_RAW = ("application/octet-stream", "application/x-www-form-urlencoded", "")
_MOST_FIELDS = 64
_MOST_NAME = 300

# What it has to say of odd forms goes to nobody: the answer says it.
logging.getLogger("python_multipart").addHandler(logging.NullHandler())
logging.getLogger("python_multipart").propagate = False


async def read_body(request: Request, options: Options, take: Callable[[int], None]) -> bytearray:
    """The body of a request, within the limits.

    Args:
        request: whose.
        options: the limits.
        take: is told of the bytes of each part; may raise.

    Raises:
        RefusedError: it is too large or too slow, or its sender has gone.
    """
    most = options.most_body_bytes
    too_large = RefusedError(
        413, f"A request may have {most >> 20} MiB, its pictures and all: send fewer at once."
    )
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length[:20]) > most:
        raise too_large
    body = bytearray()  # what has come in is kept once, not as parts and whole
    try:
        async with asyncio.timeout(options.timeout_seconds):
            async for part in request.stream():
                if len(body) + len(part) > most:
                    raise too_large
                take(len(part))
                body += part
    except TimeoutError:
        raise RefusedError(
            408, f"The request didn't come in within {options.timeout_seconds:g} s: send it again."
        ) from None
    except ClientDisconnect:
        raise RefusedError(400, "The request ended too early.") from None
    return body


def pictures_in(content_type: str, name: str, body: bytearray, options: Options) -> list[Picture]:
    """The pictures of a body: itself, or the files of a form.

    Args:
        content_type: as the request says.
        name: of a picture that is the whole body.
        body: of the request.
        options: the limits.

    Raises:
        RefusedError: there is none, there are too many, or the form can't be read.
    """
    kind, parameters = parse_options_header(content_type)
    sent_as = kind.decode("latin-1").lower()
    if sent_as == _MULTIPART:
        return _files_of(parameters.get(b"boundary", b""), body, options)
    if sent_as.startswith("image/") or sent_as in _RAW:
        if not body:
            raise RefusedError(400, "The request has no picture: send its bytes as the body.")
        return [Picture(bytes(body), unquote(name)[:_MOST_NAME])]
    raise RefusedError(
        415,
        "A picture is sent as the body, with a type such as image/jpeg, or as a file of a form "
        f"(multipart/form-data). Received: {sent_as:.100}",
    )


def is_form(content_type: str) -> bool:
    """Whether a body has to be taken apart, which may take long."""
    return content_type.strip().lower().startswith(_MULTIPART)


def _files_of(boundary: bytes, body: bytearray, options: Options) -> list[Picture]:
    files: list[Picture] = []
    fields = 0

    def add_file(file: File) -> None:
        if len(files) == options.most_images:
            raise RefusedError(
                413, f"A request may have {options.most_images} pictures: send fewer at once."
            )
        file.file_object.seek(0)
        name = (file.file_name or b"").decode("utf-8", "replace")[:_MOST_NAME]
        content = file.file_object.read()
        file.close()
        if name or content:  # a browser sends an empty one where nothing was chosen
            files.append(Picture(content, name))

    def add_field(_: Field) -> None:
        nonlocal fields
        fields += 1
        if fields > _MOST_FIELDS:
            raise RefusedError(400, f"A form may have {_MOST_FIELDS} fields that are no files.")

    try:
        in_memory = {"MAX_MEMORY_FILE_SIZE": len(body) + 1}
        parser = FormParser(_MULTIPART, add_field, add_file, boundary=boundary, config=in_memory)
        parser.write(body)  # type: ignore[arg-type]  # it searches and slices them as it does bytes
        parser.finalize()
    except (FormParserError, AssertionError, UnicodeError, ValueError) as error:
        raise RefusedError(400, "The form (multipart/form-data) can't be read.") from error
    if not files:
        raise RefusedError(400, "The form has no file: add the picture as one.")
    return files
