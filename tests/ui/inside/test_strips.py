"""Strips: a bar for each epoch, said in words too, and no picture's name becomes markup."""

import re

import numpy as np

from cnnlab.ui.inside.strips import MOST_BARS, FollowedPicture, Strip, strips_html

CLASSES = ("cat", "dog", "<b>eel")


def _strip(named, *, label=0, run="", probabilities=None):
    named = np.array(named)
    told = np.linspace(0, 1, len(named)) if probabilities is None else probabilities
    return Strip(run, np.arange(len(named)), named, np.asarray(told), label, CLASSES)


def test_a_bar_is_as_high_as_the_true_class_is_probable_and_says_what_it_was_taken_for():
    bars = re.findall(
        r'<i class="(\w+)" style="--share:([\d.]+)%" title="([^"]+)">', _strip([1, 0, 0]).bars()
    )
    assert [(kind, share) for kind, share, _ in bars] == [
        ("wrong", "0.0"), ("right", "50.0"), ("right", "100.0"),
    ]  # fmt: skip
    assert bars[0][2] == "Epoch 1: taken for dog; true class 0.0\u00a0%"


def test_of_many_epochs_some_are_drawn_the_first_and_the_last_among_them():
    titles = re.findall(r"Epoch (\d+):", _strip([0] * 999).bars())
    assert len(titles) == MOST_BARS and (titles[0], titles[-1]) == ("1", "999")


def test_what_it_was_taken_for_is_said_stretch_by_stretch():
    words = "Taken for dog (epochs 1–2), then cat (epoch 3), then dog (epoch 4)"
    assert _strip([1, 1, 0, 1]).words == words


def test_of_many_stretches_it_is_said_how_many():
    assert _strip([1, 0, 1, 0, 2, 0]).words == (
        "Right after 3 of 6 epochs, else mostly dog; changed its mind 5 times"
    )
    assert _strip([1, 2, 1, 2, 1]).words == "Never right, mostly dog; changed its mind 4 times"


def test_names_are_text_and_nothing_else():
    strip = _strip([2, 0], label=2, run='<i onclick="x">')
    picture = FollowedPicture(7, 'a"><script>.png', "picked & <liked>", [strip])
    text = strips_html("six signs", [picture])
    assert "<script" not in text and "<i onclick" not in text and "<liked>" not in text
    assert "&lt;b&gt;eel" in text and "/images/7?px=" in text
    assert text.count('role="img"') == 1
