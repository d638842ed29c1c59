"""Both databases: a SQLite file, and PostgreSQL where Debian's server is there."""

import pytest

from tests.storage.postgresql import HOW_TO_GET_IT, Server, find_binaries


@pytest.fixture(scope="session")
def postgresql_server():
    binaries = find_binaries()
    if binaries is None:
        pytest.skip(HOW_TO_GET_IT)
    server = Server(binaries)
    server.start()
    yield server
    server.remove()


@pytest.fixture
def sqlite(tmp_path):
    """What `open_database` is given: the path of a file that isn't there yet."""
    return tmp_path / "cnnlab.db", ""


@pytest.fixture
def postgresql(tmp_path, postgresql_server):
    """What `open_database` is given: an empty database."""
    return tmp_path / "not-used.db", postgresql_server.new_database()
