"""What was found inside a run's net."""

from typing import NotRequired, TypedDict


class ShownLayer(TypedDict):
    """A picture-shaped layer whose most active units are shown.

    Attributes:
        name: in the network.
        height: of its maps, places; `width` likewise.
        units: how many it has; `silent` of them are 0 everywhere on this picture.
        low: the value that is drawn black; `high` is drawn white.
        shown: numbers of the units that are shown, the most active first.
    """

    name: str
    height: int
    width: int
    units: int
    silent: int
    low: float
    high: float
    shown: list[int]


class FeatureMaps(TypedDict):
    """What the layers make of one picture; the shades lie in a file beside it.

    Attributes:
        row: of the picture in the dataset.
        layers: in the order of the network; empty where none is picture-shaped.
        of_layers: how many layers are picture-shaped; an earlier version didn't tell.
    """

    row: int
    layers: list[ShownLayer]
    of_layers: NotRequired[int]


class PlaneFacts(TypedDict):
    """How much a plane of images shows.

    Attributes:
        shares: of the variance on each axis, 0..1; empty for t-SNE.
        kept: of the ten nearest images by features, the share that is among the ten nearest on it.
    """

    shares: list[float]
    kept: float | None


class InsideFound(TypedDict):
    """What was found; the arrays lie in a file beside it.

    Among these are `filters`, (filters, height, width, channels) float32, where `filter_layer` is
    named, and `filters_at_start`, of the same shape, where they can be drawn again as the run began
    with them; an earlier version didn't keep them.

    Attributes:
        model_epoch: 0-based epoch of the weights; None where that isn't known.
        planes: by method, `pca` and maybe `tsne`.
        validation: how many validation images were looked at; `of_validation` of so many.
        training: how many training images neighbours were looked for among; `of_training` likewise.
        features: values that the last layer reads of each picture.
        last_layer: the last picture-shaped layer, whose units are told of; empty where there is
            none.
        filter_layer: the convolution that reads the picture; empty where the first layer with
            weights is another one.
        example: the maps of one picture; None without a picture-shaped layer.
        seconds: that the work took.
    """

    model_epoch: int | None
    planes: dict[str, PlaneFacts]
    validation: int
    of_validation: int
    training: int
    of_training: int
    features: int
    last_layer: str
    filter_layer: str
    example: FeatureMaps | None
    seconds: float
