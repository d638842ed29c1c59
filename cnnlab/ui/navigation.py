"""The pages with their addresses, and what a user sees when something goes wrong."""

import contextlib
import importlib
import logging
import pkgutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import streamlit as st

import cnnlab.ui
from cnnlab import lab
from cnnlab.domain.errors import BadInputError, CnnlabError, NotSignedInError
from cnnlab.lab.access.acting import acting
from cnnlab.lab.people.own import looks_after_people
from cnnlab.server.upkeep.exposed import PAGE_SECONDS
from cnnlab.ui.components.account.account import AccountData, render_account
from cnnlab.ui.components.bar.bar import render_bar
from cnnlab.ui.page_files import page_file
from cnnlab.ui.page_note import render_page_note
from cnnlab.ui.sessions import finish_clicks, look_up_singly
from cnnlab.ui.tab import name_tab
from cnnlab.ui.text import escaped
from cnnlab.ui.visitor import greet, is_admin

_log = logging.getLogger(__name__)

# A file of our own: Streamlit would have the browser fetch any other icon from another host.
_SCRIPT = "cnnlab.ui.script"
_ASSETS = Path(__file__).parent / "assets"
_ICON = _ASSETS / "icon.png"
_MARK = _ASSETS / "mark.svg"
_HOME = "home"
_RUNS = "runs"
_PEOPLE = "people"


class _Place(NamedTuple):
    """A page's title and icon; what needs a run is reached from it and is no place in the menu.

    Main pages have a place of their own in the bar of a phone; some are in the menu of admins only.
    """

    title: str
    icon: str
    in_menu: bool = True
    is_main: bool = False
    for_admins: bool = False

    def is_listed(self, *, to_admin: bool) -> bool:
        """Whether the menu of somebody has it."""
        return self.in_menu and (to_admin or not self.for_admins)


PAGES = {
    _HOME: _Place("Home", ":material/home:"),
    "data": _Place("Data", ":material/photo_library:", is_main=True),
    "train": _Place("Train", ":material/tune:", is_main=True),
    _RUNS: _Place("Runs", ":material/monitoring:", is_main=True),
    "study": _Place("Study", ":material/science:", is_main=True),
    "search": _Place("Search", ":material/manage_search:"),
    "models": _Place("Models", ":material/deployed_code:"),
    "lessons": _Place("Lessons", ":material/school:"),
    "machines": _Place("Machines", ":material/dns:", for_admins=True),
    _PEOPLE: _Place("People", ":material/group:"),
    "evaluate": _Place("Judge a model", ":material/fact_check:", in_menu=False),
    "explain": _Place("Look inside", ":material/frame_inspect:", in_menu=False),
    "compare": _Place("Compare runs", ":material/compare:", in_menu=False),
    "predict": _Place("Try a model", ":material/image_search:", in_menu=False),
}


def load_page_modules() -> None:
    """Load what the pages need before the server starts and freezes its garbage collector.

    What comes later would be looked through after every click.
    """
    look_up_singly()
    finish_clicks()
    for module in pkgutil.walk_packages(cnnlab.ui.__path__, "cnnlab.ui."):
        if module.name != _SCRIPT:
            importlib.import_module(module.name)


def page_names() -> list[str]:
    """The pages' names in addresses; Home has none."""
    return [name for name in PAGES if name != _HOME]


def show_page() -> None:
    """Show the page that the address names."""
    st.set_page_config(page_icon=_ICON, layout="wide")
    st.logo(_MARK)
    in_menu = _in_menu()
    pages = {
        st.Page(
            page_file(name),
            title=place.title,
            icon=place.icon,
            default=name == _HOME,
            visibility="visible" if name in in_menu else "hidden",
        ): place
        for name, place in PAGES.items()
    }
    page = st.navigation(list(pages), position="top")
    name_tab(pages[page].title)
    try:
        account = greet()
    except NotSignedInError as error:
        show_error(error)
        st.link_button("Sign in", "./", icon=":material/login:", type="primary")
        return
    if account:
        render_account(account)
    _render_bar(in_menu, pages[page], account)
    try:
        if acting().workspace:  # who is in none has pages, too: People, and what admins look after
            _render_home_problem()
            render_page_note()
        with PAGE_SECONDS.labels(pages[page].title).time():
            page.run()
    except CnnlabError as error:
        show_error(error)


def _render_home_problem() -> None:
    """Say above the page why nothing can be stored in the workspace, if so."""
    if problem := lab.unwritable():
        with st.container(key="home_problem"):
            st.warning(escaped(problem, limit=2000), icon=":material/hard_disk:")


def _in_menu() -> list[str]:
    """The pages' names that whoever looks has in the menu: People only where they do something."""
    to_admin, with_people = is_admin(), False
    with contextlib.suppress(NotSignedInError, BadInputError):  # then the page says so
        with_people = looks_after_people()
    listed = [name for name, place in PAGES.items() if place.is_listed(to_admin=to_admin)]
    return [name for name in listed if with_people or name != _PEOPLE]


def _render_bar(names: Sequence[str], shown: _Place, account: AccountData | None) -> None:
    """The pages of the menu at the foot of a phone, and who is signed in."""
    here = shown if shown.in_menu else PAGES[_RUNS]
    render_bar(
        [
            {
                "name": "" if name == _HOME else name,
                "title": place.title,
                "icon": place.icon.split("/")[-1].rstrip(":"),
                "isHere": place == here,
                "isMain": place.is_main,
            }
            for name, place in ((name, PAGES[name]) for name in names)
        ],
        account,
    )


def show_error(error: Exception) -> bool:
    """Show an error as one sentence; the traceback goes to the server's log only.

    Returns:
        True: Streamlit needn't show it as well.
    """
    if isinstance(error, CnnlabError):
        st.error(escaped(str(error), limit=2000), icon=":material/error:")
    else:
        _log.error("unexpected error on a page", exc_info=error)
        st.error(
            "Something unexpected went wrong; nothing that was stored is lost. Reload the page; "
            "the cause stands in the server's log.",
            icon=":material/error:",
        )
    return True
