"""Cards of classes that take pictures: dropped, chosen or held before the camera.

The page's script does all of it with our own routes, without a run of the page; only what is made
of the pictures is asked here.
"""

from collections.abc import Mapping
from typing import TypedDict

from cnnlab.datasets.limits import MAX_IMAGE_BYTES
from cnnlab.lab.data.drafts import LEAST_CLASSES, LEAST_EACH, has_pictures
from cnnlab.server.access import access_token
from cnnlab.server.drafts import drafts_address
from cnnlab.ui.components.shared.component import browser_component, rerun
from cnnlab.ui.text import plain

_cards = browser_component("class_cards")


class KnownClass(TypedDict):
    """A class that the dataset has already, as it is called and as it is shown."""

    name: str
    shown: str
    images: int


class ClassCardsData(TypedDict):
    """The cards: pictures go to `address`.

    `target` is the dataset that they are for, or empty for a new one, and `done` the draft of which
    something has come: what that took isn't shown any more. `left` is whether the draft has
    pictures still, which came meanwhile.
    """

    address: str
    token: str
    target: str
    classes: list[KnownClass]
    done: str
    left: bool
    most_bytes: int
    least_classes: int
    least_each: int


class Gathered(TypedDict):
    """What the press of the button asks for: the draft, and what to call what comes of it."""

    draft: str
    name: str


def ask_gathered(
    *, key: str, target: str = "", classes: Mapping[str, int] | None = None, done: str = ""
) -> Gathered | None:
    """Have pictures gathered, until the button is pressed.

    Args:
        key: the widget's key.
        target: id of the dataset that they are for; empty for a new one.
        classes: of that dataset, each with its number of images.
        done: draft of which something has come.

    Returns:
        What was asked for by a press, in that run of the page only.
    """
    data: ClassCardsData = {
        "address": drafts_address(),
        "token": access_token(),
        "target": target,
        "classes": _known(classes or {}),
        "done": done,
        "left": has_pictures(done),
        "most_bytes": MAX_IMAGE_BYTES,
        "least_classes": LEAST_CLASSES,
        "least_each": LEAST_EACH,
    }
    pressed: Gathered | None = _cards(key=key, data=data, on_make_change=rerun).make
    return pressed


def _known(classes: Mapping[str, int]) -> list[KnownClass]:
    return [
        {"name": name, "shown": plain(name, limit=60), "images": images}
        for name, images in classes.items()
    ]
