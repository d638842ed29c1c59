"""What every function of `lab` asks: by whom it is called, for what of whose.

A function that isn't in these lists fails: whoever adds one says here what it does.
"""

import ast
import importlib.util
import inspect
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import RunConfig, SplitFractions
from cnnlab.domain.data.dataset import Dataset, Finding
from cnnlab.domain.errors import CnnlabError, NotAllowedError, NotSignedInError
from cnnlab.domain.people.person import Action, Person, Role, allows
from cnnlab.domain.run import Run, Status
from cnnlab.domain.search import Range, Search
from cnnlab.domain.study import Study
from cnnlab.lab.access import acting as acting_module
from cnnlab.lab.access import authorize as authorize_module
from cnnlab.lab.access import workspaces
from cnnlab.lab.access.acting import LOCAL, Acting, acting_as
from cnnlab.lab.access.authorize import ASKS
from cnnlab.lab.access.register import register
from tests.conftest import draw_zip
from tests.made_runs import made_run, no_supervisor
from tests.made_searches import made_search
from tests.made_studies import made_study, study_base

OPENS_NOTHING = """
    announced app_addresses arm_summaries as_picture auth cannot_measure check_layers
    check_serve_options choose_runs compare_arms compare_doses doses_of draw_network
    explanations_key export_formats filter_weights filtered guard_key is_loopback judged_trials
    free_title lesson_of_field link listed_layers load_lesson named_account names_weights new_search
    inside_seconds number opened_to_read
    pilot_of plain_address pooled preview_augmentation range_words search_ranges seconds_left
    read_parts serve_line stored_token study_seconds token view_from without_rate
"""
"""Pure functions of what they are given, what the door needs before anybody is known, and parts of
others that ask."""

CHANGES = """
    add_draft add_draft_picture add_images add_pretrained add_to_newest add_uploaded append_chunk
    apply_remedy ask_to_track begin_draft begin_upload bring_home_up_to_date bring_sample
    cancel_bundle
    cancel_crossfit cancel_evaluation cancel_explanations cancel_export cancel_guard cancel_import
    cancel_inside cancel_landscape cancel_lr_test cancel_predictions cancel_units cancel_waiting
    delete_dataset delete_evaluation delete_predictions delete_pretrained delete_run delete_runs
    delete_search delete_study delete_view extend_search extend_study fix_dataset fork_run
    import_bundle import_choosing import_dataset import_draft import_sample keep_finding keep_labels
    launch_demo
    launch_run launch_search launch_study look_at_test move_in_queue name_draft_class note_run
    open_recorded predict_files read_anew relabel_images remove_draft remove_draft_class
    remove_draft_picture remove_imported rename_run rename_search rename_study reopen_finding
    resume_lesson resume_run resume_search resume_study run_next save_deck save_view star_runs
    start_crossfit start_explanations start_guard start_import start_inside start_landscape
    start_lesson start_lr_test start_predictions start_preflight start_server_import start_units
    stop_lesson stop_run stop_search stop_study tag_run tag_runs take_back tidy_up track turn_dials
    list_links make_link revoke_link
    wait_for_evaluation wait_for_lr_test write_event_files write_explanations
"""

BEFORE_ANYBODY_IS_KNOWN = """
    acting acting_as acting_of ask_who derived
    end_session enter_workspace failing_parts hand_on_settings
    has_accounts have_accounts here is_allowed in_all_workspaces in_next_workspace
    local_in metrics_token note_foreign_header note_forged_session
    note_refused_sign_in recently_acting session_by_email session_by_proxy sign_in sign_out
    find_link may_share shared_document
    looks_after_people make_own_workspace may_make_workspace my_workspaces
    use_session why_not workspaces_of
"""
"""Who is there, where they are, and whether the app is well; what a guest sees by a link."""

OWNERS = "list_all_links list_members remove_member rename_workspace set_member"

ADMINS = """
    add_account add_workspace back_up back_up_all check_nodes delete_workspace
    disable_account examine fetch_from_bucket list_accounts list_workspaces load_workspace
    make_admin move_any read_numbers
    rebuild_index restore restore_all set_email set_password set_quota stop_any
    view_all_runs view_nodes audit_csv find_audit list_signed_in list_uses sign_out_everywhere
"""

LOOKS = """
    accuracy_seen_words balance_of best_search bundle_file bundle_name bundle_state
    calibration_temperature check_page check_pretrained check_sampling chosen_runs_csv class_sets
    compare_runs compare_sizes comparison_csv config_at count_splits crossfit_seconds crossfit_state
    curves_csv dataset_card dataset_test_looks dataset_zip describe_models diagnose_run dials
    draft_classes draft_thumbnail ensure_supervised evaluated_predictions evaluation_state
    example_images expected_seconds explained_pictures explanations_state export_details
    export_overview export_run
    exports_name exports_zip faster_precision feature_map_shades feature_maps_state find_images
    find_recorded findings follow_run forget_page_note forkable_epochs found_inside
    guard_pictures
    guards_of_recipe has_deep_images has_pictures home_folder
    image_facts image_to_check images_at
    images_changed images_to_check import_state imported_from inside_state
    is_model_missing is_recorded is_stopping is_tracking judgeable_runs keep_choice keeps_parts
    kept_findings kept_labels labels_in landscape_state latest_predictions layer_titles
    lesson_refusals lesson_state
    lesson_studies list_all_runs list_datasets list_models list_pretrained list_runs
    list_search_summaries list_searches list_studies list_views load_dataset load_run load_search
    load_study log_tail looked_at_by_study looked_at_training may_change_labels
    model_card model_classes model_package model_state most_further_trials newest_version
    of_another_version
    open_findings own_parts package_name page_note page_sha256 pick_recipe
    plan_deletion plan_lesson plan_study points_of predict_picture predicted_pictures
    predictions_csv predictions_file_name predictions_state predictions_table predictions_thumbnail
    prepare_bundle prepare_model prepare_server queue_place queue_words
    queue_places read_guard read_lr_test read_preflight
    run_courses run_history run_optimism run_predictions run_seen run_seen_words run_test_looks
    sample_pictures
    search_importance search_runs search_state see_to_importance seen_by_start seen_by_study sent_to
    server_folder shared_starts split_notes square_examples start_evaluation start_feature_maps
    story_basis story_folder story_pictures study_deck study_evaluations study_histories
    study_landscape study_outcome study_report study_runs study_story study_units
    tables_name tables_zip test_looks thumbnail time_of_run tracking_state trained_on_looked_at
    training_images units_state unmeasured unwritable upload_notes version_note versions view_lesson
    view_queue view_run view_search view_study wait_for_run warm_predictions warm_up what_fits
    worth_of write_card write_curves write_tables
"""

SAID = {
    name: action
    for names, action in (
        (CHANGES, Action.EDIT),
        (OWNERS, Action.OWN),
        (ADMINS, Action.ADMINISTER),
        (LOOKS, Action.VIEW),
    )
    for name in names.split()
}

ROOT = Path(__file__).parents[3]
ROLES = (None, *Role)
MISSING = "20300101-000000-ffff"


def functions():
    """All functions of `lab` that pages, routes and commands import, by name."""
    places = [lab, *(importlib.import_module(name) for name in imported_rooms())]
    found = {
        name: value
        for place in places
        for name, value in inspect.getmembers(place, inspect.isfunction)
        if not name.startswith("_") and value.__module__.startswith("cnnlab.lab.")
    }
    return {
        name: value
        for name, value in found.items()
        if name in lab.__all__ or name in IMPORTED[0] or value.__module__ in IMPORTED[1]
    }


def imported():
    """Names that are imported from within `lab`, and the rooms that are imported whole."""
    files = [ROOT / "app.py"]
    for folder in ("pages", "cnnlab/ui", "cnnlab/server", "cnnlab/cli"):
        files += (ROOT / folder).rglob("*.py")
    names, rooms, modules = set(), set(), set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cnnlab.lab"):
                for each in node.names:
                    whole = f"{node.module}.{each.name}"
                    is_room = importlib.util.find_spec(node.module).submodule_search_locations
                    if is_room and importlib.util.find_spec(whole):
                        rooms.add(whole)
                    else:
                        names.add(each.name)
                        modules.add(node.module)
    return names, rooms, modules


IMPORTED = imported()


def imported_rooms():
    return sorted(IMPORTED[1] | IMPORTED[2])


ASKED = {name: value for name, value in functions().items() if name in SAID}


def test_every_function_says_what_it_asks():
    known = functions()
    silent_ones = [*OPENS_NOTHING.split(), *BEFORE_ANYBODY_IS_KNOWN.split()]
    listed = {*SAID, *silent_ones}
    assert sorted(known.keys() - listed) == [], "say in this file what they ask"
    assert sorted(listed - known.keys()) == [], "they are gone"
    silent = [name for name in SAID if not hasattr(known[name], ASKS)]
    assert silent == [], "they need @asks(...)"
    loud = [name for name in silent_ones if hasattr(known[name], ASKS)]
    assert loud == []
    other = {
        name: said for name, said in SAID.items() if getattr(known[name], ASKS).action is not said
    }
    assert other == {}


ID_NAMES = (
    "run",
    "study",
    "search",
    "dataset",
    "version",
    "subject",
    "run_or_study",
    "ids",
    "runs",
)
ID_KINDS = (Run, Study, Search, Dataset, RunConfig)
WAITS = {"export_run", "prepare_server", "server_folder"}
"""They come back when a worker has done something, and here is none."""


def needed(function):
    """The parameters without a default."""
    parameters = inspect.signature(function).parameters.values()
    return [each for each in parameters if each.default is each.empty]


def takes_an_id(function):
    return any(each.name in ID_NAMES or each.annotation in ID_KINDS for each in needed(function))


ABOUT_SOMETHING = sorted(name for name, function in ASKED.items() if takes_an_id(function))


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """Two workspaces, in one of which there is one of everything."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("two")
        patch.setenv("CNNLAB_HOME", str(folder / "home"))
        patch.setenv("CNNLAB_WARM_WORKERS", "0")
        no_supervisor(patch)
        yield Two(folder, patch)


class Two:
    """Somebody's things, and the same under ids that nobody has."""

    def __init__(self, folder, patch):
        known = register()
        self.mine, self.theirs = (known.workspaces.add(title).id for title in ("Mine", "Theirs"))
        with acting_as(replace(LOCAL, workspace=self.mine)):
            dataset = lab.import_dataset(draw_zip(folder / "a.zip"), name="Shades")
            config = RunConfig(dataset=dataset.id, image={"size": 16})
            run = made_run(config, status=Status.FINISHED)
            study = lab.compare_arms(study_base(dataset.id), ready_arms(["l2"]), seeds=2)
            made_study(study, {arm.name: 0.7 for arm in study.arms})
            ranges = [Range("regularization.dropout", 0.0, 0.6)]
            search = lab.new_search(study_base(dataset.id), ranges, trials=2)
            made_search(search, [({"regularization.dropout": 0.1}, 0.7)])
        self.there = [run, study, search, dataset, config]
        self.missing = [
            replace(run, id=MISSING, dataset=MISSING, config=run.config | {"dataset": MISSING}),
            replace(study, id=MISSING, dataset=MISSING),
            replace(search, id=MISSING, dataset=MISSING),
            replace(dataset, id=MISSING),
            config.model_copy(update={"dataset": MISSING}),
        ]
        for place in (acting_module, authorize_module):
            patch.setattr(place, "have_accounts", lambda: True)
        patch.setattr(acting_module, "_providers", [])

    def given(self, function, things):
        """What a function is called with, of the things that are there or missing."""
        run, study, search, dataset, config = things
        named = {
            "run": run.id,
            "study": study.id,
            "search": search.id,
            "dataset": dataset.id,
            "version": dataset.id,
            "subject": run.id,
            "run_or_study": study.id,
            "ids": [run.id, f"{run.id}x"],
            "runs": [run.id],
        }
        kinds = dict(zip(ID_KINDS, things, strict=True))
        return {
            each.name: kinds.get(each.annotation)
            or named.get(each.name)
            or PLAIN.get(f"{function.__name__}.{each.name}", PLAIN.get(each.name))
            for each in needed(function)
        }

    def outcome(self, name, things, role, workspace):
        """What a call comes to, in words that are the same for any id."""
        who = Acting(Person("p", "Pat"), workspace, role)
        with acting_as(who):
            try:
                answer = ASKED[name](**self.given(ASKED[name], things))
                answer = list(answer) if isinstance(answer, Iterator) else answer
            except CnnlabError as error:
                answer = (type(error), str(error))
        words = f"{answer[0].__name__}: {answer[1]}" if _is_error(answer) else repr(answer)
        for thing in things[:4]:
            words = words.replace(thing.id, MISSING)
        return answer, re.sub("0x[0-9a-f]+|'milliseconds': [0-9.]+|^'[0-9a-f]{24}'$", "", words)


def _is_error(answer):
    return isinstance(answer, tuple) and bool(answer) and isinstance(answer[0], type)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_refused_what_it_may_not(two, role):
    """Before anything is looked at, whatever it is called with."""
    refused = set()
    with acting_as(Acting(Person("p", "Pat"), two.mine if role else "", role)):
        for name, action in SAID.items():
            if role is None or not allows(role, action):
                with pytest.raises(NotAllowedError):
                    ASKED[name](**dict.fromkeys(each.name for each in needed(ASKED[name])))
                refused.add(action)
    assert refused == {action for action in Action if role is None or not allows(role, action)}


def test_nobody_who_is_not_signed_in_gets_anything(two):
    for name in SAID:
        with pytest.raises(NotSignedInError):
            ASKED[name](**dict.fromkeys(each.name for each in needed(ASKED[name])))


@pytest.mark.parametrize("name", ABOUT_SOMETHING)
def test_what_is_foreign_is_missing_and_what_is_ones_own_is_there(two, name):
    action = SAID[name]
    if action is Action.VIEW and name not in WAITS:  # first: what is kept in memory then is theirs
        answer, _ = two.outcome(name, two.there, Role.VIEWER, two.mine)
        assert not (
            _is_error(answer) and issubclass(answer[0], (NotAllowedError, NotSignedInError))
        )
    least = Role.VIEWER if action is Action.VIEW else Role.EDITOR
    _, foreign = two.outcome(name, two.there, least, two.theirs)
    _, missing = two.outcome(name, two.missing, least, two.theirs)
    assert foreign == missing


def test_an_admin_gets_no_images_by_that(two):
    admin = Acting(Person("a", "Ada", is_admin=True), "", None)
    with acting_as(admin):
        assert len(workspaces.list_workspaces()) == 3
        for call in (lab.list_datasets, lab.list_runs, lambda: lab.thumbnail("d", 0, 32)):
            with pytest.raises(NotAllowedError, match="in no workspace"):
                call()


NOWHERE = Path("/nowhere/at/all")
PLAIN = {
    "class_names": ("bright", "dark"),
    "content": b"no picture",
    "count": 2,
    "each": 1,
    "epoch": 0,
    "expected_seconds.classes": 2,
    "expected_seconds.other_images": 8,
    "expected_seconds.train_images": 40,
    "export_format": "keras",
    "feature_map_shades.maps": {"row": 0, "layers": []},
    "fixes": (),
    "folder": NOWHERE,
    "formats": ("keras",),
    "fractions": SplitFractions(),
    "high": 200.0,
    "image": RunConfig().image,
    "images_changed.finding": Finding("exact_duplicates", "", 1, ((0, 1),), ("keep_one",)),
    "key": "f" * 16,
    "kind": "exact_duplicates",
    "label": "bright",
    "labels": {0: "bright"},
    "low": 10.0,
    "method": "hirescam",
    "milliseconds": (1.0,),
    "minutes": 1.0,
    "more_seeds": 1,
    "more_trials": 1,
    "name": "Name",
    "note": "a note",
    "number": 0,
    "of_study": (),
    "paths": (NOWHERE,),
    "pick_recipe.name": "good",
    "pictures": (),
    "plan_lesson.name": "dropout",
    "points": 10,
    "probabilities": ((0.5, 0.5),),
    "raw": {},
    "remedy": "exclude",
    "row": 0,
    "rows": np.array([0]),
    "sha256": "0" * 64,
    "size_px": 32,
    "sizes": (10, 20),
    "split": "validation",
    "starred": True,
    "start_lesson.expected": "helps",
    "start_lesson.name": "dropout",
    "step": 1,
    "tags": ("approved",),
    "there": {},
    "to": NOWHERE / "file",
    "token": "f" * 32,
    "values": {"learning_rate": 0.01},
    "with_tsne": False,
}
