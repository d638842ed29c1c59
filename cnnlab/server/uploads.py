"""Uploads in chunks, straight to disk: the server's memory doesn't grow with the file."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.server.access import require_access, whole_number

CHUNK_BYTES = 8 * 1024**2
"""What the page sends at once; a request may bring at most this much."""


def _answering_errors(
    endpoint: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    """Check access, and turn our own errors into a JSON answer with their sentence."""

    async def answer(request: Request) -> Response:
        require_access(request)
        try:
            return await endpoint(request)
        except CnnlabError as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return answer


@_answering_errors
async def begin_upload(request: Request) -> Response:
    """`POST /api/uploads?name=FILE&size=BYTES` -> `{token, chunk_bytes}`."""
    size = whole_number(request.query_params.get("size", "")) or 0
    name = request.query_params.get("name", "")
    token = await asyncio.to_thread(lab.begin_upload, name, size)
    return JSONResponse({"token": token, "chunk_bytes": CHUNK_BYTES})


@_answering_errors
async def append_chunk(request: Request) -> Response:
    """`PUT /api/uploads/TOKEN?offset=BYTES` with the bytes -> `{have}`, where to go on."""
    chunk = bytearray()
    async for part in request.stream():
        chunk += part
        if len(chunk) > CHUNK_BYTES:
            return JSONResponse({"error": "The chunk is too large."}, status_code=413)
    offset = whole_number(request.query_params.get("offset", ""))
    token = request.path_params["token"]
    start = -1 if offset is None else offset
    have = await asyncio.to_thread(lab.append_chunk, token, start, bytes(chunk))
    return JSONResponse({"have": have})
