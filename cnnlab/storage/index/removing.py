"""Deleting a whole home: that of a workspace which nobody wants any more."""

from sqlalchemy import Engine
from sqlalchemy.schema import DropSchema

from cnnlab.files import remove_folder
from cnnlab.storage.home import Home
from cnnlab.storage.index.database import writing


def remove_home(home: Home, engine: Engine) -> None:
    """Delete a home and what a PostgreSQL database lists of it.

    Args:
        home: of a workspace, but not that of the installation.
        engine: its database; of no use afterwards.

    Raises:
        StorageError: database or folder can't be written.
    """
    if engine.dialect.name == "postgresql":
        with writing(engine) as connection:
            connection.execute(DropSchema(home.schema, cascade=True, if_exists=True))
    engine.dispose()
    remove_folder(home.root)
