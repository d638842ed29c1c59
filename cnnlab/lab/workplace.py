"""The home folder with its stores, opened once for each process."""

import functools
import os
from dataclasses import dataclass
from pathlib import Path

from cnnlab.settings import check_settings
from cnnlab.storage.database import database_address, describe_database, open_database
from cnnlab.storage.datasets import DatasetStore
from cnnlab.storage.home import Home, open_home
from cnnlab.storage.runs import RunStore
from cnnlab.storage.studies import StudyStore


@dataclass(frozen=True)
class Workplace:
    """The home folder and what is stored in it.

    Attributes:
        home: the folder.
        database: what lists datasets and runs, and where it is, in words.
        datasets: the imported ones.
        runs: the queue and all that ended.
        studies: comparisons; their runs are among the runs.
    """

    home: Home
    database: str
    datasets: DatasetStore
    runs: RunStore
    studies: StudyStore


def workplace() -> Workplace:
    """The workplace that `CNNLAB_HOME` and `CNNLAB_DATABASE` name at this moment.

    Raises:
        ConfigError: a setting in the environment can't be taken.
        StorageError: the folder or its database can't be opened.
    """
    return _open(os.environ.get("CNNLAB_HOME", ""), database_address())


@functools.lru_cache(maxsize=8)
def _open(root: str, address: str) -> Workplace:
    check_settings()
    home = open_home(Path(root) if root else None)
    engine = open_database(home.database, address)
    stores = DatasetStore(home, engine), RunStore(engine, home), StudyStore(home, engine)
    return Workplace(home, describe_database(engine), *stores)
