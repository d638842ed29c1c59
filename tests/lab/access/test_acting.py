"""Who acts, and in which workspace what they call for is looked for."""

import contextvars
import threading

import pytest

from cnnlab import lab
from cnnlab.domain.errors import NotAllowedError, NotFoundError, NotSignedInError
from cnnlab.domain.people.person import Person, Role
from cnnlab.domain.people.workspace import DEFAULT_WORKSPACE
from cnnlab.lab.access import acting as module
from cnnlab.lab.access.acting import LOCAL, Acting, acting, acting_as, acting_in, ask_who, local_in
from cnnlab.lab.access.register import register, register_if_made
from cnnlab.lab.workplace import workplace


@pytest.fixture
def accounts(home, monkeypatch):
    """A home whose people have accounts."""
    monkeypatch.setattr(module, "have_accounts", lambda: True)
    monkeypatch.setattr(module, "_providers", [])


def test_without_accounts_everybody_is_the_one_who_started_the_app(home):
    assert acting() == LOCAL
    assert workplace().home.root == home
    assert not (home / "people.db").exists()


def test_with_accounts_nothing_is_done_for_nobody(accounts):
    for call in (acting, workplace, lab.list_datasets, lab.list_runs):
        with pytest.raises(NotSignedInError, match="sign in"):
            call()
    with acting_as(LOCAL):
        assert lab.list_runs() == []
    with pytest.raises(NotSignedInError):
        acting()


def test_a_page_is_asked_who_looks_at_it(accounts):
    somebody = Acting(Person("a", "Ada"), DEFAULT_WORKSPACE, Role.VIEWER)
    ask_who(lambda: somebody)
    assert acting() == somebody
    ask_who(lambda: None)
    with pytest.raises(NotSignedInError):
        acting()


def test_what_is_said_goes_along_into_threads_that_take_the_context(accounts):
    found = []
    with acting_as(LOCAL):
        context = contextvars.copy_context()
    thread = threading.Thread(target=lambda: found.append(context.run(acting)))
    thread.start()
    thread.join()
    assert found == [LOCAL]


def test_an_id_of_another_workspace_is_missing(home, upload, dataset):
    one = register().workspaces.add("One")
    with acting_as(local_in("one")):
        assert workplace().home.root == home / "workspaces" / one.id
        assert lab.list_datasets() == []
        with pytest.raises(NotFoundError) as foreign:
            lab.load_dataset(dataset.id)
        with pytest.raises(NotFoundError) as missing:
            lab.load_dataset("no-such-thing")
        assert str(foreign.value) == str(missing.value).replace("no-such-thing", dataset.id)
        mine = lab.import_dataset(upload, name="Mine")
    assert [each.name for each in lab.list_datasets()] == [dataset.name]
    with acting_as(local_in(one.id)):
        assert lab.list_datasets() == [mine]


def test_a_workspace_that_is_not_there_is_said_and_makes_nothing(home):
    with pytest.raises(NotFoundError, match="workspace add TITLE"):
        local_in("One")
    assert register_if_made() is None
    gone = register().workspaces.add("Gone")
    with acting_as(local_in("Gone")):
        register().workspaces.delete(gone.id)
        with pytest.raises(NotFoundError, match="No workspace is called"):
            workplace()
    assert not (home / "workspaces").exists()


def test_somebody_is_in_one_of_their_workspaces_or_in_none(home):
    known = register()
    ada, bo = (known.accounts.add(name).person for name in ("Ada", "Bo"))
    one, two = (known.workspaces.add(title) for title in ("One", "Two"))
    assert acting_in(bo) == Acting(bo, "", None)
    with acting_as(acting_in(bo)), pytest.raises(NotAllowedError, match="in no workspace yet"):
        workplace()
    known.workspaces.set_role(two.id, bo.id, Role.VIEWER)
    assert acting_in(bo, one.id, "10.0.0.7") == Acting(bo, two.id, Role.VIEWER, "10.0.0.7")
    assert acting_in(ada).workspace == DEFAULT_WORKSPACE
    known.workspaces.set_role(one.id, ada.id, Role.EDITOR)
    assert acting_in(ada, one.id) == Acting(ada, one.id, Role.EDITOR)
