"""Images as points in the browser, ten thousand of them; a lasso or a box selects some."""

from typing import NamedTuple, TypedDict

from cnnlab.server.addresses import IMAGES, address
from cnnlab.ui.components.shared.component import browser_component, rerun
from cnnlab.ui.components.shared.selection import held_rows, meant_rows

_HEIGHT_PX = 520
_cloud = browser_component("cloud")


class CloudGroup(TypedDict):
    """Points of one colour: those of a class, or of all that have no colour of their own."""

    name: str
    color: str


class CloudPoints(TypedDict):
    """The points, a list for each of what is known of them.

    Attributes:
        row: of the image in the dataset.
        x: place; `y` likewise.
        label: the true class; `named` the one that it was taken for.
        group: index of its colour.
        is_training: 1 for a training image, else 0.
    """

    row: list[int]
    x: list[float]
    y: list[float]
    label: list[int]
    named: list[int]
    group: list[int]
    is_training: list[int]


class Cloud(NamedTuple):
    """Points with their colours.

    Attributes:
        points: at most some ten thousand.
        groups: the colours.
        classes: names by label.
    """

    points: CloudPoints
    groups: list[CloudGroup]
    classes: list[str]


class CloudData(TypedDict):
    """The plane: images come from `address`; `label` says what it shows, `height` is in px.

    `selected` are the rows that are selected already, such as before the page was left.
    """

    points: CloudPoints
    groups: list[CloudGroup]
    classes: list[str]
    address: str
    label: str
    height: int
    version: str
    selected: list[int]


def ask_points(
    dataset: str,
    cloud: Cloud,
    *,
    key: str,
    label: str,
    version: str,
) -> list[int]:
    """Show images as points and ask which are selected.

    Args:
        dataset: id of the one that the images are of.
        cloud: the points.
        key: the widget's key.
        label: what is shown, for those who don't see it.
        version: another text says that other points are meant, of which none is selected.

    Returns:
        The rows of the selected images, in no order that means anything.
    """
    shown = set(cloud.points["row"])
    data: CloudData = {
        "points": cloud.points,
        "groups": cloud.groups,
        "classes": cloud.classes,
        "address": address(IMAGES, dataset=dataset),
        "label": label,
        "height": _HEIGHT_PX,
        "version": version,
        "selected": held_rows(key, version, shown),
    }
    result = _cloud(key=key, data=data, default={"selected": None}, on_selected_change=rerun)
    return meant_rows(result.selected, version, shown)
