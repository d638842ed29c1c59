"""Where a network looks: what is told of one picture, and of several."""

from typing import NotRequired, TypedDict

# `class` is no name that Python allows in the other form.
_NamedClass = TypedDict("_NamedClass", {"class": str})


class ShuffleCheck(TypedDict):
    """Whether maps of a method depend on what the network has learnt.

    Adebayo et al. 2018, arXiv:1810.03292: maps that stay as they are when the weights are drawn
    anew can't say anything about them. New weights turn signs around by chance, so that maps which
    only show the picture agree and disagree in turns: hence both correlations.

    Attributes:
        method: whose maps.
        signed: mean rank correlation -1..1 with the maps after the weights of all layers were
            shuffled; None where no map has an order, as when all its places are alike.
        sizes: the same of the maps without their signs.
        pictures: of which maps were made.
    """

    method: str
    signed: float | None
    sizes: float | None
    pictures: int


class PictureLayer(TypedDict):
    """The layer whose picture a HiResCAM map is of.

    Attributes:
        name: of the layer.
        height: of its picture, in cells, as is `width`.
        behind: how many convolutions follow it.
    """

    name: str
    height: int
    width: int
    behind: int


class MapFacts(_NamedClass):
    """What is told of one map beside it; its class is the one whose score it is of.

    Attributes:
        method: a key of `METHODS`.
        against: share 0..1 of all that the map says that speaks against the class.
        miss: of integrated gradients, by how much the map fails to add up to the rise of the score,
            as a share of all that it says; None for other methods.
    """

    method: str
    against: float
    miss: float | None


class Explanation(TypedDict):
    """Where one run's model looks in a picture that is tried.

    Attributes:
        facts: of the map; missing where there is none.
        overlay: the map in colours, a PNG as a data URL, as wide and high as it has cells; missing
            likewise.
        check: None where it isn't known (yet).
        words: what has to be known of the map, in sentences.
        problem: why there is no map, in one sentence.
    """

    facts: NotRequired[MapFacts]
    overlay: NotRequired[str]
    check: ShuffleCheck | None
    words: NotRequired[list[str]]
    problem: NotRequired[str]


class ExplainedPicture(MapFacts):
    """One of several pictures.

    Attributes:
        file: what it is called.
        row: of the dataset; None for a file.
        predicted: the class that the model says, and its `probability`, 0..1.
    """

    file: str
    row: int | None
    predicted: str
    probability: float


class RefusedPicture(TypedDict):
    """A file that can't be read as a picture, and why, as the end of a sentence."""

    file: str
    reason: str


class Explained(TypedDict):
    """What came of explaining several pictures; the maps lie in the job's folder, in this order.

    Attributes:
        pictures: those with a map.
        refused: files that are none.
        check: of the method; None where it couldn't be made.
        layer: whose picture was taken; None for methods that take none.
        seconds: that it took.
    """

    pictures: list[ExplainedPicture]
    refused: list[RefusedPicture]
    check: ShuffleCheck | None
    layer: PictureLayer | None
    seconds: float
