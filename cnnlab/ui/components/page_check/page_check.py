"""The offline page of a run, checked by the browser of who wants it."""

from typing import TypedDict

from cnnlab import lab
from cnnlab.server.access import access_token
from cnnlab.server.page_check import page_check_addresses
from cnnlab.ui.components.shared.component import browser_component, rerun

_page_check = browser_component("page_check")


class PageCheckData(TypedDict):
    """What the component is given.

    Attributes:
        page: address of the file, for a frame.
        sha256: of the file: what is told holds for this one alone.
        image: address of a validation image, with `NUMBER` for which.
        told: address that is told what the page said.
        token: that our routes want.
        images: by how many the page is checked.
    """

    page: str
    sha256: str
    image: str
    told: str
    token: str
    images: int


def render_page_check(run: str, images: int, *, calibrated: bool = False) -> None:
    """Have the visitor's browser compare the page with the model; the script runs again then.

    To be called in the place of the download, as long as `lab.images_to_check(run)` isn't 0: no
    browser of the server has checked the page that was prepared. What comes of it is the state of
    the export: a check without `not_verified`, or the problem for which it isn't offered.

    Args:
        run: its id.
        images: what `lab.images_to_check` says.
        calibrated: which page is meant.
    """
    addresses = page_check_addresses(run, calibrated=calibrated)
    data: PageCheckData = {
        "page": addresses["page"],
        "sha256": lab.page_sha256(run, calibrated=calibrated),
        "image": addresses["image"],
        "told": addresses["told"],
        "token": access_token(),
        "images": images,
    }
    _page_check(key="page_check", data=data, on_checked_change=rerun)
