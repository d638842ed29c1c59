"""Links: who makes and ends them, what they lead to, and for how long."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import NotAllowedError, NotFoundError
from cnnlab.domain.people.person import Person, Role
from cnnlab.lab.access.acting import LOCAL, acting_as
from cnnlab.lab.access.people import disable_account
from cnnlab.lab.access.register import register
from cnnlab.lab.access.workspaces import remove_member, set_member
from cnnlab.lab.sharing.links import (
    Lasts,
    list_all_links,
    list_links,
    make_link,
    may_share,
    revoke_link,
)
from tests.made_runs import no_supervisor

SOMEBODY = replace(LOCAL, person=Person("b" * 12, "Ben"))


@pytest.fixture
def run(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return lab.launch_run(RunConfig(dataset=dataset.id)).id


@pytest.mark.parametrize(("lasts", "days"), [(Lasts.DAY, 1), (Lasts.WEEK, 7), (Lasts.EVER, None)])
def test_a_link_lasts_as_long_as_was_chosen(run, lasts, days):
    secret, link = make_link(run, "run", lasts)
    assert list_links(run, "run") == [link]
    assert secret not in repr(link)
    if days is None:
        assert link.expires_at is None
    else:
        made, ends = map(datetime.fromisoformat, (link.created_at, link.expires_at))
        assert abs(ends - made - timedelta(days=days)) < timedelta(seconds=3)


def test_a_revoked_one_is_listed_no_more_and_can_be_revoked_once(run):
    _, link = make_link(run, "run")
    _, other = make_link(run, "run")
    revoke_link(run, link.key_hash)
    assert list_links(run, "run") == [other]
    with pytest.raises(NotFoundError, match="no such link"):
        revoke_link(run, link.key_hash)


@pytest.mark.parametrize("kind", ["run", "study", "presentation"])
def test_there_is_no_link_to_what_is_not_there(home, kind):
    for function in (make_link, list_links):
        with pytest.raises(NotFoundError):
            function("nothing", kind)
    assert not (home / "people.db").exists()


def test_nothing_is_made_by_looking(run, home):
    assert list_links(run, "run") == []
    assert not (home / "people.db").exists()


def test_a_viewer_makes_none_and_an_editor_does(run):
    viewer, editor = (replace(SOMEBODY, role=role) for role in (Role.VIEWER, Role.EDITOR))
    with acting_as(viewer):
        assert not may_share()
        with pytest.raises(NotAllowedError):
            make_link(run, "run")
        with pytest.raises(NotAllowedError):
            list_links(run, "run")
    with acting_as(editor):
        assert may_share()
        _, link = make_link(run, "run")
    assert link.made_by == "Ben"
    with acting_as(viewer), pytest.raises(NotAllowedError):
        revoke_link(run, link.key_hash)


@pytest.mark.parametrize(
    ("ends", "left"),
    [
        (lambda: remove_member("Ben"), ["elsewhere"]),
        (lambda: set_member("Ben", Role.VIEWER), ["elsewhere"]),
        (lambda: set_member("Ben", Role.OWNER), ["here", "elsewhere"]),
        (lambda: disable_account("Ben"), []),
        (lambda: disable_account("Ben", disabled=False), ["here", "elsewhere"]),
    ],
)
def test_links_end_with_the_rights_of_who_made_them(home, ends, left):
    known = register()
    for name in ("Ada", "Ben"):
        known.accounts.add(name)
    set_member("Ben", Role.EDITOR)
    other = known.workspaces.add("Other").id
    made = {
        words: known.links.add(place, "run", "r", made_by="Ben")[0]
        for words, place in (("here", "default"), ("elsewhere", other))
    }
    of_ada, _ = known.links.add("default", "run", "r", made_by="Ada")
    ends()
    assert [words for words, secret in made.items() if known.links.find(secret)] == left
    assert known.links.find(of_ada)


def test_an_owner_sees_all_links_of_the_workspace_that_work(run):
    _, link = make_link(run, "run")
    _, ended = make_link(run, "run")
    revoke_link(run, ended.key_hash)
    register().links.add(register().workspaces.add("Other").id, "run", "r", made_by="Ben")
    assert list_all_links() == [link]
    with acting_as(replace(SOMEBODY, role=Role.EDITOR)), pytest.raises(NotAllowedError):
        list_all_links()


def test_a_link_of_another_workspace_can_not_be_seen_or_ended(run):
    _, link = make_link(run, "run")
    other = register().workspaces.add("Other").id
    with acting_as(replace(LOCAL, workspace=other)):
        for attempt in (lambda: list_links(run, "run"), lambda: revoke_link(run, link.key_hash)):
            with pytest.raises(NotFoundError):
                attempt()
    assert list_links(run, "run") == [link]
