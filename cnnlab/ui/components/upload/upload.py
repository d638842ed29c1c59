"""An area that takes files or a folder; they go to disk in chunks through our own route."""

from cnnlab.server.access import access_token
from cnnlab.server.addresses import UPLOADS, address
from cnnlab.ui.components.shared.component import browser_component, rerun

_upload = browser_component("upload")


_TOUCHED = "Tap to choose a zip (or tar), or several files of labelled images."


def ask_upload(
    *, key: str, reset: str, words: str = "", touched: str = _TOUCHED
) -> dict[str, str] | None:
    """Ask for a file, several or a folder; several arrive as one tar.

    Args:
        key: the widget's key.
        reset: another value empties the area.
        words: what the empty area says; else what a whole dataset may be.
        touched: the same where a finger points.

    Returns:
        `token` and `name` of what was uploaded, or None.
    """
    result = _upload(
        key=key,
        data={
            "address": address(UPLOADS),
            "token": access_token(),
            "reset": reset,
            "words": words,
            "touched": touched,
        },
        default={"upload": None},
        on_upload_change=rerun,
    )
    return result.upload
