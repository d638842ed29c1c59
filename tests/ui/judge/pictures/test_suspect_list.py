"""Suspicious labels: one click mends or keeps them, several go into one version."""

import json

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from cnnlab import lab
from cnnlab.domain.data.fixes import Exclude
from tests.ui.apps import words

PAGE = """
import json
import streamlit as st
from cnnlab.ui.judge.pictures.suspect_list import LabelsJudged, render_suspect_list

render_suspect_list(
    json.loads('''SUSPECTS'''),
    "DATASET",
    of=st.session_state.get("of", "a"),
    part="validation",
    judged=LabelsJudged(JUDGED),
)
"""


def suspect(row):
    """Rows below 24 are bright."""
    label, suggested = ("bright", "dark") if row < 24 else ("dark", "bright")
    probabilities = {"probability": 0.9, "own_probability": 0.1}
    return {"position": row, "label": label, "suggested": suggested} | probabilities


@pytest.fixture
def links(monkeypatch):
    """Where page links lead: pages are known where there is a navigation only."""
    found = []
    monkeypatch.setattr(st, "page_link", lambda page, **options: found.append(options))
    return found


@pytest.fixture
def page(dataset, links):
    def open_with(*rows, judged=48):
        text = json.dumps([suspect(row) for row in rows])
        script = PAGE.replace("SUSPECTS", text).replace("DATASET", dataset.id)
        script = script.replace("JUDGED", str(judged))
        app = AppTest.from_string(script, default_timeout=60).run()
        assert not app.exception
        return app

    return open_with


def test_one_click_gives_the_class_in_a_new_version_whose_parts_stay(page, dataset, links):
    app = page(0, 30)
    app.button(key="suspects_fix_0").click().run()
    newest = lab.newest_version(dataset.id)
    assert newest.changes == ("1 image given the class 'dark'",)
    assert app.session_state["dataset_chosen"] == newest.id
    assert links[-1]["query_params"] == {"dataset": newest.id, "part": "versions"}
    told = words(app).replace("\\", "")
    assert "Shades, version 2: 1 image given the class 'dark'" in told
    assert "All images stay in the parts they were in" in told
    assert "In version 2, the newest: 1 with another class" in told
    assert not [button for button in app.button if button.key == "suspects_fix_0"]
    assert links[-1]["label"] == "See version 2 on the Data page"
    app.button(key="suspects_fix_30").click().run()
    assert lab.newest_version(dataset.id).version == 3
    app.button(key="suspects_undo").click().run()
    assert lab.newest_version(dataset.id).id == newest.id


def test_what_is_ticked_goes_into_one_version(page, dataset):
    app = page(0, 1, 30)
    assert app.button(key="suspects_all").disabled
    for row in (0, 30):
        app.checkbox(key=f"suspects_tick_{row} a").check()
    app.run()
    app.button(key="suspects_all").click().run()
    newest = lab.newest_version(dataset.id)
    assert newest.version == 2
    assert lab.labels_in(dataset.id, [0, 1, 30], newest.id) == {
        0: "dark",
        1: "bright",
        30: "bright",
    }


def test_what_is_ticked_for_one_run_is_not_ticked_for_another(page):
    app = page(0)
    app.checkbox(key="suspects_tick_0 a").check().run()
    app.session_state["of"] = "b"
    assert [box.value for box in app.run().checkbox] == [False]


def test_another_class_can_be_given_a_new_name(page, dataset):
    app = page(0, 1)
    app.checkbox(key="suspects_tick_1 a").check().run()
    assert app.selectbox(key="suspects_class").value == "dark"
    app.selectbox(key="suspects_class").set_value("").run()
    assert app.button(key="suspects").disabled
    app.text_input(key="suspects_name").set_value("grey").run()
    app.button(key="suspects").click().run()
    assert lab.labels_in(dataset.id, [1], lab.newest_version(dataset.id).id) == {1: "grey"}


def test_a_kept_label_is_gone_until_it_is_looked_at_again(page, dataset):
    app = page(0)
    app.button(key="suspects_keep_0").click().run()
    assert lab.kept_labels(dataset.id) == {0}
    assert "All of them are decided on." in words(app)
    app.button(key="suspects_reopen").click().run()
    assert app.button(key="suspects_fix_0")


def test_the_first_twelve_are_shown_and_others_follow(page):
    app = page(*range(14))
    assert len(app.checkbox) == 12
    app.button(key="suspects_keep_3").click().run()
    assert [box.key for box in app.checkbox][-1] == "suspects_tick_12 a"


def test_what_can_not_be_done_is_said(page, dataset):
    app = page(0)
    lab.fix_dataset(dataset.id, [Exclude((0,))])
    app.button(key="suspects_fix_0").click().run()
    assert "has none of these images any more" in app.error[0].value.replace("\\", "")
    assert "In version 2, the newest: 1 left out" in words(app)


def test_what_was_mended_is_found_again_after_a_reload(page, dataset, links):
    page(0).button(key="suspects_fix_0").click().run()
    links.clear()
    told = words(page(0))
    assert "In version 2, the newest: 1 with another class" in told
    newest = lab.newest_version(dataset.id)
    assert [link["query_params"] for link in links] == [{"dataset": newest.id, "part": "versions"}]


def test_what_mending_by_the_models_opinion_does_to_its_number_is_said(page):
    assert "lifts its own number in the next version" in words(page(0))


def test_without_suspects_it_says_so(page):
    assert "No label looks wrong" in page().success[0].value


def test_where_too_few_labels_were_judged_none_is_said_to_be_right(page):
    app = page(judged=29)
    assert not app.success
    assert "No label was judged: 29 images" in app.info[0].value
