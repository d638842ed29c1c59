"""The addresses of our own routes, all in one place: nobody else spells one.

The routes of this module begin behind `API`, and that behind the base path, which is empty or what
`--server.baseUrlPath` says; two for programs that watch the app stand beside its pages. Streamlit
knows the base path, and only the app's start asks Streamlit.
"""

from dataclasses import dataclass

API = "/api"
HEALTH = "/healthz"
METRICS = "/metrics"
ASSETS = "/assets"
UPLOADS = "/uploads"
UPLOAD = UPLOADS + "/{token}"
DRAFTS = "/drafts"
DRAFT = DRAFTS + "/{token}"
DRAFT_CLASS = DRAFT + "/{class}"
DRAFT_PICTURE = DRAFT_CLASS + "/{picture}"
RUN_LIVE = "/runs/{run}/live"
RUN_EXPORTS = "/runs/{run}/exports.zip"
RUN_MODEL = "/runs/{run}/exports/{export_format}/model.zip"
DATASET = "/datasets/{dataset}"
IMAGES = DATASET + "/images"
OWN = "/own"
SIGN_IN = "/sign-in"
SIGN_IN_OIDC = "/sign-in/oidc"
SIGN_IN_BACK = "/sign-in/oidc/back"
SIGN_OUT = "/sign-out"
WORKSPACE = "/workspace"
STUDY_REPORT = "/studies/{study}/report.html"
STORY = "/studies/{study}/story"
DECK = "/studies/{study}/deck"
BUNDLE = "/bundles/{subject}/bundle.zip"
PREDICT = "/predict"
PREDICTIONS = "/predictions/{key}"
PAGE_FILE = "/runs/{run}/page/page.html"
PAGE_IMAGE = "/runs/{run}/page/images/{number}"
PAGE_CHECK = "/runs/{run}/page/check"
RUN_CARD = "/runs/{run}/card.{ending}"
RUNS_CSV = "/runs-chosen/{choice}/runs.csv"
TABLES = "/tables/{ids}/tables.zip"
CURVES = "/curves/{ids}/curves.csv"
COMPARISON = "/comparisons/{ids}/comparison.csv"
AUDIT = "/audit.csv"
SHARED = "/shared"
"""Not behind `API`: a link that people are sent is short."""


@dataclass
class _Served:
    """Below which path the app is served."""

    base_path: str = ""


_served = _Served()


def serve_below(base_path: str) -> None:
    """Take note of the base path; the app does so once, before it serves anything.

    Args:
        base_path: empty, or such as `/lab`.
    """
    _served.base_path = base_path


def address(route: str, **parts: str) -> str:
    """What a browser asks for; its cookie lets it in.

    Args:
        route: one of this module.
        **parts: what its placeholders stand for.
    """
    return f"{_served.base_path}{API}{route.format(**parts)}"


def shared_address(secret: str) -> str:
    """Where somebody without an account finds what a link shows."""
    return f"{_served.base_path}{SHARED}/{secret}"
