"""What the browser is told of the ways to say where a model looks."""

from typing import TypedDict

from cnnlab.domain.explaining.heat import VIRIDIS
from cnnlab.domain.explaining.methods import METHODS


class MethodWords(TypedDict):
    """A way to say where a model looks.

    Attributes:
        name: a key of `METHODS`.
        title: what it is called.
        shows: what a map of it shows, one sentence; `hides` what it doesn't.
    """

    name: str
    title: str
    shows: str
    hides: str


def method_words() -> list[MethodWords]:
    """All of them, the default first."""
    return [
        {"name": name, "title": one.title, "shows": one.shows, "hides": one.hides}
        for name, one in METHODS.items()
    ]


def scale_colours() -> list[str]:
    """The colours of a map from nothing to most, as CSS writes them."""
    return [f"rgb({red} {green} {blue})" for red, green, blue in VIRIDIS]
