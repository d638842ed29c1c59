import numpy as np
import pytest

from cnnlab.domain.data.vault import VaultLook, VaultLooks
from cnnlab.ui.judge.vault_words import (
    looks_words,
    minus_words,
    next_look_words,
    opened_words,
)


def look(run, at="2026-01-02T03:04:00+00:00"):
    return VaultLook(f"{run}{at}", at, run, f"run {run}", "d", {"accuracy": 0.5}, 4)


def looks(*recorded, shown=(1, 1, 1, 1)):
    return VaultLooks(np.array([shown] * len(recorded), bool).reshape(-1, 4), tuple(recorded))


def test_looks_are_told_with_how_often_of_whom_and_when():
    assert looks_words(looks()) == "Nobody has looked at the 4 test images yet."
    words = looks_words(looks(look("a"), look("a", "2026-01-03T03:04:00+00:00")))
    assert words.startswith("2 looks at the 4 test images so far, of 1 run. The last one was on ")


def test_the_next_press_is_one_look_more_for_the_same_run_too():
    assert next_look_words(looks(), "a") == "This will be look 1 at these images."
    words = next_look_words(looks(look("a"), look("b")), "a")
    assert words.startswith("This will be look 3 at these images. This run was looked at before")
    assert "before" not in next_look_words(looks(look("b")), "a")
    few = looks(look("a"), look("b"), shown=(1, 0, 0, 0))
    assert next_look_words(few, "a") == "This will be look 1 at these images."


@pytest.mark.parametrize(
    ("low", "high", "ending"),
    [
        (0.02, 0.1, "of another kind, as those of a folder of their own can be."),
        (-0.02, 0.1, "The interval holds zero, so no difference can be told."),
        (-0.2, -0.1, "they may be easier ones."),
    ],
)
def test_validation_minus_test_is_told_with_its_interval(low, high, ending):
    words = minus_words({"value": (low + high) / 2, "low": low, "high": high})
    assert words.startswith("Validation minus test: ")
    assert f"({100 * low:+.1f} to {100 * high:+.1f}).".replace("-", "−") in words
    assert words.endswith(ending)
    assert minus_words({"value": None, "low": None, "high": None}) == ""


def test_the_number_never_stands_without_its_look():
    accuracy = {"value": 0.9, "low": 0.87, "high": 0.9}
    judgement = {"images": 100, "measures": {"accuracy": accuracy}}
    three = looks(look("a"), look("b"), look("c"))
    assert opened_words(judgement, three) == (
        "Look 3 at these 100 test images: 90.0\u00a0% (87.0 to 90.0\u00a0%) right."
    )
