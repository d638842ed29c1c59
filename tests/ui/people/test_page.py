"""The People page: what owners, admins and others find there, and what comes of a click."""

from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher
from streamlit.testing.v1 import AppTest

from cnnlab.domain.people.person import Role
from cnnlab.lab.access import acting as acting_module
from cnnlab.lab.access.acting import acting_in
from cnnlab.lab.access.register import register
from cnnlab.lab.people.own import OWN_WORKSPACES, looks_after_people
from cnnlab.storage.home import open_home
from cnnlab.storage.people import passwords

PARTS = ["Members", "My workspaces", "Accounts", "All workspaces", "Who did what"]


def _page():
    from cnnlab.ui.people.page import render_people  # noqa: PLC0415 - of the script

    render_people()


@pytest.fixture
def people(home, monkeypatch):
    """Ada is the admin and owns `default`; Ben edits there and owns another one."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(1, 8, 1))
    monkeypatch.setenv("CNNLAB_AUTH", "password")
    known = register()
    ada = known.accounts.add("Ada").person
    ben = known.accounts.add("Ben", email="ben@uni.example").person
    known.workspaces.set_role("default", ben.id, Role.EDITOR)
    place = known.workspaces.add("Ben's lab", owner=ben.id).id
    return SimpleNamespace(ada=ada, ben=ben, place=place, known=known)


@pytest.fixture
def open_as(people, monkeypatch):
    """Opens the page in somebody's name, in a workspace, at one of its parts."""

    def opened(person, workspace="default", part=None):
        provider = lambda: acting_in(person, workspace)  # noqa: E731 - asked whenever it's needed
        monkeypatch.setattr(acting_module, "_providers", [provider])
        app = AppTest.from_function(_page, default_timeout=30).run()
        if part:
            app.segmented_control(key="people_part").set_value(part).run()
        assert not app.exception
        return app

    return opened


def words(app):
    parts = [*app.markdown, *app.caption, *app.error, *app.success, *app.info, *app.header]
    return "\n".join(element.value for element in parts)


def roles(people, place="default"):
    return {one.person.name: one.role for one in people.known.workspaces.members(place)}


def test_an_admin_finds_all_parts_an_owner_two_and_others_their_workspaces(open_as, people):
    assert open_as(people.ada).segmented_control(key="people_part").options == PARTS
    here = open_as(people.ben, people.place)
    assert here.segmented_control(key="people_part").options == PARTS[:2]
    assert open_as(people.ben).segmented_control(key="people_part").options == PARTS[1:2]


@pytest.mark.parametrize(("setting", "is_named"), [("yes", True), ("no", False)])
def test_who_may_make_a_workspace_finds_the_page_in_the_menu(
    open_as, people, monkeypatch, setting, is_named
):
    monkeypatch.setenv(OWN_WORKSPACES, setting)
    app = open_as(people.ben)  # edits here
    assert bool(app.text_input) is is_named
    assert looks_after_people() is is_named
    open_as(people.ben, people.place)
    assert looks_after_people()


def test_an_owner_adds_changes_and_removes_members(open_as, people):
    cy = people.known.accounts.add("Cy").person
    app = open_as(people.ada)
    app.text_input(key="member_name").set_value("Cy")
    app.selectbox(key="member_role").set_value(Role.VIEWER)
    app.button(key="confirm_add_member").click().run()
    assert roles(people)["Cy"] is Role.VIEWER
    app.selectbox(key=f"member_role_{cy.id}").set_value(Role.EDITOR).run()
    assert roles(people)["Cy"] is Role.EDITOR
    app.button(key=f"remove_member_{cy.id}").click().run()
    assert "Cy" not in roles(people)
    assert "Cy can't come in any more" in words(app)


def test_the_last_owner_stays_and_is_shown_as_one(open_as, people):
    app = open_as(people.ada)
    app.button(key=f"remove_member_{people.ada.id}").click().run()
    assert "last owner" in words(app)
    app.selectbox(key=f"member_role_{people.ada.id}").set_value(Role.VIEWER).run()
    assert "last owner" in words(app)
    assert app.selectbox(key=f"member_role_{people.ada.id}").value is Role.OWNER
    assert roles(people)["Ada"] is Role.OWNER


def test_a_name_that_nobody_has_is_said(open_as, people):
    app = open_as(people.ada)
    app.text_input(key="member_name").set_value("Nobody")
    app.button(key="confirm_add_member").click().run()
    assert "Nobody is called 'Nobody'" in words(app)


def test_a_workspace_is_made_by_oneself_unless_the_admin_says_no(open_as, people, monkeypatch):
    app = open_as(people.ben)
    app.text_input(key="new_workspace").set_value("Second lab")
    app.button(key="confirm_make_workspace").click().run()
    made = people.known.workspaces.find("Second lab")
    assert roles(people, made.id) == {"Ben": Role.OWNER}
    monkeypatch.setenv("CNNLAB_OWN_WORKSPACES", "no")
    assert not open_as(people.ben).text_input


def test_an_owner_calls_the_workspace_otherwise(open_as, people):
    app = open_as(people.ben, people.place)
    app.text_input(key="workspace_title").set_value("The lab")
    app.button(key="confirm_rename_workspace").click().run()
    assert people.known.workspaces.find(people.place).title == "The lab"
    assert "The lab" in words(app)


def test_an_owner_finds_all_links_and_ends_them(open_as, people):
    secret, link = people.known.links.add("default", "run", "some-run", made_by="Ben")
    app = open_as(people.ada)
    assert "some-run" in words(app).replace("\\", "") and "by Ben" in words(app)
    app.button(key=f"revoke_shared_{link.key_hash[:12]}").click().run()
    assert people.known.links.find(secret) is None
    assert "leads nowhere any more" in words(app) and "Links that work" not in words(app)


def test_an_admin_adds_an_account_and_ends_sessions_and_keeps_out(open_as, people):
    people.known.sessions.begin(people.ben.id, "192.0.2.7")
    app = open_as(people.ada, part="Accounts")
    assert "signed in at 1 place" in words(app)
    app.button(key=f"sign_out_{people.ben.id}").click().run()
    assert people.ben.id not in people.known.sessions.counts()
    app.button(key=f"disable_{people.ben.id}").click().run()
    assert people.known.accounts.load(people.ben.id).disabled
    assert "kept out" in words(app)
    app.text_input(key="account_name").set_value("Di")
    app.button(key="confirm_add_account").click().run()
    assert people.known.accounts.find("Di")
    app.button(key=f"disable_{people.ada.id}").click().run()
    assert "last admin" in words(app)


def test_an_admin_sees_what_workspaces_take_and_limits_it(open_as, people):
    app = open_as(people.ada, part="All workspaces")
    assert "0 queued · 0 running" in words(app)
    app.number_input(key=f"queued_{people.place}").set_value(7)
    app.number_input(key=f"disk_{people.place}").set_value(1.5)
    app.button(key=f"keep_limits_{people.place}").click().run()
    quota = people.known.workspaces.find(people.place).quota
    assert (quota.queued_runs, quota.disk_bytes, quota.running_runs) == (7, 1_500_000_000, None)
    assert "0 of 7 queued" in words(app)


def test_a_workspace_that_cannot_be_read_hides_no_other(open_as, people):
    broken = open_home(workspace=people.place).database
    broken.write_bytes(b"no database" * 1000)
    said = words(open_as(people.ada, part="All workspaces"))
    assert "What it takes can't be read" in said and "GB" in said


def test_an_admin_filters_who_did_what(open_as, people):
    note = people.known.audit.note
    note("delete_run", person="Ben", workspace=people.place, object="target", address="192.0.2.7")
    note("sign_in", "refused", person="Ben_x")
    app = open_as(people.ada, part="Who did what")
    assert "delete" in words(app)
    assert "Ben's lab" in words(app)
    app.text_input(key="audit_words").set_value("192.0.2").run()
    assert "target" in words(app)
    assert "sign" not in words(app)
    app.text_input(key="audit_words").set_value("%").run()
    assert "Nothing was noted that fits" in words(app)
    app.text_input(key="audit_words").set_value("").run()
    app.selectbox(key="audit_outcome").set_value("refused").run()
    assert "target" not in words(app)


def test_without_accounts_it_says_so(home):
    app = AppTest.from_function(_page, default_timeout=30).run()
    assert "Nobody has an account here" in words(app)
    assert not app.segmented_control
    first, start = app.code[0].value.splitlines()  # a wrapped line would look like a third one
    assert first.endswith("user add NAME") and start.startswith("CNNLAB_AUTH=password")
    assert not app.code[0].proto.wrap_lines and app.code[0].language in ("", "plaintext")
    assert "says how people sign in" in words(app)
