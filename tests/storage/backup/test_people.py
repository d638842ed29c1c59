"""The register in a backup: kept from one database, brought into another."""

import stat
from dataclasses import replace

import pytest

from cnnlab.domain.errors import BadInputError, ForeignDatabaseError, RunStateError, UploadError
from cnnlab.domain.people.person import Role
from cnnlab.domain.people.workspace import Quota
from cnnlab.storage.backup.people import bring_people, keep_people
from cnnlab.storage.home import open_home
from cnnlab.storage.index.database import open_database
from cnnlab.storage.people.register import open_register
from tests.storage.people.conftest import cheap_passwords, clock, place, register  # noqa: F401


@pytest.fixture
def kept(register, tmp_path):  # noqa: F811
    """A backup of a register with two people in two workspaces."""
    ada = register.accounts.add("Ada", password="correct horse", is_admin=True).person
    ben = register.accounts.add("Ben", email="ben@uni.example").person
    shared = register.workspaces.add("Shared", Quota(running_runs=2), owner=ada.id)
    register.workspaces.set_role(shared.id, ben.id, Role.VIEWER)
    register.sessions.begin(ada.id, "192.0.2.1")
    for number in range(3):
        register.audit.note(f"did_{number}", person="Ada", workspace=shared.id)
    keep_people(register.engine, tmp_path / "people.db")
    return tmp_path / "people.db"


@pytest.fixture
def other(tmp_path, clock):  # noqa: F811
    made = open_register(open_home(tmp_path / "other"), "", clock)
    yield made
    made.engine.dispose()


def test_everybody_is_there_again_and_nobody_is_signed_in(kept, register, other, tmp_path):  # noqa: F811
    bring_people(kept, other.engine, tmp_path / "beside.db")
    assert other.accounts.all() == register.accounts.all()
    assert other.accounts.check("Ada", "correct horse").name == "Ada"
    assert other.workspaces.all() == register.workspaces.all()
    for workspace in other.workspaces.all():
        assert other.workspaces.members(workspace.id) == register.workspaces.members(workspace.id)
    assert other.sessions.counts() == {}
    assert list(other.audit.all()) == list(register.audit.all())
    other.audit.note("later")
    assert [entry.what for entry in other.audit.all()] == ["did_0", "did_1", "did_2", "later"]
    assert sorted(path.name for path in tmp_path.glob("*.db*")) == ["people.db"]


def test_only_its_owner_reads_it(kept):
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_people_who_are_there_stay(kept, register, tmp_path):  # noqa: F811
    before = register.accounts.all()
    with pytest.raises(RunStateError, match="have accounts here already"):
        bring_people(kept, register.engine, tmp_path / "beside.db")
    assert register.accounts.all() == before


def test_workspaces_that_are_there_stay(kept, register, other, tmp_path):  # noqa: F811
    mine = other.workspaces.add("Mine", Quota(queued_runs=7))
    bring_people(kept, other.engine, tmp_path / "beside.db")
    shared = register.workspaces.find("Shared")
    assert other.workspaces.all() == [other.workspaces.find("default"), mine, shared]


def test_another_workspace_with_the_same_title_is_refused(kept, other, tmp_path):
    mine = other.workspaces.add("SHARED")
    with pytest.raises(RunStateError, match="another workspace here .* 'Shared'"):
        bring_people(kept, other.engine, tmp_path / "beside.db")
    assert [each.id for each in other.workspaces.all()] == ["default", mine.id]
    assert other.accounts.all() == []


def test_what_is_brought_again_is_there_once(register, other, tmp_path):  # noqa: F811
    register.workspaces.add("Shared")
    register.links.add("default", "run", "r", made_by="Ada")
    keep_people(register.engine, tmp_path / "people.db")
    for _ in range(2):
        bring_people(tmp_path / "people.db", other.engine, tmp_path / "beside.db")
    assert other.workspaces.all() == register.workspaces.all()
    assert [link.object for link in other.links.of_workspace("default")] == ["r"]


def test_no_link_comes_back_to_life(register, other, tmp_path):  # noqa: F811
    """One that was revoked after the backup would open again."""
    secret, link = register.links.add("default", "run", "r", made_by="Ada")
    keep_people(register.engine, tmp_path / "people.db")
    assert register.links.revoke("default", link.key_hash)
    bring_people(tmp_path / "people.db", other.engine, tmp_path / "beside.db")
    assert other.links.find(secret) is None
    assert other.links.of_workspace("default") == [replace(link, revoked=True)]
    later, _ = other.links.add("default", "run", "r", made_by="Ada")
    assert other.links.find(later)


@pytest.mark.parametrize("content", [b"", b"no database" * 500])
def test_what_is_no_register_brings_nobody(other, tmp_path, content):
    (tmp_path / "bad.db").write_bytes(content)
    with pytest.raises(UploadError, match=r"bad\.db is damaged"):
        bring_people(tmp_path / "bad.db", other.engine, tmp_path / "beside.db")
    with pytest.raises(BadInputError, match="There is no file"):
        bring_people(tmp_path / "none.db", other.engine, tmp_path / "beside.db")
    assert [each.id for each in other.workspaces.all()] == ["default"]


def test_another_database_is_refused(other, tmp_path):
    open_database(tmp_path / "index.db", "").dispose()
    with pytest.raises(ForeignDatabaseError):
        bring_people(tmp_path / "index.db", other.engine, tmp_path / "beside.db")
    assert [path.name for path in tmp_path.glob("beside*")] == []
