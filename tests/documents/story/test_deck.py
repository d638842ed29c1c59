"""The order of slides, what is hidden and noted: read as far as it can be, whatever was stored."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlab.documents.story.deck import (
    MOST_NOTE_CHARACTERS,
    TITLES,
    deck_of,
    for_audience,
    parts_of,
    read_deck,
    stored,
)
from cnnlab.domain.arms import dose_arms, ready_arms
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.study import Study

USUAL = list(TITLES)


def names(deck):
    return [each["slide"] for each in deck]


def choice(slide, **more):
    return {"slide": slide, "is_hidden": False, "note": ""} | more


@pytest.mark.parametrize("raw", [None, {}, "deck", 3, [], [3, None, {}, {"slide": 5}]])
def test_without_anything_readable_the_order_is_the_usual_one(raw):
    deck = read_deck(raw)
    assert names(deck) == USUAL
    assert not any(each["is_hidden"] or each["note"] for each in deck)


def test_what_was_chosen_comes_back_and_odd_entries_cost_only_themselves():
    chosen = [choice(name) for name in reversed(USUAL)]
    chosen[2] |= {"note": "Say this slowly.", "is_hidden": True}
    odd = [choice("of a later version"), "nonsense", choice(USUAL[-1], note="a second time")]
    deck = read_deck([*odd[:2], *chosen, odd[2]])
    assert names(deck) == list(reversed(USUAL))
    assert deck[2]["note"] == "Say this slowly." and deck[2]["is_hidden"]
    assert deck[0]["note"] == ""
    assert read_deck(json.loads(json.dumps(stored(deck)))) == deck


def test_a_slide_that_an_earlier_version_didnt_have_follows_its_usual_neighbour():
    deck = read_deck([choice("limits"), choice("curves"), choice("verdict"), choice("question")])
    order = names(deck)
    assert sorted(order) == sorted(USUAL)
    assert order.index("gap") == order.index("curves") + 1
    assert order.index("data") == order.index("question") + 1


def test_notes_have_an_end_and_hidden_means_true():
    deck = read_deck([choice("gap", note="x" * 9999, is_hidden="no"), choice("data", note=7)])
    by_name = {each["slide"]: each for each in deck}
    assert len(by_name["gap"]["note"]) == MOST_NOTE_CHARACTERS
    assert not by_name["gap"]["is_hidden"]
    assert by_name["data"]["note"] == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(USUAL),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["slide", "note", "is_hidden", "x"]), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(JSON)
def test_of_any_json_value_every_slide_comes_once(raw):
    assert sorted(names(read_deck(raw))) == sorted(USUAL)


def a_study(arms):
    base = RunConfig(dataset="signs-1").model_dump(mode="json")
    return Study("s1", "A study", "signs-1", base, tuple(arms), (0, 1, 2))


def test_only_slides_that_fit_the_study_are_there():
    plain = names(deck_of(a_study(ready_arms(["baseline", "dropout"])), None))
    assert "dose" not in plain and "worth" not in plain
    turned = names(deck_of(a_study(dose_arms("regularization.dropout", [0, 0.5])), None))
    assert "dose" in turned and "worth" not in turned


def test_the_audience_gets_no_note_and_nothing_of_what_is_hidden():
    deck = read_deck([choice("gap", note="secret"), choice("verdict", is_hidden=True)])
    shown = for_audience(deck)
    assert "verdict" not in names(shown)
    assert not any(each["note"] for each in shown)
    story = {name: {"of": name} for name in (*TITLES, "study", "progress", "arms")}
    parts = parts_of(story, shown)
    assert "verdict" not in parts
    assert {"gap", "study", "progress", "arms"} <= parts.keys()
