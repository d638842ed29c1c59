"""The page of a study, and the list of all, as scripts; nothing is trained."""

from dataclasses import replace

import pytest

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Status
from cnnlab.domain.study import Arm, RecordedLook
from cnnlab.lab.workplace import workplace
from cnnlab.study.verdicts import Verdict
from tests.made_studies import finish_by_arm, made_study, study_base
from tests.study.made_comparisons import made_comparison
from tests.ui.apps import errors, open_page, tables, words
from tests.ui.runs_table.rows import rows


def order_of(app, *titles):
    """The page's headings among these, from the top."""
    return [heading.value for heading in app.header if heading.value in titles]


def test_while_it_runs_the_moving_curves_come_first_and_then_the_verdicts(quiet):
    arms = ready_arms(["baseline", "dropout"])
    study = lab.compare_arms(study_base(quiet.id), arms, seeds=3)
    lab.launch_study(study)
    app = open_page("study", study=study.id)
    found = order_of(app, "Curves", "Verdicts so far")
    assert found == ["Curves", "Verdicts so far"]


def test_why_runs_start_again_is_said_while_they_are_under_way(quiet):
    arms = ready_arms(["baseline", "dropout"])
    study = lab.compare_arms(study_base(quiet.id), arms, seeds=2)
    lab.launch_study(study)
    why = "Restarted (1): the worker was ended from outside."
    *lost, last = lab.study_runs(study.id)[1:]
    for run in lost:
        workplace().runs.update(run.id, status=Status.RUNNING, attempt=2, message=why)
    workplace().runs.update(last.id, status=Status.STOPPED, message="Stopped.")
    shown = words(open_page("study", study=study.id)).replace("\\", "")
    assert f"2 runs: {why}" in shown
    assert "Stopped." not in shown


def test_ended_studies_are_listed_with_what_came_out(study):
    app = open_page("study")
    (row,) = tables(app)["Your studies"]
    assert row["Outcome"].startswith("dropout helps")
    assert row["Finished"] == "100\u00a0%"
    page = open_page("study", study=study.id)
    assert order_of(page, "Curves", "Verdicts") == ["Verdicts", "Curves"]
    assert "Validation accuracy over the last 3 epochs of each run (their mean)." in words(page)


def test_a_study_is_looked_at_once_for_all_that_its_page_shows(study, monkeypatch):
    look, looks = lab.view_study, []
    monkeypatch.setattr(lab, "view_study", lambda asked: looks.append(asked) or look(asked))
    assert not open_page("study", study=study.id).exception
    assert looks == [study.id]


def test_of_sizes_it_says_what_is_compared_with_what(quiet):
    study = lab.compare_sizes(study_base(quiet.id), [4, 8], seeds=3)
    made_study(study, {arm.name: 0.6 + 0.05 * ("with" in arm.name) for arm in study.arms})
    shown = words(open_page("study", study=study.id))
    assert "Each size with augmentation is compared with the same size without it" in shown
    assert "Arms are compared" not in shown


def test_verdicts_are_told_in_words(study):
    app = open_page("study", study=study.id)
    shown = words(app).replace("\\", "")
    assert "Helps by" in shown
    assert "Can't tell: at most 1.5" in shown
    assert "at most 5\u00a0% of such studies" in shown
    assert "helps]" in shown


def with_verdict(monkeypatch, study, **told):
    """The study's page with an arm of which this is told."""
    view = lab.view_study(study.id)
    found = made_comparison("dropout", 0.021, **told)
    changed = view.comparisons | {study.primary: view.verdicts | {"dropout": found}}
    monkeypatch.setattr(lab, "view_study", lambda _: replace(view, comparisons=changed))
    return words(open_page("study", study=study.id)).replace("\\", "")


@pytest.mark.parametrize(
    ("verdict", "badge"),
    [
        (Verdict.HELPS, ":green-badge[:material/trending_up: helps]"),
        (Verdict.HURTS, ":red-badge[:material/trending_down: hurts]"),
        (Verdict.NO_DIFFERENCE, ":violet-badge[:material/equal: no difference]"),
        (Verdict.CANNOT_TELL, ":gray-badge[:material/question_mark: can't tell]"),
    ],
)
def test_each_verdict_has_a_sign_and_a_colour_of_its_own(study, monkeypatch, verdict, badge):
    shown = with_verdict(monkeypatch, study, verdict=verdict, words="As told by study.")
    assert f"{badge}  \nAs told by study." in shown


def test_what_may_be_too_little_to_matter_has_a_badge_that_says_so(study, monkeypatch):
    shown = with_verdict(monkeypatch, study, these=(0.0005, 0.041), verdict=Verdict.HELPS)
    assert ":green-badge[:material/trending_up: helps, maybe too little to matter]" in shown


@pytest.mark.parametrize("scope", ["these_images", "new_images"])
def test_both_scopes_are_told_and_that_of_the_claim_is_marked(quiet, monkeypatch, scope):
    arms = ready_arms(["baseline", "dropout"])
    study = lab.compare_arms(study_base(quiet.id), arms, seeds=3, scope=scope)
    made_study(study, {"baseline": 0.7, "dropout": 0.8})
    shown = with_verdict(monkeypatch, study, these=(0.004, 0.038), new=(-0.006, 0.048), scope=scope)
    first = {"these_images": "these validation images", "new_images": "new images of this kind"}
    assert f"On {first.pop(scope)}, which the claim is about: " in shown
    assert f"On {first.popitem()[1]}: " in shown
    assert "+0.4" in shown and "−0.6" in shown


def test_a_scope_that_isnt_known_is_told_once_with_the_reason(study, monkeypatch):
    shown = with_verdict(monkeypatch, study, these=(0.004, 0.038))
    assert shown.count("On new images of this kind nothing is known: ") == 1


def test_the_rules_stand_below_the_headline(study):
    shown = words(open_page("study", study=study.id)).replace("\\", "")
    assert (
        "over the last 3 epochs of each run (their mean). Differences up to 1 point count" in shown
    )
    assert "fixed before the launch" in shown


def test_a_further_look_says_what_it_costs(study):
    assert "This is look" not in words(open_page("study", study=study.id))
    place = workplace()
    looked = place.studies.load(study.id)
    earlier = RecordedLook("other", 0.05, is_planned=True)
    place.studies.save(replace(looked, looks=(earlier,)))
    shown = words(open_page("study", study=study.id))
    assert "This is look 2 at this study" in shown
    assert "claim one at this look instead of 5\u00a0%" in shown


def test_more_seeds_are_queued_with_a_click(study):
    app = open_page("study", study=study.id)
    app.button(key="more_seeds").click().run()
    assert len(lab.load_study(study.id).seeds) > 4
    assert lab.load_study(study.id).stages == 2


def test_of_many_more_seeds_as_many_as_there_are_come_first(study, monkeypatch):
    found = made_comparison("dropout", 0.02, these=(-0.05, 0.09), verdict=Verdict.CANNOT_TELL)
    view = lab.view_study(study.id)
    told = {name: replace(one, more_seeds=None) for name, one in view.verdicts.items()}
    told["dropout"] = replace(found, more_seeds=32)
    changed = view.comparisons | {study.primary: told}
    monkeypatch.setattr(lab, "view_study", lambda _: replace(view, comparisons=changed))
    app = open_page("study", study=study.id)
    assert app.button(key="more_seeds").label == "Queue 4 more seeds (12 runs)"
    assert app.button(key="all_more_seeds").label == "Queue all 32 (96 runs)"
    assert "Up to about 32 more seeds would tell for dropout" in words(app)


def test_every_part_of_a_study_has_something_to_say(study):
    app = open_page("study", study=study.id)
    assert "Wrong labels" not in app.segmented_control(key="study_part").options  # it has none
    for part in ("Calibration", "Weights", "Same start", "Runs"):
        app.segmented_control(key="study_part").set_value(part).run()
        assert not app.exception
    assert len(tables(app)["Runs of this study"]) == 12


def test_wrong_labels_are_a_part_where_an_arm_has_some(quiet):
    base = load_config({"dataset": quiet.id})
    arms = [*ready_arms([]), Arm("noisy", {"split.label_noise_fraction": 0.2})]
    study = lab.launch_study(lab.compare_arms(base, arms, seeds=2))
    app = open_page("study", study=study.id)
    app.segmented_control(key="study_part").set_value("Wrong labels").run()
    assert not app.exception


def test_an_unfinished_study_can_be_stopped_gone_on_with_and_deleted(quiet):
    base = load_config({"dataset": quiet.id})
    study = lab.launch_study(lab.compare_arms(base, ready_arms(["l2"]), seeds=2))
    app = open_page("study", study=study.id)
    assert "0 of 4 runs" in str(app.get("progress")[0].proto)
    assert kind_of(app, "presenter_mode") == "primary"  # what there is to see comes next
    app.button(key="stop_study").click().run()
    assert {run.status for run in lab.study_runs(study.id)} == {Status.STOPPED}
    assert [kind_of(app, key) for key in ("resume_study", "presenter_mode")] == [
        "primary",
        "secondary",
    ]
    app.button(key="resume_study").click().run()
    assert {run.status for run in lab.study_runs(study.id)} == {Status.QUEUED}
    lab.stop_study(study.id)
    app.run()
    app.button(key="delete_study").click().run()
    app.button(key="confirm_delete_study").click().run()
    assert lab.list_studies() == lab.list_runs() == []


def kind_of(app, key):
    return app.button(key=key).proto.type


def test_once_something_is_told_the_slides_come_before_the_runs_that_are_missing(study):
    workplace().runs.update(lab.study_runs(study.id)[-1].id, status=Status.FAILED)
    app = open_page("study", study=study.id)
    keys = [button.key for button in app.button]
    assert keys.index("presenter_mode") < keys.index("resume_study")
    assert [kind_of(app, key) for key in ("presenter_mode", "resume_study")] == [
        "primary",
        "secondary",
    ]


def test_an_arm_without_a_curve_has_no_empty_axes(quiet):
    study = lab.launch_study(
        lab.compare_arms(study_base(quiet.id), ready_arms(["baseline", "dropout"]), seeds=3)
    )
    finish_by_arm(study, {"baseline": 0.7})
    app = open_page("study", study=study.id)
    assert "**dropout**: no run has finished an epoch yet" in words(app)
    drawn = [figure.proto.id for figure in app.get("bidi_component")]
    assert any("study_gap_0" in each for each in drawn)
    assert not any("study_gap_1" in each for each in drawn)


def test_a_study_is_renamed(study):
    app = open_page("study", study=study.id)
    app.button(key="rename_study").click().run()
    app.text_input(key="new_study_name").set_value("Mine")
    app.button(key="confirm_rename_study").click().run()
    assert lab.load_study(study.id).name == "Mine"


def test_runs_of_studies_are_listed_on_request(study):
    app = open_page("runs")
    assert "All runs so far belong to studies: switch on 'Runs of studies too'" in words(app)
    app.toggle(key="with_studies").set_value(True).run()
    assert len(rows(app)) == 12


def test_a_bundle_that_cannot_be_asked_for_is_said(study, monkeypatch):
    def fail(*given, **more):
        raise StorageError("The *disk* is full.")

    monkeypatch.setattr(lab, "prepare_bundle", fail)
    app = open_page("study", study=study.id)
    app.button(key="prepare_bundle").click().run()
    assert not app.exception
    assert any("disk" in each and "full" in each for each in errors(app))


def test_no_runs_are_queued_for_a_study_that_was_imported(quiet, monkeypatch):
    found = lab.compare_arms(study_base(quiet.id), ready_arms(["baseline", "dropout"]), seeds=2)
    study = made_study(found, {"baseline": 0.7, "dropout": 0.702})
    run = lab.study_runs(study.id)[0]
    workplace().runs.update(run.id, status=Status.FAILED)
    keys = {"resume_study", "more_seeds"}
    assert keys & {button.key for button in open_page("study", study=study.id).button}
    monkeypatch.setattr(lab, "imported_from", lambda _: "Imported.")
    assert not keys & {button.key for button in open_page("study", study=study.id).button}


def test_the_arms_of_the_first_seed_are_put_side_by_side_with_a_click(study):
    app = open_page("study", study=study.id)
    app.button(key="compare_arms").click().run()
    assert not app.exception and not app.error
    runs = [lab.load_run(run) for run in app.query_params["runs"].split(",")]
    assert [run.arm for run in runs] == [arm.name for arm in study.arms]
    assert len({run.config["training"]["seed"] for run in runs}) == 1
