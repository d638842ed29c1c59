"""Opening a database: at once, damaged, out of reach."""

import contextlib
import functools
import sqlite3
import sys

import pytest

from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Run, Status
from cnnlab.storage.index import database
from cnnlab.storage.index.database import open_database
from cnnlab.storage.runs.store import RunStore
from tests.storage.together import in_processes, in_threads
from tests.waiting import wait_until

ROUNDS = 10


def _run(name, **values):
    values = {"name": name, "dataset": "d", "config": {}, "status": Status.FINISHED} | values
    return Run(id=name, **values)


def _open_fresh(folder, number, meet):
    """Open a database that isn't there yet, again and again, in the same moment as the others."""
    for turn in range(ROUNDS):
        meet()
        engine = open_database(folder / f"{turn}.db", "")
        RunStore(engine).create(_run(f"{turn}-{number}"))
        engine.dispose()


@pytest.mark.parametrize("together", [in_threads, in_processes])
def test_a_fresh_file_is_opened_by_many_at_once(tmp_path, together):
    together(8, functools.partial(_open_fresh, tmp_path))
    for turn in range(ROUNDS):
        engine = open_database(tmp_path / f"{turn}.db", "")
        assert len(RunStore(engine).list()) == 8
        engine.dispose()


def _open_postgresql(addresses, number, meet):
    for address in addresses:
        meet()
        engine = open_database(None, address)
        RunStore(engine).create(_run(str(number)))
        engine.dispose()


@pytest.mark.parametrize("together", [in_threads, in_processes])
def test_an_empty_postgresql_is_opened_by_many_at_once(postgresql_server, together):
    addresses = [postgresql_server.new_database() for _ in range(3)]
    together(8, functools.partial(_open_postgresql, addresses))
    for address in addresses:
        engine = open_database(None, address)
        assert len(RunStore(engine).list()) == 8
        engine.dispose()


def test_every_connection_waits_for_others_and_brings_commits_to_the_disk(tmp_path):
    engine = open_database(tmp_path / "cnnlab.db", "")
    reader = engine.execution_options(begin="BEGIN")
    with reader.connect() as first, reader.connect() as second:
        for connection in (first, second):
            pragmas = {"journal_mode": "wal", "busy_timeout": 30_000, "synchronous": 2}
            for name, value in pragmas.items():
                assert connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() == value
    engine.dispose()


def test_readers_do_not_wait_for_a_writer(tmp_path):
    engine = open_database(tmp_path / "cnnlab.db", "")
    store = RunStore(engine)
    store.create(_run("a"))
    with engine.begin() as connection:  # holds the write lock
        connection.exec_driver_sql("UPDATE runs SET name = 'other'")
        assert store.load("a").name == "a"
    engine.dispose()


def test_a_full_disk_is_said_and_what_was_stored_stays(small_disk):
    engine = open_database(small_disk / "cnnlab.db", "")
    store = RunStore(engine)
    store.create(_run("a"))
    with pytest.raises(StorageError, match="see that the disk has room"):
        for number in range(1000):
            store.create(_run(str(number), sparkline=[0.5] * 1000))
    assert store.load("a") == _run("a")
    engine.dispose()


@pytest.fixture
def filled(tmp_path):
    """Path of a sound database with rows that fill more than a page each."""
    path = tmp_path / "cnnlab.db"
    engine = open_database(path, "")
    for number in range(6):
        RunStore(engine).create(_run(str(number), sparkline=[0.123456789] * 1000))
    engine.dispose()
    return path


def _use(path):
    """Open a database and read all of it."""
    engine = open_database(path, "")
    try:
        RunStore(engine).list()
    finally:
        engine.dispose()


def test_any_lost_page_is_noticed_and_the_way_out_is_named(filled):
    sound = filled.read_bytes()
    with sqlite3.connect(filled) as connection:
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    pages = len(sound) // size
    assert pages > 20
    for page in range(pages):
        filled.write_bytes(sound[: page * size] + bytes(size) + sound[(page + 1) * size :])
        try:
            _use(filled)
        except StorageError as error:
            assert "cnnlab.db is damaged" in str(error)
            assert "`python -m cnnlab doctor --rebuild-index`" in str(error)
            assert "\n" not in str(error)
        else:
            pytest.fail(f"page {page} of {pages} was lost and nobody noticed")
    filled.write_bytes(sound)
    _use(filled)


@pytest.mark.parametrize("part", [0.3, 0.5, 0.99])
def test_a_cut_off_file_is_noticed_when_it_is_opened(filled, part):
    content = filled.read_bytes()
    filled.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(StorageError, match=r"damaged .*--rebuild-index"):
        open_database(filled, "")


def test_a_file_that_is_no_database_is_named(tmp_path):
    path = tmp_path / "cnnlab.db"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(StorageError, match=r"cnnlab\.db is damaged \(file is not a database\)"):
        open_database(path, "")


def test_a_file_that_vanishes_under_an_open_store_is_said(filled):
    engine = open_database(filled, "")
    store = RunStore(engine)
    assert store.list()
    for file in filled.parent.glob("cnnlab.db*"):
        file.unlink()
    with pytest.raises(StorageError, match="unable to open database file"):
        store.list()
    assert not filled.exists()  # nobody makes an empty one of it
    engine.dispose()


@pytest.mark.parametrize(
    "address",
    [
        "cnnlab",
        "mysql://me:hidden@host/lab",
        "postgresql://me:hid@den@host/lab",
        "postgresql://me:hidden@host:port/lab",
    ],
)
def test_an_address_that_cannot_be_read_is_explained(tmp_path, address):
    with pytest.raises(StorageError, match="CNNLAB_DATABASE must be like postgresql") as caught:
        open_database(tmp_path / "cnnlab.db", address)
    assert "hid" not in str(caught.value) and "den" not in str(caught.value)


def test_a_server_that_cannot_be_reached_is_named_without_the_password(tmp_path):
    address = f"postgresql+psycopg://me:hidden@/lab?host={tmp_path}&password=hidden"
    with pytest.raises(StorageError) as caught:
        open_database(tmp_path / "cnnlab.db", address)
    assert "CNNLAB_DATABASE" in str(caught.value) and "see that its server runs" in str(
        caught.value
    )
    assert "hidden" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_driver_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StorageError, match=r'CNNLAB_DATABASE .* pip install "psycopg\[binary\]"'):
        open_database(tmp_path / "cnnlab.db", "postgresql://me@host/lab")


def test_the_environment_names_the_database(tmp_path, monkeypatch, postgresql):
    monkeypatch.setenv("CNNLAB_DATABASE", postgresql[1])
    engine = open_database(tmp_path / "cnnlab.db")
    RunStore(engine).create(_run("a"))
    assert not (tmp_path / "cnnlab.db").exists()
    words = database.describe_database(engine)
    assert words.startswith("PostgreSQL, test_") and "its-secret" not in words
    engine.dispose()
    monkeypatch.setenv("CNNLAB_DATABASE", " ")
    open_database(tmp_path / "cnnlab.db").dispose()
    assert (tmp_path / "cnnlab.db").exists()


def test_of_many_connections_one_stays_open(tmp_path, postgresql):
    engine = open_database(tmp_path / "cnnlab.db", postgresql[1])
    with contextlib.ExitStack() as stack:
        for _ in range(7):
            stack.enter_context(database.reading(engine)).exec_driver_sql("SELECT 1")
    count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"

    def is_alone():
        with database.reading(engine) as connection:  # one transaction sees the same all the time
            return connection.exec_driver_sql(count).scalar_one() == 1

    wait_until(is_alone)
    engine.dispose()


def test_a_store_works_again_after_a_restart_of_its_server(postgresql_server, postgresql):
    engine = open_database(*postgresql)
    store = RunStore(engine)
    store.create(_run("a"))
    with engine.connect():  # one connection is in use while the server goes, others are in the pool
        postgresql_server.stop()
        try:
            with pytest.raises(StorageError, match="see that its server runs") as caught:
                store.list()
        finally:
            postgresql_server.start()
    assert "its-secret" not in str(caught.value)
    assert store.list() == [_run("a")]
    store.update("a", name="b")
    assert store.load("a").name == "b"
    engine.dispose()
