"""One language of looks: colours are written down once, and agree wherever a copy is needed."""

import re
import tomllib
from pathlib import Path

import pytest

from cnnlab import ui
from cnnlab.figures import palette

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
