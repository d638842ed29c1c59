"""The page of what lies inside a net: the same pictures through the epochs."""

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from cnnlab.storage.attempts.attempt import Attempt
from tests.made_runs import made_run, no_supervisor, wavering_predictions
from tests.ui.apps import open_page, tables, words
from tests.ui.judge.pages import all_given, given


@pytest.fixture(autouse=True)
def no_processes(monkeypatch):
    no_supervisor(monkeypatch)


@pytest.fixture
def config(dataset):
    return load_config({"dataset": dataset.id})


def _run(config, *, epochs=6, images=10, seed=0, name=None):
    said = dict(enumerate(wavering_predictions(epochs, images, seed=seed)))
    return made_run(config, epochs=epochs, status=Status.FINISHED, said=said, name=name)


def _rows(app):
    return [row for row in map(str, range(50)) if f'data-row="{row}"' in _strips(app)]


def _strips(app):
    return "".join(one.value for one in app.get("html") if "cnnlab-followed" in one.value)


def test_its_run_leads_to_it_and_all_pictures_of_a_small_set_are_followed(config):
    run = _run(config)
    app = open_page("runs", run=run.id)
    app.button(key="open_explain").click().run()
    assert app.title[0].value == "Look inside a net"
    assert _strips(app).count('role="img"') == 10
    courses = lab.run_courses(run)
    forgotten = courses.courses.forgotten
    told = [int(row["Times forgotten"]) for row in tables(app)["The pictures as numbers"]]
    assert sorted(told) == sorted(forgotten)
    assert f"{(forgotten > 0).sum()} were forgotten at least once" in words(app)
    assert "wrong after the last epoch" in words(app)
    assert "The kept model" not in words(app), "which one it is isn't known"
    assert given(app, "jumps")["jumps"] == [
        {"key": "section_epochs", "title": "Epochs"},
        {"key": "section_inside", "title": "Inside the net"},
    ]
    assert "Inside the net" in [one.value for one in app.header]
    [shown] = [
        one["pictures"]
        for one in all_given(app, "pictures")
        if one["label"] == "The most forgotten pictures"
    ]
    notes = {picture["row"]: picture["note"] for picture in shown}
    assert 0 < len(notes) < 10
    assert notes == {
        row: f"forgotten {times}×"
        for row, times in zip(courses.last.positions, forgotten, strict=True)
        if times
    }


@pytest.mark.parametrize(("kept", "is_said"), [(3, True), (5, False)])
def test_that_another_epoch_is_kept_than_the_last_is_said(config, monkeypatch, kept, is_said):
    monkeypatch.setattr(Attempt, "read_result", lambda _: {"model_epoch": kept})
    told = words(open_page("explain", run=_run(config).id))
    assert ("The last epoch is 6. The kept model" in told) == is_said
    assert ("is of epoch 4:" in told) == is_said


def test_another_run_is_shown_beside_it_and_the_address_says_so(config):
    first, second = _run(config, name="plain"), _run(config, seed=1, name="with dropout")
    app = open_page("explain", run=first.id, beside=second.id)
    assert app.selectbox(key="beside_select").value == second.id
    assert _strips(app).count('role="img"') == 20
    assert "<b>plain</b>" in _strips(app) and "<b>with dropout</b>" in _strips(app)
    assert "Both have forgotten" in words(app)
    app.selectbox(key="beside_select").set_value(None).run()
    assert "beside" not in app.query_params and _strips(app).count('role="img"') == 10


def test_runs_that_share_no_pictures_are_not_compared(config):
    first, second = _run(config), _run(config, images=8, name="another split")
    app = open_page("explain", run=first.id, beside=second.id)
    assert "was validated on other images" in words(app)
    assert _strips(app).count('role="img"') == 10


def test_a_run_that_is_not_there_is_said_and_nothing_is_chosen_for_it(config):
    run = _run(config)
    assert "no run 'nobody'" in words(open_page("explain", run="nobody"))
    app = open_page("explain", run=run.id, beside="nobody")
    assert "no run 'nobody'" in words(app) and _strips(app)


def test_pictures_in_the_address_are_followed_and_foreign_ones_left_out(config):
    run = _run(config)
    app = open_page("explain", run=run.id, pictures="3,1,47,x,3")
    assert _rows(app) == ["1", "3"]
    assert "Of 5 pictures in the address 2 are shown" in words(app)
    app.button(key="unpick").click().run()
    assert "pictures" not in app.query_params and len(_rows(app)) == 10


def test_selected_pictures_can_be_followed(config):
    run = _run(config)
    app = open_page("explain", run=run.id)
    picked = given(app, "pictures")
    app.session_state["pick_pictures"] = {
        "selected": {"version": picked["version"], "rows": [4, 2]}
    }
    app.run()
    app.button(key="pick_follow").click().run()
    assert app.query_params["pictures"] == "4,2" and _rows(app) == ["2", "4"]


def test_without_what_was_said_after_each_epoch_it_says_so(config):
    run = made_run(config, epochs=2, status=Status.FINISHED)
    app = open_page("explain", run=run.id)
    assert not app.error and "isn't kept" in words(app)
