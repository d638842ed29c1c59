"""Thumbnails: one image of a dataset, small; a dataset never changes, so browsers keep them."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.server.access import whole_number

LARGEST_PX = 512
_YEAR_SECONDS = 365 * 24 * 3600


async def thumbnail(request: Request) -> Response:
    """`GET /api/datasets/DATASET/images/ROW?px=SIZE`: a JPEG that fits a square of so many px."""
    row, px = (
        whole_number(text)
        for text in (request.path_params["row"], request.query_params.get("px", "128"))
    )
    if row is None or not px:
        raise HTTPException(400, "An image's row and size in px are whole numbers.")
    size_px = min(px, LARGEST_PX)
    try:
        content = await asyncio.to_thread(
            lab.thumbnail, request.path_params["dataset"], row, size_px
        )
    except CnnlabError as error:
        return PlainTextResponse(str(error), status_code=404)
    headers = {
        "Cache-Control": f"private, max-age={_YEAR_SECONDS}, immutable",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type="image/jpeg", headers=headers)
