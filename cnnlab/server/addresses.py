"""The addresses of our own routes, all in one place: nobody else spells one."""

ASSETS = "/api/assets"
UPLOADS = "/api/uploads"
UPLOAD = UPLOADS + "/{token}"
RUN_LIVE = "/api/runs/{run}/live"
RUN_MODEL = "/api/runs/{run}/exports/{export_format}/model.zip"
DATASET = "/api/datasets/{dataset}"
IMAGES = DATASET + "/images"
STUDY_REPORT = "/api/studies/{study}/report.html"
CURVES = "/api/curves/{ids}/curves.csv"


def address(route: str, **parts: str) -> str:
    """What a browser asks for; its cookie lets it in.

    Args:
        route: one of this module.
        **parts: what its placeholders stand for.
    """
    return route.format(**parts)
