"""Names in the hue of their curves are read on every ground that a page has, light and dark."""

import tomllib
from pathlib import Path

import pytest

import cnnlab
from cnnlab.figures.palette import CLASS_COLORS, PART_STYLES
from cnnlab.figures.readable import LEAST_CONTRAST, contrast, in_color_of, readable, words_color
from cnnlab.figures.study import _BLUES, _GREYS, ARM_COLORS, REFERENCE_COLOR, _ramp
from cnnlab.figures.traces import Style

ROOT = Path(cnnlab.__path__[0]).parent
STEPS = [*map(str, range(9))]
RAMPS = [style.color for ends in (_BLUES, _GREYS) for style in _ramp(STEPS, *ends).values()]
COLORS = [*ARM_COLORS, REFERENCE_COLOR, *RAMPS, *CLASS_COLORS]
COLORS += [style.color for style in PART_STYLES.values()]


def grounds(mode):
    """Of the page, of what is raised on it, of its cards."""
    theme = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))["theme"]
    style = (ROOT / "cnnlab/ui/assets/app.css").read_text(encoding="utf-8")
    tints = style.partition("--cnnlab-tint: light-dark(")[2].partition(")")[0].split(", ")
    own = [theme[mode][f"{name}ackgroundColor"] for name in ("b", "secondaryB")]
    return [*own, tints[mode == "dark"]]


@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_words_in_the_hue_of_a_curve_can_be_read(color, mode):
    words = readable(color)[mode == "dark"]
    assert all(contrast(words, ground) >= LEAST_CONTRAST for ground in grounds(mode))


def test_contrast_is_that_of_wcag():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#e07b16", "#ffffff") == pytest.approx(2.99, abs=0.01)
    assert contrast("#777777", "#ffffff") == contrast("#ffffff", "#777777") < LEAST_CONTRAST


def test_a_colour_that_can_be_read_stays_as_it_is_and_others_keep_their_hue():
    assert readable("#a0522d")[0] == "#a0522d" and readable("#e07b16")[1] == "#e07b16"
    red, green, blue = (int(readable("#e07b16")[0][at : at + 2], 16) for at in (1, 3, 5))
    assert red > green > blue


def test_the_browser_picks_the_shade():
    light, dark = readable("#2f6fd0")
    assert words_color(Style("#2f6fd0")) == f"light-dark({light},{dark})"
    assert in_color_of(Style("#2f6fd0"), "a<br>b").endswith(")'>a<br>b</span>")
