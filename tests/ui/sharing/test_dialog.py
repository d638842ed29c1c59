"""The dialog that shares one thing: what it says, makes, lists and revokes."""

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import DiskFullError
from cnnlab.lab.access.register import register
from cnnlab.lab.sharing.links import list_links, make_link, revoke_link
from tests.made_runs import no_supervisor


def _page(run):
    from cnnlab.ui.sharing.dialog import render_share_button  # noqa: PLC0415 - of the script

    render_share_button(run, "run")


def _dialog(run):
    from cnnlab.ui.sharing.dialog import render_sharing  # noqa: PLC0415 - of the script

    render_sharing(run, "run")


@pytest.fixture
def run(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return lab.launch_run(RunConfig(dataset=dataset.id)).id


@pytest.fixture
def dialog(run):
    """What stands in it: in this tool a click of the page's would close it."""
    return AppTest.from_function(_dialog, kwargs={"run": run}, default_timeout=30).run()


def test_the_button_opens_it(run):
    app = AppTest.from_function(_page, kwargs={"run": run}, default_timeout=30).run()
    assert "see" not in words(app)
    app.button(key="share_run").click().run()
    assert "Whoever has a link sees" in words(app)


def words(app):
    return "\n".join(element.value for element in [*app.markdown, *app.caption])


def test_a_link_is_made_shown_once_and_revoked(dialog, run):
    assert "the report of this run" in words(dialog)
    assert "only this machine reaches the link" in words(dialog)
    dialog.segmented_control(key="link_lasts").set_value("1 day")
    dialog.button(key="make_link").click().run()
    (link,) = list_links(run, "run")
    secret = dialog.code[0].value.rpartition("/shared/")[2]
    assert register().links.find(secret) == link
    assert "Links that work" in words(dialog)
    dialog.button(key=f"revoke_{link.key_hash[:12]}").click().run()
    assert list_links(run, "run") == []
    assert not dialog.code
    assert "Links that work" not in words(dialog)
    assert not dialog.exception


def test_what_went_wrong_is_one_sentence(dialog, run, monkeypatch):
    _, link = make_link(run, "run")
    dialog.run()
    revoke_link(run, link.key_hash)  # somebody else, in another tab
    dialog.button(key=f"revoke_{link.key_hash[:12]}").click().run()
    assert not dialog.exception
    assert "it has been revoked" in dialog.error[0].value

    def is_full(*given):
        raise DiskFullError("The disk is full.")

    monkeypatch.setattr("cnnlab.ui.sharing.dialog.make_link", is_full)
    dialog.button(key="make_link").click().run()
    assert not dialog.exception
    assert "disk is full" in dialog.error[0].value
    assert not dialog.code


def test_of_what_is_gone_no_link_is_made(dialog, run):
    lab.cancel_waiting(run)
    lab.delete_run(run)
    dialog.run()
    assert not dialog.exception
    assert "There is no run" in dialog.error[0].value
    assert not dialog.button


def test_who_may_only_look_has_no_button(run, monkeypatch):
    monkeypatch.setattr("cnnlab.ui.sharing.dialog.may_share", lambda: False)
    app = AppTest.from_function(_page, kwargs={"run": run}, default_timeout=30).run()
    assert not app.button
