"""A viewer, page by page: what changes something can't be pressed, and says why."""

import json
import re

import pytest

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.people.person import Person, Role
from cnnlab.lab.access import acting as acting_module
from cnnlab.lab.access.acting import Acting
from tests.made_evaluations import finish_evaluation
from tests.made_pairs import judged_run
from tests.made_queues import queue_runs
from tests.made_runs import no_supervisor
from tests.made_studies import made_study, study_base, with_id
from tests.ui.apps import open_page

REASON = "Here you are a viewer, and this needs an editor: ask an owner of the workspace."


@pytest.fixture
def filled(dataset, monkeypatch):
    """A judged run, one that waits and a study; from now on a viewer looks at them."""
    no_supervisor(monkeypatch)
    config = load_config({"dataset": dataset.id})
    run = judged_run(config, wrong=[0])
    queue_runs(config, "waits")
    lab.start_evaluation(run.id, "validation")
    finish_evaluation(run, "validation")
    study = lab.compare_arms(study_base(dataset.id), ready_arms(["baseline", "dropout"]), seeds=3)
    made_study(with_id(study, "s1"), {"baseline": 0.8, "dropout": 0.9})
    monkeypatch.setenv("CNNLAB_AUTH", "password")
    viewer = Acting(Person("v", "Vi"), "default", Role.VIEWER)
    monkeypatch.setattr(acting_module, "_providers", [lambda: viewer])
    return run


LOOKS = re.compile(
    "open_|all_|reset_|augment_|preview_|aug_|reg_|label_noise|learning_rate_|choose_|gallery_|"
    "(train_on_dataset|make_overfit|clone_run|remedy_0|remedy_1|presenter_mode|compare_arms|"
    "search_none|add_range|prepare_bundle|prepare_export)$"
)
"""Keys of buttons that show something, lead somewhere, fill a form or make a copy to take along."""

PAGES = {
    "home": {"see_demo", "start_demo"},
    "data": {"good_model", "best_model", "delete_dataset"},
    "data?gallery": {
        *("fix_exclude", "fix_relabel", "fix_move", "fix_rename"),
        *("good_model", "add_images", "delete_dataset"),
    },
    "train": {"launch_run", "lr_test", "start_preflight", "start_guard"},
    "runs": {"save_view", "star_runs", "unstar_runs", "tag_runs", "delete_runs"},
    "runs?run": {"fork_run", "rename_run", "delete_run"},
    "study": {"launch_study", "lr_test", "start_preflight"},
    "study?study": {"rename_study", "delete_study"},
    "search": {"launch_search", "start_preflight"},
    "models?run": set(),
    "evaluate?run": {"looks_start", "delete_evaluation"},
    "explain?run": {"look_inside"},
    "predict?run": set(),
    "lessons": {"lesson_sample"},
}
"""Each page, and which of its buttons a viewer finds disabled."""


@pytest.mark.parametrize("page", PAGES)
def test_what_changes_something_says_to_a_viewer_why_it_is_not_for_them(filled, page):
    name, _, asked = page.partition("?")
    addressed = {
        "": {},
        "run": {"run": filled.id},
        "study": {"study": "s1"},
        "gallery": {"dataset": filled.dataset, "part": "gallery"},
    }
    app = open_page(name, **addressed[asked])
    assert not app.error
    assert {one.key for one in app.button if one.help == REASON} == PAGES[page]
    assert all(one.disabled for one in app.button if one.help == REASON)
    assert not [one.key for one in app.button if not one.disabled and not LOOKS.match(one.key)]


def test_a_viewer_finds_the_stars_of_the_table_of_runs_locked(filled):
    (table,) = (
        json.loads(one.proto.json)[0]
        for one in open_page("runs").get("bidi_component")
        if one.proto.component_name == "cnnlab_run_table"
    )
    assert table["locked"] == REASON


def test_a_viewer_opens_the_recorded_study_that_is_there(filled, monkeypatch):
    monkeypatch.setattr(lab, "find_recorded", lambda: "s1")
    app = open_page("home")
    assert not app.button(key="see_demo").disabled and app.button(key="start_demo").disabled
