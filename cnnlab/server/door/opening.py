"""The app's start: refused where everybody would get in; the link is printed, maybe opened."""

import asyncio
import contextlib
import html
import logging
import os
import sys
import webbrowser
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

from cnnlab import lab
from cnnlab.domain.errors import BadInputError, CnnlabError
from cnnlab.environment import FOLDER
from cnnlab.lab.access.acting import have_accounts
from cnnlab.server.door.at_once import send_at_once
from cnnlab.server.door.modes import check_mode
from cnnlab.server.door.place import PUBLIC_ADDRESS, Place
from cnnlab.server.door.slow import close_slow_connections

_log = logging.getLogger(__name__)


def check_place(place: Place) -> None:
    """Refuse to start where anybody could get in, or where a proxy's path leads nowhere.

    Raises:
        BadInputError: so it is.
    """
    for address in place.public:
        path = urlsplit(address).path
        if path != place.base_path:
            remedy = (
                f"start it with --server.baseUrlPath {path.strip('/')}"
                if path
                else f"add {place.base_path} to the address"
            )
            raise BadInputError(
                f"{PUBLIC_ADDRESS} says {address}, but the app is served below "
                f"{place.base_path or '/'}: {remedy}. The proxy passes the path on as it is."
            )
    check_mode(place)


@contextlib.asynccontextmanager
async def open_door(place: Place, *, with_browser: bool) -> AsyncIterator[None]:
    """Print the link, and keep on record where the app is as long as it runs.

    Args:
        place: where that is.
        with_browser: whether the link is opened too, where this machine has a desktop.
    """
    close_slow_connections()
    send_at_once()
    links = [lab.link(address, lab.token()) for address in place.addresses()]
    async with contextlib.AsyncExitStack() as record:
        try:
            record.enter_context(lab.announced(place.port, place.addresses()))
        except CnnlabError as error:  # a read-only home: the pages say so too
            _log.warning("`link` won't find this app: %s", error)
        _tell(links)
        if with_browser and has_desktop():
            await asyncio.to_thread(open_in_browser, links[0], FOLDER / f"open-{place.port}.html")
        yield


def has_desktop() -> bool:
    """Whether somebody sits before this machine who would see a browser open."""
    is_remote = any(os.environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY"))
    screens = ("DISPLAY", "WAYLAND_DISPLAY")
    return not is_remote and (
        sys.platform == "darwin" or any(os.environ.get(name) for name in screens)
    )


def open_in_browser(link: str, page: Path) -> None:
    """Open a link, or do nothing where there is no browser.

    Every account of a machine sees with which words a program was started: so the browser is given
    a page that only its owner can read, and that leads to the link.

    Args:
        link: with the token.
        page: the file to write.
    """
    try:
        browser = webbrowser.get()
        if type(browser) is webbrowser.GenericBrowser:  # one of text would take the terminal
            return
        page.unlink(missing_ok=True)
        descriptor = os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            address = html.escape(link)
            file.write(
                f'<!doctype html><meta charset="utf-8"><title>cnnlab</title>'
                f'<meta http-equiv="refresh" content="0;url={address}">'
                f'<a href="{address}">cnnlab</a>'
            )
        browser.open(page.as_uri())
    except (OSError, webbrowser.Error) as error:
        _log.info("no browser could be opened: %s", error)


def _tell(links: list[str]) -> None:
    if lab.auth() is lab.Auth.NONE:
        words = "CNNLAB_AUTH=none: every account of this machine gets in."
    elif have_accounts():
        words = f"CNNLAB_AUTH={lab.auth()}: whoever has an account gets in."
    else:
        words = "Open cnnlab with this link. Whoever has it gets in; a browser keeps it."
    sys.stdout.write("\n".join(["", words, "", *links, "", ""]))
    sys.stdout.flush()
