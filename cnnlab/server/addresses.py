"""The addresses of our own routes, all in one place: nobody else spells one."""

from cnnlab.server.access import access_token

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
    """What a browser asks for, without the token.

    Args:
        route: one of this module.
        **parts: what its placeholders stand for.
    """
    return route.format(**parts)


def address_with_token(route: str, **parts: str) -> str:
    """Likewise with the token, for what sends no header: a link, an image, a WebSocket."""
    return f"{address(route, **parts)}?token={access_token()}"
