"""The formats that there are, found by their files."""

import functools
import importlib
import pkgutil

from cnnlab.domain.errors import BadInputError
from cnnlab.exports import formats
from cnnlab.exports.format import Format
from cnnlab.exports.model_format import ModelFormat

KERAS = "keras"
"""The format of every model; a run writes it itself at its end, unless it belongs to a study."""


@functools.cache
def all_formats() -> dict[str, Format]:
    """Every format by its name, Keras' own first."""
    modules = [module.name for module in pkgutil.iter_modules(formats.__path__)]
    names = [name for name in modules if not name.startswith("_")]  # others are shared by formats
    found = [importlib.import_module(f"{formats.__name__}.{name}").FORMAT for name in names]
    return {each.name: each for each in sorted(found, key=lambda each: each.name != KERAS)}


def find_format(name: str) -> Format:
    """The format of a name.

    Raises:
        BadInputError: there is none.
    """
    known = all_formats()
    if name not in known:
        raise BadInputError(f"The format must be one of {', '.join(known)}. Received: {name!r}")
    return known[name]


def find_model_format(name: str) -> ModelFormat:
    """The format of a name, one that holds a model.

    Raises:
        BadInputError: there is none.
    """
    chosen = find_format(name)
    if not isinstance(chosen, ModelFormat):
        models = [each.name for each in all_formats().values() if isinstance(each, ModelFormat)]
        raise BadInputError(f"A model is written as one of {', '.join(models)}. Received: {name!r}")
    return chosen
