"""Which parts of the Train page a change has drawn again.

A browser names the fragment of the field that it changes; AppTest asks for the whole page. So a
callback is told here that it is a fragment's, and asks for its parts as it would.
"""

import pytest

from cnnlab.ui.train import parts
from tests.made_runs import no_supervisor
from tests.ui.apps import in_callback, open_page, words


@pytest.fixture
def train(dataset, monkeypatch, plain_start):
    no_supervisor(monkeypatch)
    page = open_page("train", folded=True)
    page.number_input(key="image_size").set_value(32).run()  # the settings are somebody's own
    runs_a_part = parts.runs_a_part
    monkeypatch.setattr(
        parts,
        "runs_a_part",
        lambda: runs_a_part() or in_callback(),
    )
    return page


def keys(elements):
    return {element.key for element in elements}


def test_epochs_are_seen_in_a_few_parts_and_the_rest_of_the_page_stays(train):
    train.number_input(key="epochs").set_value(12).run()
    assert keys(train.number_input) == {"epochs", "learning_rate"}
    assert not train.slider and not train.toggle
    assert "**12 epochs**" in words(train)
    assert {"launch_run", "reset_main_choices", "reset_all"} <= keys(train.button)
    train.run()
    assert train.number_input(key="epochs").value == 12
    assert "**12 epochs**" in words(train)
    assert not train.exception


def test_of_a_schedule_the_rates_are_drawn_again(train, monkeypatch):
    drawn = []
    train.selectbox(key="schedule").set_value("cosine").run()
    monkeypatch.setattr("cnnlab.ui.form.form.render_figure", lambda *_, **how: drawn.append(how))
    train.number_input(key="epochs").set_value(12).run()
    assert [how["key"] for how in drawn] == ["schedule_chart"]
    assert not train.selectbox


@pytest.mark.parametrize(
    ("switch", "slider", "other"),
    [
        ("aug_rotation_degrees_switch", "aug_rotation_degrees", "reg_dropout"),
        ("reg_dropout_switch", "reg_dropout", "aug_rotation_degrees"),
    ],
)
def test_a_switch_has_its_own_section_drawn_again(train, switch, slider, other):
    train.button(key=switch).click().run()
    assert train.slider(key=slider).value > 0
    assert other not in keys(train.slider)
    assert "epochs" not in keys(train.number_input)
    assert ("activation" in keys(train.selectbox)) == switch.startswith("reg_")  # the network's


@pytest.mark.parametrize(("key", "value"), [("image_size", 24), ("epochs", 0)])
def test_what_other_sections_show_or_what_is_wrong_has_the_whole_page_drawn(train, key, value):
    train.number_input(key=key).set_value(value).run()
    assert {"epochs", "image_size", "reg_l2"} <= keys(train.number_input)
    assert {"aug_rotation_degrees", "reg_dropout"} <= keys(train.slider)


def test_the_first_change_of_a_recipe_has_the_whole_page_drawn(train):
    train.button(key="reset_all").click().run()
    train.number_input(key="epochs").set_value(12).run()
    assert "image_size" in keys(train.number_input)
    train.number_input(key="epochs").set_value(13).run()
    assert "image_size" not in keys(train.number_input)


def test_what_else_has_changed_in_the_same_moment_is_seen_too(train, monkeypatch):
    parts_of = parts._parts_of

    def and_more(before, now):
        train.session_state["image_size"] = 24
        return parts_of(before, now)

    monkeypatch.setattr(parts, "_parts_of", and_more)
    train.number_input(key="epochs").set_value(12).run()
    assert train.number_input(key="image_size").value == 24
