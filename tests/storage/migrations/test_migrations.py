"""A database of another version, or of another program."""

import functools
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, make_url

from cnnlab import __version__
from cnnlab.domain.errors import ForeignDatabaseError, StorageError
from cnnlab.domain.run import Run, Status
from cnnlab.storage.index.database import open_database, writing
from cnnlab.storage.index.schema import INDEX, metadata
from cnnlab.storage.migrations.upgrade import upgrade
from cnnlab.storage.runs.store import RunStore
from tests.storage.together import in_processes

FIRST_SCHEMA = """
CREATE TABLE datasets (id VARCHAR NOT NULL, name VARCHAR NOT NULL, created_at VARCHAR NOT NULL,
    summary JSON NOT NULL, PRIMARY KEY (id));
CREATE TABLE runs (id VARCHAR NOT NULL, name VARCHAR NOT NULL, dataset VARCHAR NOT NULL,
    config JSON NOT NULL, status VARCHAR NOT NULL, attempt INTEGER NOT NULL,
    created_at VARCHAR NOT NULL, started_at VARCHAR, ended_at VARCHAR, device VARCHAR,
    message VARCHAR, best_epoch INTEGER, last JSON NOT NULL, best JSON NOT NULL,
    sparkline JSON NOT NULL, PRIMARY KEY (id));
CREATE INDEX runs_by_status ON runs (status, id);
INSERT INTO runs VALUES ('old', 'old', 'd', '{}', 'finished', 1, '1', NULL, NULL, NULL, NULL,
    NULL, '{}', '{}', '[]');
"""
SECOND_SCHEMA = FIRST_SCHEMA + "ALTER TABLE runs ADD COLUMN losses INTEGER DEFAULT '0' NOT NULL;"
THIRD_SCHEMA = (
    SECOND_SCHEMA
    + """
ALTER TABLE runs ADD COLUMN origin JSON;
CREATE TABLE studies (id VARCHAR NOT NULL, dataset VARCHAR NOT NULL, created_at VARCHAR NOT NULL,
    content JSON NOT NULL, PRIMARY KEY (id));
"""
)
EARLIER = {"first": FIRST_SCHEMA, "second": SECOND_SCHEMA, "third": THIRD_SCHEMA}

NEWEST, FOLDER = INDEX.newest, INDEX.folder
NEXT = f"{NEWEST + 1:04}"
NEXT_STEP = f"""
from alembic import op
from sqlalchemy import Column, Integer
revision, down_revision = "{NEXT}", "{NEWEST:04}"
def upgrade():
    op.add_column("runs", Column("mood", Integer, server_default="3"))
"""


def _run(name, **values):
    return Run(name, name, "d", {}, Status.FINISHED, **values)


def made(database, statements):
    """Make a database by hand, as another program or version would."""
    path, address = database
    engine = create_engine(address or f"sqlite:///{path}")
    with engine.begin() as connection:
        for statement in filter(str.strip, statements.split(";")):
            connection.exec_driver_sql(statement)
    engine.dispose()


def rows_of(path, question):
    connection = sqlite3.connect(path)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


class MigrationContract:
    """What holds on every database; a subclass gives `database`."""

    @pytest.mark.parametrize("earlier", EARLIER)
    def test_a_database_from_before_there_were_numbers_goes_on(self, database, earlier):
        made(database, EARLIER[earlier])
        engine = open_database(*database)
        store = RunStore(engine)
        assert store.load("old") == _run("old", created_at="1")
        new = _run("new", origin={"run": "old", "epoch": 1}, changed_by_hand=True, lost_workers=2)
        store.create(new)
        assert store.load("new") == new
        with engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
            program = connection.exec_driver_sql("SELECT program FROM versions").scalar_one()
            noted = connection.exec_driver_sql("SELECT * FROM alembic_version").all()
        assert (program, noted) == (__version__, [(f"{NEWEST:04}",)])
        engine.dispose()

    def test_a_new_database_is_what_the_steps_make_of_one(self, database):
        engine = open_database(*database)
        with engine.connect() as connection:
            context = MigrationContext.configure(connection)
            assert compare_metadata(context, metadata) == []
            assert context.get_current_revision() == f"{NEWEST:04}"
        engine.dispose()
        assert ScriptDirectory(str(FOLDER)).get_current_head() == f"{NEWEST:04}"

    def test_only_the_steps_that_are_missing_are_taken(self, database, tmp_path):
        steps = tmp_path / "steps" / "versions"
        shutil.copytree(FOLDER / "versions", steps)
        (steps / f"v{NEXT}.py").write_text(NEXT_STEP)
        engine = open_database(*database)
        RunStore(engine).create(_run("a"))
        with writing(engine) as connection:
            connection.exec_driver_sql("DELETE FROM versions")
            upgrade(connection, replace(INDEX, folder=steps.parent))
            assert connection.exec_driver_sql("SELECT mood FROM runs").scalar_one() == 3
            context = MigrationContext.configure(connection)
            assert context.get_current_revision() == NEXT
        engine.dispose()

    @pytest.mark.parametrize(
        ("noted", "who"), [("", "a later version of cnnlab"), ("9.4", "cnnlab 9.4 ")]
    )
    def test_a_database_of_a_later_version_is_refused_untouched(self, database, noted, who):
        open_database(*database).dispose()
        later = "UPDATE alembic_version SET version_num = '0999';"
        if not database[1]:
            later += "PRAGMA user_version=999;"
        if noted:
            later += f"INSERT INTO versions VALUES (999, '{noted}', '2030')"
        made(database, later)
        before = self.content(database)
        with pytest.raises(ForeignDatabaseError, match=rf"made by {who}.*999.*update cnnlab"):
            open_database(*database)
        assert self.content(database) == before

    @pytest.mark.parametrize(
        "foreign",
        [
            "CREATE TABLE runs (run_uuid VARCHAR, name VARCHAR)",
            "CREATE TABLE alembic_version (version_num VARCHAR);"
            "INSERT INTO alembic_version VALUES ('bd07f7e963c5');"
            "CREATE TABLE runs (run_uuid VARCHAR); CREATE TABLE datasets (dataset_uuid VARCHAR)",
            FIRST_SCHEMA + "CREATE TABLE alembic_version (version_num VARCHAR);"
            "INSERT INTO alembic_version VALUES ('bd07f7e963c5');",
        ],
    )
    def test_a_database_of_another_program_is_refused_untouched(self, database, foreign):
        made(database, foreign)
        before = self.content(database)
        with pytest.raises(ForeignDatabaseError, match=r"isn't cnnlab's .*Nothing was changed\."):
            open_database(*database)
        assert self.content(database) == before


class TestSqliteMigration(MigrationContract):
    @pytest.fixture
    def database(self, sqlite):
        return sqlite

    def content(self, database):
        """All files beside the database with their bytes; the lock aside."""
        files = sorted(database[0].parent.iterdir())
        return {file.name: file.read_bytes() for file in files if file.suffix != ".lock"}

    @pytest.mark.parametrize(
        "foreign",
        [
            "PRAGMA application_id=1196444487",  # a GeoPackage
            "CREATE TABLE studies (study_id INTEGER); CREATE TABLE trials (trial_id INTEGER)",
            "PRAGMA user_version=7",
            THIRD_SCHEMA + "CREATE TABLE experiments (id VARCHAR)",
        ],
    )
    def test_a_file_of_another_program_is_refused_untouched(self, database, foreign):
        made(database, foreign + ";VACUUM" if "PRAGMA" in foreign else foreign)
        before = self.content(database)
        with pytest.raises(ForeignDatabaseError, match=r"cnnlab\.db isn't cnnlab's"):
            open_database(*database)
        assert self.content(database) == before

    def test_the_file_says_whose_it_is_and_a_copy_of_the_old_one_is_kept(self, database):
        path = database[0]
        for turn, name in enumerate(("cnnlab.db.version-0", "cnnlab.db.version-0-2")):
            path.unlink(missing_ok=True)
            made(database, FIRST_SCHEMA)
            open_database(*database).dispose()
            assert rows_of(path, "PRAGMA application_id") == [(INDEX.application_id,)]
            assert rows_of(path, "PRAGMA user_version") == [(NEWEST,)]
            kept = path.with_name(name)
            assert rows_of(kept, "SELECT id FROM runs") == [("old",)]
            assert rows_of(kept, "PRAGMA user_version") == [(0,)]
            assert len(list(path.parent.glob("*.version-0*"))) == turn + 1

    def test_a_full_disk_leaves_the_old_version_as_it_was(self, small_disk):
        path = small_disk / "cnnlab.db"
        made((path, ""), FIRST_SCHEMA)
        free = shutil.disk_usage(small_disk).free
        (small_disk / "ballast").write_bytes(bytes(max(0, free - 40_000)))
        with pytest.raises(StorageError, match="disk"):
            open_database(path, "")
        assert rows_of(path, "SELECT id FROM runs") == [("old",)]
        assert rows_of(path, "PRAGMA user_version") == [(0,)]
        (small_disk / "ballast").unlink()
        open_database(path, "").dispose()
        assert rows_of(path, "PRAGMA user_version") == [(NEWEST,)]


class TestPostgresqlMigration(MigrationContract):
    @pytest.fixture
    def database(self, postgresql):
        return postgresql

    def content(self, database):
        """All tables with their columns and rows."""
        engine = create_engine(make_url(database[1]))
        with engine.connect() as connection:
            tables = inspect(connection).get_table_names()
            found = {
                name: connection.exec_driver_sql(f"SELECT * FROM {name}").mappings().all()
                for name in tables
            }
        engine.dispose()
        return found


def _open_earlier(databases, number, meet):
    for database in databases:
        meet()
        engine = open_database(*database)
        RunStore(engine).create(_run(str(number)))
        engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_earlier_database_is_brought_up_once_by_four_at_once(tmp_path, kind, request):
    if kind == "sqlite":
        databases = [(tmp_path / f"{turn}.db", "") for turn in range(5)]
    else:
        server = request.getfixturevalue("postgresql_server")
        databases = [(tmp_path / "none.db", server.new_database()) for _ in range(3)]
    for database in databases:
        made(database, FIRST_SCHEMA)
    in_processes(4, functools.partial(_open_earlier, databases))
    for database in databases:
        engine = open_database(*database)
        assert len(RunStore(engine).list()) == 5
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT number FROM versions").all() == [(NEWEST,)]
        engine.dispose()
    assert len(list(tmp_path.glob("*.version-0*"))) == (5 if kind == "sqlite" else 0)


def test_alembic_is_loaded_for_a_step_only(tmp_path):
    program = (
        "import sys; from pathlib import Path\n"
        "from cnnlab.storage.index.database import open_database\n"
        "for _ in range(2): open_database(Path(sys.argv[1]), '').dispose()\n"
        "assert 'alembic' not in sys.modules"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "cnnlab.db")]
    assert subprocess.run(command, capture_output=True, text=True).stderr == ""
