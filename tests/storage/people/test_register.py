"""Opening the register: at once, of another version, of another program."""

import functools
import shutil
from dataclasses import replace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from cnnlab.domain.errors import ForeignDatabaseError, StorageError
from cnnlab.storage.home import Home, open_home
from cnnlab.storage.index.database import open_database
from cnnlab.storage.people import register as opening
from cnnlab.storage.people.register import SCHEMA, open_register
from cnnlab.storage.people.schema import REGISTER, metadata
from tests.storage.together import in_processes

STEP = """
from alembic import op
from sqlalchemy import Column, String
revision, down_revision = "{next}", "{newest:04}"
def upgrade():
    op.add_column("people", Column("mood", String, server_default="good"))
"""


def test_a_new_register_is_what_the_steps_end_at(register):
    with register.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == f"{REGISTER.newest:04}"
    assert ScriptDirectory(str(REGISTER.folder)).get_current_head() == f"{REGISTER.newest:04}"


def test_the_register_and_the_index_share_a_database_and_no_table(register, place):
    home, address = place
    index = open_database(home.database, address)
    register.accounts.add("Ada")
    with index.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM runs").scalar_one() == 0
        number = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    index.dispose()
    assert number != f"{REGISTER.newest:04}"
    again = open_register(home, address)
    assert [each.person.name for each in again.accounts.all()] == ["Ada"]
    again.engine.dispose()


def test_an_index_is_no_register(tmp_path):
    home = open_home(tmp_path)
    open_database(home.people, "").dispose()
    before = home.people.read_bytes()
    with pytest.raises(ForeignDatabaseError, match=r"people\.db isn't cnnlab's.*has an account"):
        open_register(home, "")
    assert home.people.read_bytes() == before


def test_one_of_a_later_version_is_refused_untouched(register, place):
    with register.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0999'")
        if not place[1]:
            connection.exec_driver_sql("PRAGMA user_version=999")
    with pytest.raises(ForeignDatabaseError, match=r"999.*update cnnlab"):
        open_register(*place)


def test_a_damaged_register_is_told_from_an_index(tmp_path):
    home = open_home(tmp_path)
    home.people.write_bytes(b"not a database" * 100)
    with pytest.raises(StorageError, match=r"people\.db is damaged .*restore"):
        open_register(home, "")


def _use_together(place, changes, number, meet):
    opening.REGISTER = replace(REGISTER, **changes)
    meet()
    register = open_register(Home(place[0].root), place[1])
    register.audit.note(str(number))
    register.engine.dispose()


def _later(folder):
    """What is other in the layout of a next version of the register."""
    number = f"{REGISTER.newest + 1:04}"
    steps = folder / "steps" / "versions"
    if not steps.exists():
        shutil.copytree(REGISTER.folder / "versions", steps)
        text = STEP.format(next=number, newest=REGISTER.newest)
        (steps / f"v{number}.py").write_text(text)
    return {"newest": REGISTER.newest + 1, "folder": steps.parent}


def test_four_at_once_make_it_once_and_bring_it_up_once(place, tmp_path):
    home, address = place
    in_processes(4, functools.partial(_use_together, place, {}))
    changes = _later(tmp_path)
    later = replace(REGISTER, **changes)
    in_processes(4, functools.partial(_use_together, place, changes))
    engine = open_database(home.people, address, layout=later, schema=SCHEMA)
    with engine.connect() as connection:
        numbers = connection.exec_driver_sql("SELECT number FROM versions ORDER BY 1").scalars()
        assert list(numbers) == [REGISTER.newest, later.newest]
        noted = connection.exec_driver_sql("SELECT what FROM audit").scalars()
        assert sorted(noted) == sorted([*"0123"] * 2)
        titles = connection.exec_driver_sql("SELECT title FROM workspaces").scalars().all()
        assert titles == ["default"]
        connection.exec_driver_sql("SELECT mood FROM people").all()
    engine.dispose()
    kept = list(home.root.glob(f"people.db.version-{REGISTER.newest}*"))
    assert len(kept) == (0 if address else 1)
