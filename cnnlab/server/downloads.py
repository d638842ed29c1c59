"""Downloads: streamed from disk, always as an attachment with a name that includes the run."""

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse

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


def dataset_address(dataset: str, part: str) -> str:
    """Address from which a page downloads a dataset's `card.html` or `images.zip`."""
    return f"/api/datasets/{dataset}/{part}?token={access_token()}"


def download_card(request: Request) -> Response:
    """`GET /api/datasets/DATASET/card.html`: the report on a dataset."""
    require_access(request)
    dataset = request.path_params["dataset"]
    try:
        content = lab.dataset_card(dataset)
    except CnnlabError as error:
        return PlainTextResponse(str(error), status_code=404)
    headers = _attachment(f"{dataset}-report.html")
    return Response(content, media_type="text/html; charset=utf-8", headers=headers)


def download_images(request: Request) -> Response:
    """`GET /api/datasets/DATASET/images.zip`: its images, in class folders, streamed."""
    require_access(request)
    dataset = request.path_params["dataset"]
    try:
        pieces = lab.dataset_zip(dataset)
    except CnnlabError as error:
        return PlainTextResponse(str(error), status_code=404)
    headers = _attachment(f"{dataset}.zip")
    return StreamingResponse(pieces, media_type="application/zip", headers=headers)


def _attachment(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
