"""The camera, which stays on from picture to picture."""

from collections.abc import Callable

from cnnlab.ui.components.shared.component import browser_component

_camera = browser_component("camera")


def ask_pictures(*, key: str, turn: int, on_picture: Callable[[], None]) -> None:
    """Show what the camera sees, and take a picture at each press of the button.

    Args:
        key: the widget's key; its value `picture` is the picture as a data URL (JPEG).
        turn: another number says that the last picture is kept, and lets the next be taken.
        on_picture: called with each picture.
    """
    _camera(key=key, data={"turn": turn}, on_picture_change=on_picture)
