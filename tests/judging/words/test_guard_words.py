"""What a look at augmented images says."""

import pytest

from cnnlab.judging.words import guard_words


def pair(shown, taken_for, fraction=0.87):
    return {"shown": shown, "taken_for": taken_for, "fraction": fraction, "low": 0.5, "images": []}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            ("augmentation.flip", "horizontal", "none", [pair("b", "d"), pair("d", "b")]),
            "A horizontal flip makes images of b look like d and d look like b (87\u00a0% of b). "
            "Switch augmentation.flip off.",
        ),
        (
            ("augmentation.flip", "both", "vertical", [pair("left", "right")]),
            "A flip in both directions makes images of left look like right (87\u00a0% of left). "
            "Set augmentation.flip to vertical.",
        ),
        (
            ("augmentation.rotation_degrees", 180.0, 90.0, [pair("6", "9", 0.25)]),
            "Rotation of up to 180° makes images of '6' look like '9' (25\u00a0% of '6'). "
            "Set augmentation.rotation_degrees to 90° at most.",
        ),
        (
            ("augmentation.shift_fraction", 0.5, 0.07, [pair("disc", ""), pair("cross", "")]),
            "Shift of up to 0.5 takes away what shows disc and cross (87\u00a0% of disc). "
            "Set augmentation.shift_fraction to 0.07 at most.",
        ),
    ],
)
def test_a_finding_says_what_is_wrong_and_what_to_do(said, words):
    assert guard_words.finding(*said) == words


def test_why_nothing_can_be_said():
    def how(accuracy, judged, *names, is_on=True):
        return guard_words.how("40 training images", accuracy, judged, names, is_on=is_on)

    assert how(0.0, [], "a", "b").startswith("There are too few images to say")
    assert "30.0\u00a0% of 40 training images right, unseen. That is too little" in how(
        0.3, [], "a", "b"
    )
    assert "Of 1 class nothing can be said" in how(0.9, ["a", "b"], "a", "b", "c")
    assert how(0.9, ["a", "b"], "a", "b").endswith("looked at alone.")
    assert how(0.9, [], "a", is_on=False).startswith("No augmentation is on")


def test_what_only_has_to_be_learned_is_said_so():
    words = guard_words.note("augmentation.flip", "horizontal", "9", "3", 0.51)
    assert words.startswith("A horizontal flip changes no label that was found")
    assert "51\u00a0% of '9' for '3'" in words
