"""The register of people of this installation, opened once for each process."""

import os
import threading
from pathlib import Path

from cnnlab.storage.home import named_home, open_home
from cnnlab.storage.index.database import database_address
from cnnlab.storage.people.register import Register, open_register

_MOST_OPEN = 8
"""Tests and scripts go from home to home."""

_lock = threading.Lock()
_known: dict[tuple[str, str], Register] = {}


def register() -> Register:
    """The register that `CNNLAB_HOME` and `CNNLAB_DATABASE` name at this moment, made if needed.

    Raises:
        ForeignDatabaseError: it is another program's or of a later version of cnnlab.
        StorageError: it is damaged or can't be opened.
    """
    root, address = place = os.environ.get("CNNLAB_HOME", ""), database_address()
    with _lock:
        known = _known.get(place)
        if known is None or not (address or known.home.people.exists()):
            _known.pop(place, None)
            known = _known[place] = open_register(open_home(Path(root) if root else None), address)
            if len(_known) > _MOST_OPEN:
                _known.pop(next(iter(_known)))
    return known


def register_if_made() -> Register | None:
    """The register, None where nobody was ever added: no file is made by asking.

    Raises:
        ForeignDatabaseError: it is another program's or of a later version of cnnlab.
        StorageError: it is damaged or can't be opened.
    """
    root = os.environ.get("CNNLAB_HOME", "")
    home = named_home(Path(root) if root else None)
    return register() if database_address() or home.people.exists() else None
