"""Pictures that a page gathers class by class, each kept on the disk as it comes.

The page names classes and pictures itself: sent again after a lost answer, each means the same.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from cnnlab.datasets.limits import MAX_IMAGE_BYTES
from cnnlab.domain.errors import CnnlabError, NotFoundError, UploadError
from cnnlab.domain.words import data_size
from cnnlab.lab.data import drafts
from cnnlab.server.access import require_access, whole_number
from cnnlab.server.addresses import DRAFTS, address
from cnnlab.server.images import LARGEST_PX

NAME_HEADER = "x-cnnlab-name"
"""Brings a name, percent-encoded: an address would show it to proxies and logs."""


def drafts_address() -> str:
    """Where a page sends what it gathers."""
    return address(DRAFTS)


def _answering(
    endpoint: Callable[[Request], Awaitable[Any]],
) -> Callable[[Request], Awaitable[Response]]:
    """Check access, and answer with JSON; our own errors with their sentence."""

    async def answer(request: Request) -> Response:
        require_access(request)
        try:
            return JSONResponse(await endpoint(request))
        except ClientDisconnect:
            return Response(status_code=400)
        except CnnlabError as error:
            status = 404 if isinstance(error, NotFoundError) else 400
            return JSONResponse({"error": str(error)}, status_code=status)

    return answer


@_answering
async def begin_draft(_: Request) -> dict[str, str]:
    """`POST /api/drafts` -> `{token}`."""
    return {"token": await asyncio.to_thread(drafts.begin_draft)}


@_answering
async def read_draft(request: Request) -> dict[str, Any]:
    """`GET /api/drafts/TOKEN` -> `{classes: [{id, name, pictures: [ID]}]}`."""
    classes = await asyncio.to_thread(drafts.draft_classes, request.path_params["token"])
    return {"classes": [each._asdict() for each in classes]}


@_answering
async def name_class(request: Request) -> dict[str, str]:
    """`PUT /api/drafts/TOKEN/CLASS` with the name in a header."""
    token, class_id = request.path_params["token"], request.path_params["class"]
    await asyncio.to_thread(drafts.name_draft_class, token, class_id, _name(request))
    return {}


@_answering
async def remove_class(request: Request) -> dict[str, str]:
    """`DELETE /api/drafts/TOKEN/CLASS`."""
    token, class_id = request.path_params["token"], request.path_params["class"]
    await asyncio.to_thread(drafts.remove_draft_class, token, class_id)
    return {}


@_answering
async def add_picture(request: Request) -> dict[str, str]:
    """`PUT /api/drafts/TOKEN/CLASS/PICTURE` with its bytes, its file's name in a header."""
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > MAX_IMAGE_BYTES:
            most = data_size(MAX_IMAGE_BYTES)
            raise UploadError(f"The picture is larger than {most}: save it smaller.")
    await asyncio.to_thread(
        drafts.add_draft_picture, *_ids(request), _name(request), bytes(content)
    )
    return {}


@_answering
async def remove_picture(request: Request) -> dict[str, str]:
    """`DELETE /api/drafts/TOKEN/CLASS/PICTURE`."""
    await asyncio.to_thread(drafts.remove_draft_picture, *_ids(request))
    return {}


async def draft_picture(request: Request) -> Response:
    """`GET /api/drafts/TOKEN/CLASS/PICTURE?px=SIZE`: a JPEG that fits a square of so many px."""
    px = whole_number(request.query_params.get("px", "128"))
    if not px:
        raise HTTPException(400, "A size in px is a whole number.")
    try:
        content = await asyncio.to_thread(
            drafts.draft_thumbnail, *_ids(request), min(px, LARGEST_PX)
        )
    except CnnlabError as error:
        return PlainTextResponse(str(error), status_code=404)
    headers = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type="image/jpeg", headers=headers)


def _name(request: Request) -> str:
    return unquote(request.headers.get(NAME_HEADER, ""))


def _ids(request: Request) -> tuple[str, str, str]:
    parts = request.path_params
    return parts["token"], parts["class"], parts["picture"]
