"""Names at the ends of curves: at their own where there is room, never over another or cut off."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnlab.figures.end_labels import end_labels, label_in_lines, room_beside, spread
from cnnlab.figures.traces import Style
from tests.figures.drawn import shift_of, words_of

HEIGHT, ROOM = 360, 304
"""Of a figure and of its axes."""
STYLE = Style("#2f6fd0")


def labelled(ends, shown=(0.0, 1.0)):
    """Labels of arms with the numbers of `ends` as names, from the lowest on."""
    curves = [(str(number), 24.0, end) for number, end in enumerate(ends)]
    return end_labels(curves, {name: STYLE for name, *_ in curves}, shown, HEIGHT)


def place_of(label, shown=(0.0, 1.0)):
    return (label["y"] - shown[0]) / (shown[1] - shown[0]) * ROOM + shift_of(label)


@given(st.lists(st.floats(0.05, 0.95), min_size=2, max_size=18))
def test_no_label_overlaps_another_or_leaves_the_axes(ends):
    labels = labelled(ends)
    places = [place_of(label) for label in labels]
    assert sorted(map(words_of, labels)) == sorted(map(str, range(len(ends))))
    assert all(upper - lower >= 15 for lower, upper in zip(places, places[1:], strict=False))
    assert places[0] >= -1 and places[-1] <= ROOM + 1


@given(st.lists(st.floats(0, 100), min_size=1, max_size=9), st.data())
def test_labels_stand_as_near_as_any_that_dont_overlap(wanted, data):
    wanted = sorted(wanted)
    heights = data.draw(
        st.lists(st.sampled_from([16, 32]), min_size=len(wanted), max_size=len(wanted))
    )
    places = spread([at + 500 for at in wanted], heights, 1100)
    off = sum((place - at - 500) ** 2 for place, at in zip(places, wanted, strict=True))
    pushed = [wanted[0] + data.draw(st.floats(-80, 20))]
    for at, lower, upper in zip(wanted[1:], heights, heights[1:], strict=False):
        pushed.append(max(at, pushed[-1] + (lower + upper) / 2))
    other = sum((place - at) ** 2 for place, at in zip(pushed, wanted, strict=True))
    assert off <= other + 1e-6


def test_labels_with_room_stay_at_their_curves_and_others_are_led_to():
    far = labelled([0.1, 0.9])
    assert [(label["showarrow"], shift_of(label)) for label in far] == [(False, 0)] * 2
    low, middle, high = labelled([0.5, 0.501, 0.502])
    assert shift_of(low) < 0 and abs(shift_of(middle)) <= 1 and shift_of(high) > 0
    assert [label["showarrow"] for label in (low, middle, high)] == [True, False, True]
    assert low["ax"] == middle["xshift"]  # names stand below each other


def test_a_long_name_takes_several_lines_and_has_its_room():
    name = "augmentation and a little dropout <b>"
    lines = html.unescape(label_in_lines(name)).split("<br>")
    assert lines == ["augmentation and a", "little dropout <b>"]
    assert room_beside(["a", name]) > room_beside(["a"]) > 0
    upper = end_labels([("a", 1, 0.5), (name, 1, 0.5)], {"a": STYLE, name: STYLE}, (0, 1), HEIGHT)
    assert place_of(upper[1]) - place_of(upper[0]) == pytest.approx(24, abs=1)
    (top,) = end_labels([(name, 1, 1.0)], {name: STYLE}, (0, 1), HEIGHT)
    assert place_of(top) + 16 <= ROOM + 8  # both of its lines lie within the figure
