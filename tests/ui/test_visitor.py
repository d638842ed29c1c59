"""Pages where people have accounts: each asks who it is, whatever it shows."""

import pytest

from cnnlab import lab
from cnnlab.lab.access import acting, sessions
from cnnlab.lab.access.acting import LOCAL, acting_as, acting_in
from cnnlab.lab.access.register import register
from cnnlab.ui import navigation, visitor
from tests.ui.apps import errors, go_to, open_page, words


@pytest.fixture
def accounts(home, monkeypatch):
    """Password mode with Ada, who has two workspaces; the key of her session."""
    monkeypatch.setenv("CNNLAB_AUTH", "password")
    monkeypatch.setattr(acting, "_providers", [visitor.of_this_page])
    known = register()
    ada = known.accounts.add("Ada").person
    known.workspaces.add("Other", owner=ada.id)
    return known.sessions.begin(ada.id, "192.0.2.7")


@pytest.fixture
def browser(monkeypatch):
    """Sets the key with which the browser of a page connected."""
    return lambda key: monkeypatch.setattr(visitor, "_key", lambda: key)


@pytest.mark.parametrize("page", navigation.PAGES)
@pytest.mark.parametrize("has_session", [False, True], ids=["without", "ended"])
def test_no_page_shows_anything_without_a_session(accounts, browser, page, has_session):
    browser(accounts if has_session else "")
    sessions.end_session(accounts)
    app = open_page(page)
    assert errors(app) == ["Nobody is signed in here, or not any more: sign in again."]
    assert (
        not app.title and not app.button and not words(app).replace(app.error[0].value, "").strip()
    )
    assert [(link.label, link.url) for link in app.get("link_button")] == [("Sign in", "./")]


def test_a_click_after_the_session_has_ended_changes_nothing(accounts, browser, upload):
    browser(accounts)
    with acting_as(acting_in(register().accounts.find("Ada").person)):
        dataset = lab.import_dataset(upload, name="Shades")
    app = open_page("data")
    app.button(key="delete_dataset").click().run()
    sessions.end_session(accounts)
    app.button(key="confirm_delete_dataset").click().run()
    assert errors(app) == ["Nobody is signed in here, or not any more: sign in again."]
    with acting_as(LOCAL):
        assert [one.id for one in lab.list_datasets()] == [dataset.id]


def test_the_corner_says_who_it_is_and_where(accounts, browser, monkeypatch):
    told = []
    monkeypatch.setattr(navigation, "render_account", told.append)
    browser(accounts)
    open_page("home")
    assert told[-1]["name"] == "Ada"
    here = [(one["title"], one["isHere"]) for one in told[-1]["workspaces"]]
    assert here == [("default", True), ("Other", False)]
    assert (told[-1]["change"], told[-1]["leave"]) == ("/api/workspace", "/api/sign-out")
    monkeypatch.setenv("CNNLAB_AUTH", "proxy")
    open_page("home")
    assert told[-1]["leave"] == ""


@pytest.mark.parametrize("page", ["people", "machines"])
def test_an_admin_who_is_in_no_workspace_reaches_what_they_look_after(accounts, browser, page):
    known = register()
    root = known.accounts.add("Root", is_admin=True).person
    browser(known.sessions.begin(root.id, "192.0.2.9"))
    app = open_page(page)
    assert not errors(app)
    assert app.title[0].value.startswith(page.capitalize())


def test_who_is_in_no_workspace_is_told_whom_to_ask(accounts, browser):
    known = register()
    browser(known.sessions.begin(known.accounts.add("Ben").person.id, "192.0.2.9"))
    assert not errors(open_page("people"))
    (told,) = errors(open_page("data"))
    assert told.startswith("You are in no workspace yet")


def test_what_one_person_left_in_a_page_another_one_doesnt_find(accounts, browser):
    browser(accounts)
    app = open_page("home")
    app.session_state["typed"] = "hers"
    app.run()
    assert "typed" in app.session_state
    known = register()
    browser(known.sessions.begin(known.accounts.add("Ben").person.id, "192.0.2.8"))
    app.run()
    assert "typed" not in app.session_state


def test_another_workspace_shows_its_own_and_begins_anew(accounts, browser, upload):
    browser(accounts)
    with acting_as(LOCAL):
        lab.import_dataset(upload, name="Shades")
    app = open_page("data")
    assert app.selectbox(key="dataset_select").value
    other = [one.id for one in register().workspaces.all() if one.title == "Other"]
    sessions.enter_workspace(accounts, other[0])
    app.run()
    go_to(app, "data")
    assert "dataset_select" not in [box.key for box in app.selectbox] and not app.error


def test_without_accounts_there_is_no_corner(home, monkeypatch):
    monkeypatch.setattr(navigation, "render_account", pytest.fail)
    assert not open_page("home").error
