"""The ways to say where a network looks, and what each of them shows and doesn't."""

from collections.abc import Sequence
from dataclasses import dataclass

from cnnlab.domain.records.explanation import MapFacts, ShuffleCheck
from cnnlab.domain.words import counted, percent


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
        "In its last picture (HiResCAM)",
        "Bright places of the last picture inside the network raise the score of the class, "
        "compared with a grey picture.",
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

PREDICTED, TRUE, NAMED = "predicted", "true", "class"
"""Which class a map is of: the one that the model says, the picture's own, or one by its name."""

_NAMED_CLASSES = 20
_LEAST_TOLD = 0.01

CHANGES_BELOW = 0.5
"""A map counts as another one where its places are in an order that agrees less than this."""


def unknown_method(method: str) -> str:
    """What is said of a method that there isn't."""
    return f"method must be one of {', '.join(METHODS)}. Received: {method[:80]!r}"


def unknown_class(names: Sequence[str], name: str) -> str:
    """What is said of a class that a model doesn't know."""
    known = ", ".join(names[:_NAMED_CLASSES]) + (" ..." if len(names) > _NAMED_CLASSES else "")
    return f"This model knows no class {name[:80]!r}; it knows: {known}."


def map_words(facts: MapFacts) -> list[str]:
    """What has to be known of a map, in sentences."""
    against = percent(facts["against"], decimals=0)
    words = [f"Of all that the map says, {against} speaks against this class and stays dark."]
    if facts["miss"] is not None:
        misses = (
            "less than 1 %" if facts["miss"] < _LEAST_TOLD else percent(facts["miss"], decimals=0)
        )
        words.append(
            f"Its pixels add up to the rise of the score from grey to this picture, but for "
            f"{misses} of it."
        )
    return words


def check_words(check: ShuffleCheck) -> str:
    """What came of shuffling the weights, as a sentence."""
    asked = "The map changes when the weights are shuffled"
    if check["all"] is None:
        return f"{asked}: can't tell, because the maps are the same everywhere."
    is_other = check["all"] < CHANGES_BELOW
    ending = "" if is_other else ", so it says little of what was learnt"
    return (
        f"{asked}: {'yes' if is_other else 'no'} (rank correlation {check['all']:.2f}, mean of "
        f"{counted(check['pictures'], 'picture')}){ending}."
    )
