"""The page on which somebody signs in: served without the app, which nobody sees before."""

import html
from urllib.parse import quote, urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from cnnlab import lab
from cnnlab.lab.access.signing_in import has_accounts
from cnnlab.server.addresses import SIGN_IN, SIGN_IN_OIDC, address
from cnnlab.server.bare_page import bare_page
from cnnlab.server.door.place import Place

NEXT = "next"
"""What the page is called in a form or address that is opened once somebody has signed in."""
FIRST_ACCOUNT = ".venv/bin/python -m cnnlab user add NAME"
"""What makes the account of whoever looks after all others."""
_LONGEST_NEXT = 2000


def sign_in_page(there: str, *, status: int = 401, problem: str = "", name: str = "") -> Response:
    """The page of the mode of this moment.

    Args:
        there: what is opened afterwards, a path of the app.
        status: of HTTP.
        problem: what went wrong before, a sentence or two; empty if nothing did.
        name: what was given as a name before.
    """
    told = f'<p role="alert">{html.escape(problem)}</p>' if problem else ""
    if not has_accounts():
        words = (
            "Nobody has an account yet. Whoever started the app makes the first one, in its folder:"
        )
        with_email = " --email ADDRESS" if lab.auth() is lab.Auth.OIDC else ""
        shown = f"<p>{words}</p><pre>{FIRST_ACCOUNT}{with_email}</pre>"
    elif lab.auth() is lab.Auth.OIDC:
        at = f"{address(SIGN_IN_OIDC)}?{NEXT}={quote(there, safe='')}"
        words = "<p>Your organisation says who you are.</p>"
        shown = f'{words}{told}<p><a class="button" href="{html.escape(at)}">Sign in</a></p>'
    else:
        shown = told + _form(there, name, is_told=bool(problem))
    return bare_page("Sign in", shown, status)


def where_to(connection: HTTPConnection) -> str:
    """The path and query of a request, as its browser may be sent there again."""
    path = "/" + quote(connection.scope["path"]).lstrip("/")  # never `//another.host`
    query = connection.scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


def safe_next(given: str, place: Place) -> str:
    """What is opened after signing in: a page of this app, whatever a link says.

    Args:
        given: what the form or the address brought.
        place: where the app is.
    """
    home = f"{place.base_path}/"
    try:
        parts = urlsplit(given)
    except ValueError:
        return home
    is_own = not parts.scheme and not parts.netloc and parts.path.startswith(home)
    is_plain = given.isascii() and given.isprintable() and "\\" not in given
    is_page = not parts.path.startswith(f"{place.base_path}/api/") and given[1:2] != "/"
    return given if is_own and is_plain and is_page and len(given) <= _LONGEST_NEXT else home


def _form(there: str, name: str, *, is_told: bool) -> str:
    action, given, opened = (html.escape(one) for one in (address(SIGN_IN), name, there))
    on_name, on_password = ("", " autofocus") if is_told and name else (" autofocus", "")
    return (
        f'<form method="post" action="{action}">'
        f'<input type="hidden" name="{NEXT}" value="{opened}">'
        f'<label for="name">Name</label><input id="name" name="name" value="{given}" required'
        f' autocomplete="username" autocapitalize="none" spellcheck="false"{on_name}>'
        '<label for="password">Password</label><input id="password" name="password"'
        f' type="password" required autocomplete="current-password"{on_password}>'
        '<button class="button">Sign in</button></form>'
    )
