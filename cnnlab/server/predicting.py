"""Pictures that a page sends one by one, to have said at once what a run's model sees in them."""

import asyncio
import contextvars
import functools
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from cnnlab import lab
from cnnlab.datasets.limits import MAX_IMAGE_BYTES
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.records.prediction import PredictAnswer
from cnnlab.server.access import require_access
from cnnlab.server.addresses import PREDICT, address

NAME_HEADER = "x-cnnlab-name"
"""Brings the picture's name, percent-encoded: an address would show it to proxies and logs."""

_BETWEEN_RUNS = ","
_READ_ON = 16
"""A body of so many times the limit is still read, so that the browser gets the answer to it."""

_threads = ThreadPoolExecutor(4, "cnnlab-predict")
"""Of their own: while a worker is slow, all else that waits for a disk goes on."""


def predict_address() -> str:
    """Where a page sends pictures; `?runs=A,B` says who is asked."""
    return address(PREDICT)


async def predict(request: Request) -> Response:
    """`POST /api/predict?runs=RUN,RUN&seen=1&explain=METHOD&class=NAME` with a picture's bytes.

    The answer is a `PredictAnswer`. With `seen` the picture comes back as each network sees it,
    with `explain` where each looks in it, for a class or for the one that it says.
    """
    require_access(request)
    runs = [run for run in request.query_params.get("runs", "").split(_BETWEEN_RUNS) if run]
    name = unquote(request.headers.get(NAME_HEADER, ""))
    try:
        content = await _body(request)
    except ClientDisconnect:
        return Response(status_code=400)
    with_seen = request.query_params.get("seen") == "1"
    method = request.query_params.get("explain", "")
    where = lab.WhereToLook(method, request.query_params.get("class", "")) if method else None
    predicted = functools.partial(
        _predicted, runs, content, name, time.monotonic(), with_seen=with_seen, where=where
    )
    as_whoever_asks = contextvars.copy_context().run
    answer = await asyncio.get_running_loop().run_in_executor(_threads, as_whoever_asks, predicted)
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


async def _body(request: Request) -> bytes:
    """The body; of one that is too large, a byte more than is allowed."""
    content, length = bytearray(), 0
    async for part in request.stream():
        length += len(part)
        if len(content) <= MAX_IMAGE_BYTES:
            content += part
        if length > _READ_ON * MAX_IMAGE_BYTES:
            break
    return bytes(content[: MAX_IMAGE_BYTES + 1])


def _predicted(
    runs: list[str],
    content: bytes,
    name: str,
    came_at: float,
    *,
    with_seen: bool,
    where: lab.WhereToLook | None,
) -> PredictAnswer:
    try:
        answer = lab.predict_picture(
            runs, content, name or "picture", with_seen=with_seen, explained=where
        )
    except CnnlabError as error:
        answer = {"predictions": [], "milliseconds": 0.0, "problem": str(error)}
    answer["milliseconds"] = round(1000 * (time.monotonic() - came_at), 1)
    return answer
