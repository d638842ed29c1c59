"""Thumbnails: one image of a dataset, small; a dataset never changes, so browsers keep them.

So do they with the pictures of which models were asked.
"""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.server.access import whole_number
from cnnlab.server.addresses import PREDICTIONS, address

LARGEST_PX = 1600
"""Enough to fill a window with, and to see a defect."""

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


def predicted_address(key: str, row: int) -> str:
    """Address of one of many pictures of which models were asked, made small."""
    return f"{address(PREDICTIONS, key=key)}/pictures/{row}"


async def predicted_picture(request: Request) -> Response:
    """`GET /api/predictions/KEY/pictures/ROW`: a JPEG of at most 128 px a side."""
    row, key = whole_number(request.path_params["row"]), request.path_params["key"]
    if row is None:
        raise HTTPException(400, "A picture's row is a whole number.")
    try:
        content = await asyncio.to_thread(lab.predictions_thumbnail, key, row)
    except CnnlabError as error:
        return PlainTextResponse(str(error), status_code=404)
    headers = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type="image/jpeg", headers=headers)
