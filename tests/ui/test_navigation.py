import subprocess
import sys
from pathlib import Path

import pytest

from cnnlab.domain.config.run_config import load_config
from cnnlab.ui import navigation, tab
from tests.made_pairs import judged_run
from tests.made_runs import no_supervisor
from tests.ui.apps import open_page

ROOT = Path(__file__).parents[2]


def test_everything_on_screen_is_loaded_before_the_server_freezes_its_garbage():
    """What a first visit would load would be looked through after every click."""
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "cnnlab" / "ui").rglob("*.py")
        if path.name != "__init__.py"
    } - {"cnnlab.ui.script"}  # what runs at each visit itself
    program = (
        "import sys; from cnnlab.ui.navigation import load_page_modules; load_page_modules(); "
        f"print(sorted({modules!r} - set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True
    )
    assert answer.stdout.strip() == "[]", answer.stderr


@pytest.mark.parametrize(
    ("page", "title", "name"),
    [
        ("runs", "Runs", "My first"),
        ("models", "Models", "Models: My first"),
        ("evaluate", "Judge a model", "Judge: My first"),
        ("explain", "Look inside", "Inside: My first"),
        ("predict", "Try a model", "Try: My first"),
    ],
)
def test_the_tab_says_what_is_on_the_page(home, dataset, monkeypatch, page, title, name):
    no_supervisor(monkeypatch)
    told = []
    config = tab.st.set_page_config
    monkeypatch.setattr(
        tab.st, "set_page_config", lambda **given: (told.append(given), config(**given))
    )
    run = judged_run(load_config({"dataset": dataset.id}), name="My first")
    open_page(page, run=run.id)
    titles = [given["page_title"] for given in told if "page_title" in given]
    assert titles[-2:] == [f"{title} · cnnlab", f"{name} · cnnlab"]


def test_a_phones_bar_has_the_pages_and_marks_the_one_that_is_shown(home, dataset, monkeypatch):
    no_supervisor(monkeypatch)
    drawn = []
    monkeypatch.setattr(navigation, "render_bar", lambda *given: drawn.append(given))
    for page, here in [("home", "Home"), ("study", "Study"), ("evaluate", "Runs")]:
        open_page(page)
        places, account = drawn[-1]
        assert [place["title"] for place in places if place["isHere"]] == [here]
        names = [place["name"] for place in places]
        assert names[:3] == ["", "data", "train"] and "evaluate" not in names
        main = [place["title"] for place in places if place["isMain"]]
        assert main == ["Data", "Train", "Runs", "Study"]
        assert account is None


@pytest.mark.parametrize("page", ["evaluate", "explain", "predict"])
def test_a_page_reached_from_a_run_leads_back_to_it_and_to_all_runs(
    home, dataset, monkeypatch, page
):
    no_supervisor(monkeypatch)
    run = judged_run(load_config({"dataset": dataset.id}), name="My first")
    links = [link.proto for link in open_page(page, run=run.id).get("page_link")]
    assert [(link.label, link.page, link.query_string) for link in links[:2]] == [
        ("Runs", "runs", ""),
        ("My first", "runs", f"run={run.id}"),
    ]


def test_what_is_about_several_runs_leads_back_to_all_of_them(home, dataset, monkeypatch):
    no_supervisor(monkeypatch)
    config = load_config({"dataset": dataset.id})
    first, second = judged_run(config, name="My first"), judged_run(config, name="My second")
    both = f"{first.id},{second.id}"
    [link] = open_page("predict", runs=both).get("page_link")
    assert link.proto.label == "Runs"
    assert open_page("compare", runs=both).get("page_link")[0].proto.label == "Runs"
