"""The table of all kinds of work, made of the files in `kinds/`."""

import importlib
import pkgutil
from typing import Any

from cnnlab.jobs import kinds
from cnnlab.jobs.kind import Kind


def _collected() -> dict[str, Kind[Any, Any]]:
    names = sorted(module.name for module in pkgutil.iter_modules(kinds.__path__))
    found = (importlib.import_module(f"{kinds.__name__}.{name}").KIND for name in names)
    return {kind.name: kind for kind in found}


KINDS = _collected()
"""The kinds by name."""
