"""The app: `streamlit run app.py`. The server imports `app`: pages, routes, start and stop."""

import contextlib
import sys
from collections.abc import AsyncIterator

import streamlit as st

from cnnlab.domain.errors import CnnlabError
from cnnlab.environment import OPEN_BROWSER
from cnnlab.lab.access.acting import ask_who
from cnnlab.server.addresses import serve_below
from cnnlab.server.door.opening import check_place, open_door
from cnnlab.server.door.peers import read_addresses_ourselves
from cnnlab.server.routes import lifespan, middleware, mounted
from cnnlab.ui.background import background
from cnnlab.ui.navigation import load_page_modules, page_names, show_error, show_page
from cnnlab.ui.place import app_place
from cnnlab.ui.visitor import of_this_page

try:
    PLACE = app_place()
    check_place(PLACE)
except CnnlabError as error:
    sys.exit(str(error))
serve_below(PLACE.base_path)
read_addresses_ourselves()
ask_who(of_this_page)


@contextlib.asynccontextmanager
async def start(server: object) -> AsyncIterator[None]:
    """Load what the pages need, then do what the server does at its start and stop."""
    load_page_modules()
    with background():
        async with lifespan(server), open_door(PLACE, with_browser=OPEN_BROWSER in sys.argv):
            yield


# The script of the pages lies elsewhere, because a folder `pages` beside it would be taken for
# Streamlit's older kind of app, whose pages run on their own at a server's first visit.
app = st.App(
    "cnnlab/ui/script.py",
    lifespan=start,
    routes=mounted(PLACE.base_path),
    middleware=middleware(PLACE, page_names()),
    on_script_error=show_error,
)

if __name__ == "__main__":  # run as a plain script, as Streamlit's own testing tool does
    show_page()
