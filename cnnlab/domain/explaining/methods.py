"""The ways to say where a network looks, and what each of them shows and doesn't."""

from collections.abc import Sequence
from dataclasses import dataclass

from cnnlab.domain.records.explanation import MapFacts, PictureLayer, ShuffleCheck
from cnnlab.domain.words import called, counted, percent


@dataclass(frozen=True)
class Method:
    """A way to say where a network looks.

    Attributes:
        title: what it is called where it is chosen.
        shows: what a map of it shows, one sentence.
        hides: what it doesn't show, one sentence.
    """

    title: str
    shows: str
    hides: str


HIRESCAM = "hirescam"
INTEGRATED = "integrated_gradients"
OCCLUSION = "occlusion"

METHODS = {
    HIRESCAM: Method(
        "Inside the network (HiResCAM)",
        "Bright places of a picture inside the network raise the score of the class on the way "
        "from a grey picture to this one.",
        "It is coarse, and each of its cells knows more of the picture than the part that it "
        "covers.",
    ),
    INTEGRATED: Method(
        "Pixel by pixel (integrated gradients)",
        "Bright pixels raise the score of the class on the way from a grey picture to this one.",
        "Pixels that are nearly grey get nothing, even where the network uses them, and edges "
        "stand out.",
    ),
    OCCLUSION: Method(
        "By covering parts (occlusion)",
        "Where it is bright, the score of the class falls when a grey square covers that place; "
        "it needs nothing of the network but its answers.",
        "Two places that say the same hide each other: cover one, and the other still tells.",
    ),
}
"""By the names that commands and files take."""

DEFAULT_METHOD = HIRESCAM

MAPS_FORM = 3
"""Of maps: raised when they are made otherwise, so that what is kept of earlier ones is made anew.

2: compared with grey. 3: gradients averaged on the way from grey, of an earlier layer where much
follows.
"""

PREDICTED, TRUE, NAMED = "predicted", "true", "class"
"""Which class a map is of: the one that the model says, the picture's own, or one by its name."""

_NAMED_CLASSES = 20
_LEAST_TOLD = 0.01

CHANGES_BELOW, STAYS_FROM = 0.5, 0.7
"""A map counts as another one where its places are in an order that agrees less than the first, and
as the same from the second on; in between it may be either. An order turned around agrees too."""


def unknown_method(method: str) -> str:
    """What is said of a method that there isn't."""
    return f"method must be one of {', '.join(METHODS)}. Received: {method[:80]!r}"


def unknown_class(names: Sequence[str], name: str) -> str:
    """What is said of a class that a model doesn't know."""
    known = ", ".join(map(called, names[:_NAMED_CLASSES])) + (
        " ..." if len(names) > _NAMED_CLASSES else ""
    )
    return f"This model knows no class {name[:80]!r}; it knows: {known}."


def layer_words(layer: PictureLayer, title: str = "") -> str:
    """Of which picture inside the network a map is, as a sentence; `title` is the layer's block."""
    follow = "follows" if layer["behind"] == 1 else "follow"
    count = counted(layer["behind"], "convolution") if layer["behind"] else "no convolutions"
    name = f"'{title}'" if title else layer["name"]
    return (
        f"The map is of a picture inside the network: layer {name}, {layer['height']} × "
        f"{layer['width']}; {count} {follow}."
    )


def map_words(facts: MapFacts, layer: PictureLayer | None, title: str = "") -> list[str]:
    """What has to be known of a map, in sentences.

    Args:
        facts: of the map.
        layer: whose picture it is of; None for methods that take none.
        title: of the layer's block, where that is known.
    """
    against = percent(facts["against"], decimals=0)
    words = [f"Of all that the map says, {against} speaks against this class and stays dark."]
    if layer is not None:
        words.append(layer_words(layer, title))
    if facts["miss"] is not None:
        misses = (
            "less than 1 %" if facts["miss"] < _LEAST_TOLD else percent(facts["miss"], decimals=0)
        )
        words.append(
            f"Its pixels add up to the rise of the score from grey to this picture, but for "
            f"{misses} of all that it says."
        )
    return words


def check_words(check: ShuffleCheck | None) -> str:
    """What came of shuffling the weights, as a sentence; None where it couldn't be done."""
    asked = "The map changes when the weights are shuffled"
    if check is None:
        return (
            f"{asked}: can't tell, because that couldn't be tried (without images of the run's "
            "dataset, or on a full disk)."
        )
    signed, sizes = check["signed"], check["sizes"]
    if signed is None or sizes is None:
        return f"{asked}: can't tell, because the maps are the same everywhere."
    verdict, ending = _verdict(abs(signed), abs(sizes))
    return (
        f"{asked}: {verdict} (rank correlation {signed:.2f}, without signs {sizes:.2f}, mean of "
        f"{counted(check['pictures'], 'picture')}){ending}."
    )


def _verdict(signed: float, sizes: float) -> tuple[str, str]:
    """Whether maps change, and what follows; of the sizes of both correlations."""
    if max(signed, sizes) < CHANGES_BELOW:
        return "yes", ""
    if max(signed, sizes) < STAYS_FROM:
        return "can't tell", ", so a part of it may only show the picture"
    if signed >= STAYS_FROM:
        return "no", ", so it says little of what was learnt"
    return "no, but for its signs", ", so where it stands out says little of what was learnt"
