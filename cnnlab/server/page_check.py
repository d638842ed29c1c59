"""An offline page in a frame of its own, the images it is checked by, and what it said of them."""

import asyncio
import json

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.server.access import require_access, whole_number
from cnnlab.server.addresses import PAGE_CHECK, PAGE_FILE, PAGE_IMAGE, address

_PAGE = "web_page"
_CALIBRATED = "calibrated"
_MOST_BYTES = 32 * 2**20
"""Of an answer: 200 images of 1,000 classes, with all digits."""

_POLICY = "; ".join(
    [
        # Without an origin of its own even a page that somebody has changed reaches nothing here.
        "sandbox allow-scripts",
        "default-src 'none'",
        "script-src 'unsafe-inline'",
        "style-src 'unsafe-inline'",
        "img-src blob: data:",
        "frame-ancestors 'self'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
)


def page_check_addresses(run: str, *, calibrated: bool = False) -> dict[str, str]:
    """Where a page finds the file, the images (a number behind) and who is told: by these names."""
    which = f"?{_CALIBRATED}=yes" if calibrated else ""
    return {
        "page": address(PAGE_FILE, run=run) + which,
        "image": address(PAGE_IMAGE, run=run, number="NUMBER") + which,
        "told": address(PAGE_CHECK, run=run) + which,
    }


def page_file(request: Request) -> Response:
    """`GET /api/runs/RUN/page/page.html`: the page to be shown in a frame, without any right."""
    calibrated = _CALIBRATED in request.query_params
    try:
        file = lab.model_package(request.path_params["run"], _PAGE, calibrated=calibrated)
    except CnnlabError as error:
        return PlainTextResponse(str(error), status_code=404)
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
    return FileResponse(file, media_type="text/html; charset=utf-8", headers=headers)


def page_image(request: Request) -> Response:
    """`GET /api/runs/RUN/page/images/NUMBER`: one of the images that a page is checked by."""
    require_access(request)
    number = whole_number(request.path_params["number"])
    try:
        content = lab.image_to_check(
            request.path_params["run"],
            -1 if number is None else number,
            calibrated=_CALIBRATED in request.query_params,
        )
    except CnnlabError as error:
        return PlainTextResponse(str(error), status_code=404)
    headers = {"Content-Disposition": "attachment", "Cache-Control": "no-store"}
    return Response(content, media_type="application/octet-stream", headers=headers)


async def page_checked(request: Request) -> Response:
    """`POST /api/runs/RUN/page/check`: `sha256` of the page, and of all the images what it said.

    That is their `probabilities` and `milliseconds`. The answer has `problem`, a sentence, where
    the page isn't offered.
    """
    require_access(request)
    content = bytearray()
    try:
        async for part in request.stream():
            content += part
            if len(content) > _MOST_BYTES:
                return JSONResponse({"problem": "The answer is too long."}, status_code=413)
    except ClientDisconnect:
        return Response(status_code=400)
    return await asyncio.to_thread(_noted, request, bytes(content))


def _noted(request: Request, content: bytes) -> Response:
    try:
        told = json.loads(content)
        said = told["sha256"], told["probabilities"], told["milliseconds"]
    except (ValueError, TypeError, KeyError, RecursionError):
        problem = "The answer must be JSON with `sha256`, `probabilities` and `milliseconds`."
        return JSONResponse({"problem": problem}, status_code=400)
    try:
        lab.check_page(
            request.path_params["run"],
            *said,
            calibrated=_CALIBRATED in request.query_params,
        )
    except CnnlabError as error:
        return JSONResponse({"problem": str(error)})
    return JSONResponse({})
