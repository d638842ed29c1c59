"""The addresses and their answers."""

import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from cnnlab.exports.serving.answering import Answering, Picture
from cnnlab.exports.serving.documentation import documentation_page
from cnnlab.exports.serving.door import Door
from cnnlab.exports.serving.openapi import api_document
from cnnlab.exports.serving.options import Options
from cnnlab.exports.serving.reading import NAME_HEADER, is_form, pictures_in, read_body
from cnnlab.exports.serving.refusals import RefusedError, refusal

_HERE = Path(__file__).parent
_KINDS = {".html": "text/html", ".css": "text/css", ".mjs": "text/javascript"}

Endpoint = Callable[[Request], Awaitable[Response]]


def make_app(answering: Answering, options: Options) -> ASGIApp:
    """The application, with its door.

    Args:
        answering: what says what pictures show.
        options: limits, and who may ask.
    """
    service = _Service(answering, options)
    document = api_document(options)
    page = documentation_page(document)

    async def documentation(_: Request) -> Response:
        return HTMLResponse(page)

    async def described(_: Request) -> Response:
        return JSONResponse(document)

    routes = [
        Route("/", _file("page.html")),
        Route("/page.css", _file("page.css")),
        Route("/page.mjs", _file("page.mjs")),
        Route("/docs", documentation),
        Route("/openapi.json", described),
        Route("/health", service.health),
        Route("/ready", service.ready),
        Route("/model", service.model),
        Route("/predict", _guarded(service.predict), methods=["POST"]),
        Route("/batch", _guarded(service.batch), methods=["POST"]),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _not_there})
    return Door(app, options)


class _Service:
    """What the addresses do."""

    def __init__(self, answering: Answering, options: Options) -> None:
        self._answering = answering
        self._options = options

    async def health(self, _: Request) -> Response:
        """`GET /health`: that the server lives."""
        return JSONResponse({"status": "ok"})

    async def ready(self, _: Request) -> Response:
        """`GET /ready`: that a picture would be answered now."""
        if self._answering.is_full:
            seconds = self._answering.retry_seconds()
            return JSONResponse({"status": "full"}, 503, {"Retry-After": str(seconds)})
        return JSONResponse({"status": "ready"})

    async def model(self, _: Request) -> Response:
        """`GET /model`: classes, preparation, threshold, limits."""
        limits = {
            "image_bytes": self._options.most_image_bytes,
            "pixels": self._options.most_pixels,
            "images": self._options.most_images,
            "request_bytes": self._options.most_body_bytes,
            "waiting": self._options.most_waiting,
            "seconds": self._options.timeout_seconds,
        }
        return JSONResponse(self._answering.described.to_json() | {"limits": limits})

    async def predict(self, request: Request) -> Response:
        """`POST /predict`: one picture, as the body or in a form; of several see `batch`."""
        return await self._told(request, is_batch=False)

    async def batch(self, request: Request) -> Response:
        """`POST /batch`: the pictures of a form."""
        return await self._told(request, is_batch=True)

    async def _told(self, request: Request, *, is_batch: bool) -> Response:
        began = time.perf_counter()
        answering = self._answering
        with answering.holding() as take:
            body = await read_body(request, self._options, take)
            pictures = await self._pictures(request, body)
            del body
            answers = await answering.answers(pictures)
        seconds = time.perf_counter() - began
        about = {
            "run": answering.described.run,
            "format": answering.described.format,
            "milliseconds": round(1000 * seconds, 2),
        }
        if is_batch or len(answers) > 1:
            return JSONResponse({"predictions": answers, **about})
        (answer,) = answers
        return JSONResponse({**answer, **about}, 422 if "problem" in answer else 200)

    async def _pictures(self, request: Request, body: bytearray) -> list[Picture]:
        content_type = request.headers.get("content-type", "")
        name = request.headers.get(NAME_HEADER, "")
        read = partial(pictures_in, content_type, name, body, self._options)
        return await self._answering.in_thread(read) if is_form(content_type) else read()


def _guarded(endpoint: Endpoint) -> Endpoint:
    """Answers in words whatever goes wrong; what is our own fault is told on standard error."""

    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except RefusedError as error:
            return refusal(error.status, error.words, error.headers)
        except Exception:
            sys.stderr.write(traceback.format_exc())
            return refusal(500, "The server failed at this request; its log says where.")

    return guarded


async def _not_there(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if status == 405:
        allowed = headers.get("Allow", "another method")
        return refusal(405, f"This address is asked with {allowed}.", headers)
    return refusal(status, "There is nothing at this address: GET /docs tells what there is.")


def _file(name: str) -> Endpoint:
    path = _HERE / name
    content, kind = path.read_bytes(), _KINDS[path.suffix]

    async def file(_: Request) -> Response:
        return Response(content, media_type=kind)

    return file
