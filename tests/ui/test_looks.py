"""One language of looks: colours are written down once, and agree wherever a copy is needed."""

import re
import tomllib
from pathlib import Path

import pytest

from cnnlab import ui
from cnnlab.figures import palette
from cnnlab.figures.readable import contrast
from cnnlab.figures.traces import rgb
from cnnlab.ui.charts import CONFUSION_COLORS

UI = Path(ui.__path__[0])
STYLE = (UI / "assets" / "app.css").read_text(encoding="utf-8")
PAIRS = dict(re.findall(r"(--cnnlab-[a-z-]+): light-dark\((#\w+), #\w+\)", STYLE))
HUES = ["blue", "orange", "green", "violet", "pink", "teal", "ochre", "grey", "rust"]
HEX = re.compile(r"#[0-9a-fA-F]{3,8}\b")


def theme():
    text = (UI.parents[1] / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["theme"]


@pytest.mark.parametrize("place", range(len(HUES)))
def test_styles_have_the_chart_colours_of_both_themes(place):
    light, dark = (theme()[mode]["chartCategoricalColors"][place] for mode in ("light", "dark"))
    assert f"--cnnlab-{HUES[place]}: light-dark({light}, {dark});" in STYLE


def test_figures_have_the_light_colours_of_the_styles():
    named = {
        "blue": palette.CLEAN,
        "orange": palette.VALIDATION,
        "green": palette.TEST,
        "violet": palette.PENALTY,
    }
    assert {name: PAIRS[f"--cnnlab-{name}"] for name in named} == named
    assert "--cnnlab-validation: var(--cnnlab-orange);" in STYLE


def test_buttons_have_the_primary_colour_and_cards_stand_on_the_ground_of_the_theme():
    assert PAIRS["--cnnlab-fill"] == theme()["light"]["primaryColor"]
    assert (
        f", {theme()['dark']['backgroundColor']})" in re.search("--cnnlab-ground: .*?;", STYLE)[0]
    )


def test_no_style_has_a_colour_of_its_own():
    """But those of the one file, and there only where a token gets its value."""
    own = {
        path.name: HEX.findall(path.read_text(encoding="utf-8"))
        for path in UI.rglob("*.css")
        if path.name != "app.css"
    }
    assert {name: some for name, some in own.items() if some} == {}
    assert HEX.findall(re.sub(r"--cnnlab-[a-z-]+: [^;]*;", "", STYLE)) == []


def test_every_token_that_is_used_is_there():
    there = set(re.findall(r"(--cnnlab-[a-z-]+):", STYLE))
    used = {
        name
        for path in UI.rglob("*.css")
        for name in re.findall(r"var\((--cnnlab-[a-z-]+)", path.read_text(encoding="utf-8"))
    }
    assert used <= there


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("color", [CONFUSION_COLORS[0][1], CONFUSION_COLORS[-1][1]])
def test_what_is_written_in_the_matrix_of_a_run_can_be_read(mode, color):
    """By WCAG 2 in the strongest cells; Plotly writes in all of them with the theme's text."""
    hue, strength = rgba(color)
    page = rgb(theme()[mode]["backgroundColor"])
    cell = [under + strength * (over - under) for over, under in zip(hue, page, strict=True)]
    shown = "#" + "".join(f"{round(part):02x}" for part in cell)
    assert contrast(shown, theme()[mode]["textColor"]) > 4.8


def test_the_matrix_of_a_run_has_the_hues_of_that_of_judge():
    shades = (UI / "components" / "confusion" / "shades.mjs").read_text(encoding="utf-8")
    hues = {
        name: [int(part) for part in values.split(",")]
        for name, values in re.findall(r"const (RIGHT|WRONG) = \[([\d, ]+)\]", shades)
    }
    wrong, right = (rgba(color)[0] for _, color in (CONFUSION_COLORS[0], CONFUSION_COLORS[-1]))
    assert hues == {"RIGHT": right, "WRONG": wrong}


def rgba(color):
    *hue, strength = (float(part) for part in re.findall(r"[\d.]+", color))
    return hue, strength
