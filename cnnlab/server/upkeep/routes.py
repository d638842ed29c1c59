"""`/healthz` and `/metrics`, beside the pages."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from cnnlab.domain.errors import CnnlabError, NotAllowedError
from cnnlab.lab.upkeep.health import failing_parts
from cnnlab.server.bare_page import NEVER_KEPT
from cnnlab.server.upkeep.exposed import CONTENT_TYPE, as_text


def healthz(_: Request) -> Response:
    """`GET /healthz`: `ok`, or with status 503 which parts fail, a line each."""
    failing = failing_parts()
    words = "".join(f"failing: {part}\n" for part in failing) or "ok\n"
    return PlainTextResponse(words, 503 if failing else 200, NEVER_KEPT)


def metrics(_: Request) -> Response:
    """`GET /metrics`: the numbers as Prometheus reads them, to admins and who brings the token."""
    try:
        return Response(as_text(), headers=NEVER_KEPT, media_type=CONTENT_TYPE)
    except NotAllowedError as error:
        return PlainTextResponse(f"{error}\n", 403, NEVER_KEPT)
    except CnnlabError as error:
        return PlainTextResponse(f"{error}\n", 503, NEVER_KEPT)
