"""The parts of trying a model: an area for pictures, the camera, and what the models say.

A picture goes from the browser to our own route and the answer back: the page isn't run again.
"""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TypedDict

from cnnlab.datasets.limits import MAX_IMAGE_BYTES
from cnnlab.lab import ImageFacts
from cnnlab.server.access import access_token
from cnnlab.server.addresses import IMAGES, PREDICT, UPLOADS, address
from cnnlab.server.images import LARGEST_PX
from cnnlab.ui.components.shared.component import browser_component, rerun
from cnnlab.ui.components.shared.looks import MethodWords, method_words, scale_colours
from cnnlab.ui.text import plain

_predict = browser_component("predict")

_SMALL_PX, _WHOLE_PX = 128, LARGEST_PX


class PredictSample(TypedDict):
    """A picture that is there to be tried.

    Attributes:
        name: of its file.
        label: its class.
        small: address of it, made small.
        whole: address of what models are asked of.
    """

    name: str
    label: str
    small: str
    whole: str


class PredictData(TypedDict):
    """What each part of a page is given.

    Attributes:
        part: `upload`, `samples`, `camera` or `prediction`.
        place: on which the parts share what they show: of a page, or of a panel.
        address: where pictures are sent; `uploads` where several are.
        uploads: of several pictures, and of one that is to be kept.
        token: that our routes want.
        names: what each run that is asked is called, by its id, in their order.
        most_bytes: of one picture.
        many: whether several are taken, for a table.
        addable: whether a picture can be added to a dataset.
        methods: the ways to say where a model looks.
        classes: whose score maps can be of: all that the models know.
        scale: colours of a map from nothing to most, as CSS writes them.
        samples: pictures that are there to be tried.
    """

    part: str
    place: str
    address: str
    uploads: str
    token: str
    names: dict[str, str]
    most_bytes: int
    many: bool
    addable: bool
    methods: list[MethodWords]
    classes: list[str]
    scale: list[str]
    samples: list[PredictSample]


class Sent(TypedDict):
    """What came to the server as an upload: its token, and what it was called."""

    token: str
    name: str


def render_camera(place: str, names: Mapping[str, str]) -> None:
    """The camera, which asks the models again and again; off until somebody starts it.

    Args:
        place: on which the parts share what they show.
        names: what each run that is asked is called, by its id.
    """
    _predict(key="camera", data=_data("camera", place, names))


def render_samples(
    place: str, names: Mapping[str, str], dataset: str, samples: Sequence[ImageFacts]
) -> None:
    """Pictures of a dataset, a click on one of which asks the models of it.

    Args:
        place: on which the parts share what they show.
        names: what each run that is asked is called, by its id.
        dataset: id of the dataset that has them.
        samples: the pictures.
    """
    images = address(IMAGES, dataset=dataset)
    data = _data("samples", place, names)
    data["samples"] = [
        {
            "name": plain(PurePosixPath(each.file).name, limit=100),
            "label": plain(each.label, limit=40),
            "small": f"{images}/{each.row}?px={_SMALL_PX}",
            "whole": f"{images}/{each.row}?px={_WHOLE_PX}",
        }
        for each in samples
    ]
    _predict(key="predict_samples", data=data)


def ask_pictures_to_predict(place: str, names: Mapping[str, str], *, many: bool) -> Sent | None:
    """The area for pictures: one is answered beside it.

    Args:
        place: on which the parts share what they show.
        names: what each run that is asked is called, by its id.
        many: whether several, a folder or an archive are taken as well.

    Returns:
        Several that were just uploaded, once.
    """
    data = _data("upload", place, names, many=many)
    result = _predict(key="predict_upload", data=data, on_many_change=rerun)
    sent: Sent | None = result.many
    return sent


def render_prediction(
    place: str, names: Mapping[str, str], *, addable: bool, classes: Sequence[str]
) -> Sent | None:
    """What the models say of the picture.

    Args:
        place: on which the parts share what they show.
        names: what each run that is asked is called, by its id.
        addable: whether there is a button to add the picture to a dataset.
        classes: all that the models know.

    Returns:
        A picture that is to be added, once.
    """
    data = _data("prediction", place, names, addable=addable, classes=classes)
    result = _predict(key="prediction", data=data, on_add_change=rerun)
    sent: Sent | None = result.add
    return sent


def _data(
    part: str,
    place: str,
    names: Mapping[str, str],
    *,
    many: bool = False,
    addable: bool = False,
    classes: Sequence[str] = (),
) -> PredictData:
    return {
        "part": part,
        "place": place,
        "address": address(PREDICT),
        "uploads": address(UPLOADS),
        "token": access_token(),
        "names": dict(names),
        "most_bytes": MAX_IMAGE_BYTES,
        "many": many,
        "addable": addable,
        "methods": method_words(),
        "classes": list(classes),
        "scale": scale_colours(),
        "samples": [],
    }
