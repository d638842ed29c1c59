"""The app: `streamlit run app.py`. The server imports `app`: pages, routes, start and stop."""

import contextlib
from collections.abc import AsyncIterator

import streamlit as st

from cnnlab.server.routes import MIDDLEWARE, ROUTES, lifespan
from cnnlab.ui.navigation import load_page_modules, show_error, show_page


@contextlib.asynccontextmanager
async def start(server: object) -> AsyncIterator[None]:
    """Load what the pages need, then do what the server does at its start and stop."""
    load_page_modules()
    async with lifespan(server):
        yield


# The script of the pages lies elsewhere, because a folder `pages` beside it would be taken for
# Streamlit's older kind of app, whose pages run on their own at a server's first visit.
app = st.App(
    "cnnlab/ui/script.py",
    lifespan=start,
    routes=ROUTES,
    middleware=MIDDLEWARE,
    on_script_error=show_error,
)

if __name__ == "__main__":  # run as a plain script, as Streamlit's own testing tool does
    show_page()
