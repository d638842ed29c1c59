"""Downloads: streamed from disk, always as an attachment with a name that includes the run."""

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.server.access import access_token, require_access


def model_address(run: str) -> str:
    """Address from which a page downloads the model of a run."""
    return f"/api/runs/{run}/model.zip?token={access_token()}"


def download_model(request: Request) -> Response:
    """`GET /api/runs/RUN/model.zip`: the model, its class names and a usage example."""
    require_access(request)
    run = request.path_params["run"]
    try:
        package = lab.model_package(run)
    except CnnlabError as error:
        return PlainTextResponse(str(error), status_code=404)
    return FileResponse(
        package,
        media_type="application/zip",
        filename=f"cnnlab-{run}.zip",
        content_disposition_type="attachment",
        headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"},
    )
