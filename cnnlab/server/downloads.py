"""Downloads: streamed, always as an attachment with a name that says of what."""

import functools
from collections.abc import Callable, Sequence
from typing import cast

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse

from cnnlab import lab
from cnnlab.domain.comparing import ComparedAt
from cnnlab.domain.errors import CnnlabError
from cnnlab.lab.people.audit import audit_csv
from cnnlab.server.addresses import (
    AUDIT,
    BUNDLE,
    COMPARISON,
    CURVES,
    DATASET,
    PREDICTIONS,
    RUN_CARD,
    RUN_EXPORTS,
    RUN_MODEL,
    RUNS_CSV,
    STUDY_REPORT,
    TABLES,
    address,
)

_BETWEEN_IDS = ","
_CALIBRATED = "calibrated"
_EVERYTHING, _FORM, _STEPS = "all", "format", "steps"
_FORMATS = "formats"
_AT, _AGAINST = "at", "against"
_CARD_FORMS = {"html": ("html", "text/html"), "md": ("markdown", "text/markdown")}
_IMAGES = "images"

Endpoint = Callable[[Request], Response]


def model_address(run: str, export_format: str, *, calibrated: bool = False) -> str:
    """Address from which a page downloads the model of a run in a format."""
    which = f"?{_CALIBRATED}=yes" if calibrated else ""
    return address(RUN_MODEL, run=run, export_format=export_format) + which


def exports_address(run: str, formats: Sequence[str], *, calibrated: bool = False) -> str:
    """Address from which a page downloads several formats of a run as one zip."""
    which = f"&{_CALIBRATED}=yes" if calibrated else ""
    return f"{address(RUN_EXPORTS, run=run)}?{_FORMATS}={_BETWEEN_IDS.join(formats)}{which}"


def dataset_address(dataset: str, part: str) -> str:
    """Address from which a page downloads a dataset's `card.html` or `images.zip`."""
    return address(f"{DATASET}/{part}", dataset=dataset)


def card_address(run: str, ending: str = "html") -> str:
    """Address from which a page downloads the model card of a run: as `html` or `md`."""
    return address(RUN_CARD, run=run, ending=ending)


def study_report_address(study: str) -> str:
    """Address from which a page downloads the report of a study."""
    return address(STUDY_REPORT, study=study)


def bundle_address(subject: str, *, with_images: bool = False) -> str:
    """Address from which a page downloads the evidence bundle of a run or a study."""
    return address(BUNDLE, subject=subject) + (f"?{_IMAGES}=yes" if with_images else "")


def curves_address(ids: Sequence[str]) -> str:
    """Address from which a page downloads the curves of runs and studies as one table."""
    return address(CURVES, ids=_BETWEEN_IDS.join(ids))


def comparison_address(ids: Sequence[str], at: ComparedAt, reference: str) -> str:
    """Address from which a page downloads what tells runs apart; see `comparison_csv`."""
    return f"{address(COMPARISON, ids=_BETWEEN_IDS.join(ids))}?{_AT}={at}&{_AGAINST}={reference}"


def tables_address(ids: Sequence[str], form: str, *, has_steps: bool = False) -> str:
    """Address from which a page downloads tables of runs and studies; no ids mean everything."""
    named = address(TABLES, ids=_BETWEEN_IDS.join(ids) or _EVERYTHING)
    return f"{named}?{_FORM}={form}{f'&{_STEPS}=yes' if has_steps else ''}"


def runs_csv_address(choice: str) -> str:
    """Address from which a page downloads runs that were chosen in their table, as CSV."""
    return address(RUNS_CSV, choice=choice)


def predictions_address(key: str) -> str:
    """Address from which a page downloads what models say of many pictures."""
    return address(f"{PREDICTIONS}/predictions.csv", key=key)


def audit_address() -> str:
    """Address from which an admin downloads who did what, as CSV."""
    return address(AUDIT)


def _saying(endpoint: Endpoint) -> Endpoint:
    """Say in its own sentence what can't be found."""

    @functools.wraps(endpoint)
    def answer(request: Request) -> Response:
        try:
            return endpoint(request)
        except CnnlabError as error:
            return PlainTextResponse(str(error), status_code=404)

    return answer


@_saying
def download_model(request: Request) -> Response:
    """`GET /api/runs/RUN/exports/FORMAT/model.zip`: the model, class names, a usage example.

    With `?calibrated=yes` the one with the temperature of its evaluation.
    """
    run, export_format = request.path_params["run"], request.path_params["export_format"]
    calibrated = _CALIBRATED in request.query_params
    package = lab.model_package(run, export_format, calibrated=calibrated)
    headers = _attachment(lab.package_name(run, export_format, calibrated=calibrated))
    return FileResponse(package, media_type="application/zip", headers=headers)


@_saying
def download_exports(request: Request) -> Response:
    """`GET /api/runs/RUN/exports.zip?formats=A,B`: several formats in a folder each, streamed.

    With `&calibrated=yes` models with the temperature of the evaluation.
    """
    run, named = request.path_params["run"], request.query_params.get(_FORMATS, "")
    formats = list(filter(None, named.split(_BETWEEN_IDS)))
    calibrated = _CALIBRATED in request.query_params
    pieces = lab.exports_zip(run, formats, calibrated=calibrated)
    headers = _attachment(lab.exports_name(run, calibrated=calibrated))
    return StreamingResponse(pieces, media_type="application/zip", headers=headers)


@_saying
def download_card(request: Request) -> Response:
    """`GET /api/datasets/DATASET/card.html`: the card of a dataset."""
    dataset = request.path_params["dataset"]
    headers = _attachment(f"{dataset}-report.html")
    content = lab.dataset_card(dataset)
    return Response(content, media_type="text/html; charset=utf-8", headers=headers)


@_saying
def download_model_card(request: Request) -> Response:
    """`GET /api/runs/RUN/card.html` or `card.md`: the model card of a run."""
    run, ending = request.path_params["run"], request.path_params["ending"]
    form, media_type = _CARD_FORMS.get(ending, (ending, ""))
    content = lab.model_card(run, form)
    headers = _attachment(f"cnnlab-{run}-card.{ending}")
    return Response(content, media_type=f"{media_type}; charset=utf-8", headers=headers)


@_saying
def download_study_report(request: Request) -> Response:
    """`GET /api/studies/STUDY/report.html`: the report of a study, with its charts."""
    study = request.path_params["study"]
    content = lab.study_report(study)
    headers = _attachment(f"{study}-report.html")
    return Response(content, media_type="text/html; charset=utf-8", headers=headers)


@_saying
def download_bundle(request: Request) -> Response:
    """`GET /api/bundles/ID/bundle.zip`: the evidence bundle of a run or a study, from the disk.

    With `?images=yes` the one that has the images in it.
    """
    subject, with_images = request.path_params["subject"], _IMAGES in request.query_params
    file = lab.bundle_file(subject, with_images=with_images)
    headers = _attachment(lab.bundle_name(subject, with_images=with_images))
    return FileResponse(file, media_type="application/zip", headers=headers)


@_saying
def download_curves(request: Request) -> Response:
    """`GET /api/curves/ID,ID/curves.csv`: the metrics of every epoch of runs and studies."""
    ids = request.path_params["ids"].split(_BETWEEN_IDS)
    content = lab.curves_csv(ids)
    headers = _attachment(f"{ids[0]}-curves.csv" if len(ids) == 1 else "curves.csv")
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@_saying
def download_comparison(request: Request) -> Response:
    """`GET /api/comparisons/ID,ID/comparison.csv`: settings, runs and pairs as one tidy table.

    With `?at=best` at the best epochs, with `against=ID` against another run than the first.
    """
    ids, asked = request.path_params["ids"].split(_BETWEEN_IDS), request.query_params
    at = cast(ComparedAt, asked.get(_AT, "last"))  # checked where it is used
    content = lab.comparison_csv(ids, at=at, reference=asked.get(_AGAINST))
    headers = _attachment("comparison.csv")
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@_saying
def download_tables(request: Request) -> Response:
    """`GET /api/tables/ID,ID/tables.zip`: runs, epochs and studies as tables, streamed.

    With `?format=parquet` as Parquet instead of CSV; with `steps=yes` the steps too. `all` stands
    for everything.
    """
    named = request.path_params["ids"]
    ids = [] if named == _EVERYTHING else named.split(_BETWEEN_IDS)
    form, has_steps = request.query_params.get(_FORM, "csv"), _STEPS in request.query_params
    pieces = lab.tables_zip(ids, form, has_steps=has_steps)
    headers = _attachment(lab.tables_name(ids))
    return StreamingResponse(pieces, media_type="application/zip", headers=headers)


@_saying
def download_runs(request: Request) -> Response:
    """`GET /api/runs-chosen/CHOICE/runs.csv`: runs chosen in their table, streamed."""
    pieces = lab.chosen_runs_csv(request.path_params["choice"])
    headers = _attachment("cnnlab-runs.csv")
    return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=headers)


@_saying
def download_audit(_: Request) -> Response:
    """`GET /api/audit.csv`: who did what, when and from where, streamed; to admins."""
    headers = _attachment("cnnlab-audit.csv")
    return StreamingResponse(audit_csv(), media_type="text/csv; charset=utf-8", headers=headers)


@_saying
def download_predictions(request: Request) -> Response:
    """`GET /api/predictions/KEY/predictions.csv`: what models say of many pictures."""
    key = request.path_params["key"]
    content = lab.predictions_csv(key)
    headers = _attachment(lab.predictions_file_name(key))
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@_saying
def download_images(request: Request) -> Response:
    """`GET /api/datasets/DATASET/images.zip`: its images, in class folders, streamed."""
    dataset = request.path_params["dataset"]
    headers = _attachment(f"{dataset}.zip")
    pieces = lab.dataset_zip(dataset)
    return StreamingResponse(pieces, media_type="application/zip", headers=headers)


def _attachment(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
