"""The study page as a script; nothing is trained."""

from dataclasses import replace

import pytest

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import DatasetError, StorageError
from cnnlab.domain.run import Status
from cnnlab.domain.study import RecordedLook
from cnnlab.lab.workplace import workplace
from cnnlab.study.verdicts import Verdict
from cnnlab.ui.form.state import BASE
from tests.made_runs import no_supervisor
from tests.made_studies import made_study, study_base
from tests.study.made_comparisons import made_comparison
from tests.ui.apps import errors, open_page, words


@pytest.fixture
def quiet(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return dataset


@pytest.fixture
def study(quiet):
    arms = ready_arms(["baseline", "dropout", "l2"])
    found = lab.compare_arms(study_base(quiet.id), arms, seeds=4, margin=0.01)
    return made_study(found, {"baseline": 0.7, "dropout": 0.8, "L2": 0.704})


def test_without_a_dataset_it_leads_to_the_data_page(home):
    app = open_page("study")
    assert "Upload labelled images first" in words(app)


def test_the_usual_five_are_launched_with_one_click(quiet):
    app = open_page("study")
    assert "5 arms × 5 seeds = 25 runs" in words(app)
    app.button(key="launch_study").click().run()
    assert not app.exception
    study = lab.list_studies()[0]
    assert [arm.name for arm in study.arms] == [
        "baseline",
        "augmentation",
        "dropout",
        "L2",
        "all together",
    ]
    assert {run.status for run in lab.study_runs(study.id)} == {Status.QUEUED}
    assert len(lab.study_runs(study.id)) == 25


def test_the_usual_rules_need_no_choice_and_are_said(quiet):
    app = open_page("study")
    shown = words(app)
    assert "over the last 3 epochs of each run (their mean)" in shown
    assert "Differences up to 2 points count as none" in shown
    assert "Verdicts are about these validation images" in shown
    app.button(key="launch_study").click().run()
    study = lab.list_studies()[0]
    assert (study.judged_at, study.margin, study.scope) == ("mean_last", 0.02, "these_images")


def test_the_rules_are_chosen_before_the_launch(quiet):
    app = open_page("study")
    assert app.selectbox(key="judged_at").options == [
        "Mean of the last epochs",
        "Last epoch",
        "Cross-fitted best epoch",
        "Best epoch (flatters the noisier arm)",
    ]
    app.selectbox(key="judged_at").set_value("cross_fitted")
    app.number_input(key="margin").set_value(1.5)
    app.selectbox(key="scope").set_value("new_images").run()
    assert "up to 1.5 points count as none. Verdicts are about new images" in words(app)
    app.button(key="launch_study").click().run()
    study = lab.list_studies()[0]
    assert (study.judged_at, study.margin, study.scope) == ("cross_fitted", 0.015, "new_images")


def test_a_study_can_be_watched_and_its_rules_say_what_that_costs(quiet):
    app = open_page("study")
    app.checkbox(key="watch").check().run()
    assert "by a test that finds about half as much" in words(app)
    app.button(key="launch_study").click().run()
    assert lab.list_studies()[0].watch


@pytest.mark.parametrize(
    ("judged_at", "is_warned"),
    [("mean_last", False), ("last", False), ("cross_fitted", True), ("best", True)],
)
def test_who_chooses_the_best_epoch_is_told_whom_it_flatters(quiet, judged_at, is_warned):
    app = open_page("study")
    app.selectbox(key="judged_at").set_value(judged_at).run()
    assert ("looks better than it is" in words(app)) == is_warned


def test_each_metric_has_a_margin_in_its_own_unit(quiet):
    app = open_page("study")
    app.number_input(key="margin").set_value(5.0).run()
    app.selectbox(key="study_primary").set_value("val_cross_entropy").run()
    assert not errors(app)
    assert "up to 0.1 nats count as none" in words(app)
    app.button(key="launch_study").click().run()
    study = lab.list_studies()[0]
    assert (study.primary, study.margin) == ("val_cross_entropy", 0.1)


@pytest.mark.parametrize(
    ("primary", "said"),
    [
        ("gap", "A smaller gap helps only where at most 2 points of accuracy may be lost"),
        ("robustness", "Judged by accuracy on distorted images of the model that each run keeps"),
        ("calibration", "Differences up to 1 point count as none"),
    ],
)
def test_gap_robustness_and_calibration_can_be_judged(quiet, primary, said):
    app = open_page("study")
    app.selectbox(key="study_primary").set_value(primary).run()
    assert said in words(app)
    assert app.number_input(key=f"margin_{primary}").value in (1.0, 2.0)
    app.button(key="launch_study").click().run()
    assert lab.list_studies()[0].primary == primary


@pytest.mark.parametrize(("bare", "dropout"), [(True, 0), (False, 0.3)])
def test_the_train_pages_regularizers_stay_out_unless_they_are_wanted(quiet, bare, dropout):
    app = open_page("study")
    app.session_state["reg_dropout"] = 0.3
    app.toggle(key="study_bare").set_value(bare).run()
    app.button(key="launch_study").click().run()
    assert lab.list_studies()[0].base["regularization"]["dropout"] == dropout


DROPOUT, L2, RATE = "regularization.dropout", "regularization.l2", "optimizer.learning_rate"


def test_own_arms_are_made_with_the_widgets_of_train_and_called_by_what_they_change(quiet):
    app = open_page("study")
    app.multiselect(key="own_arm_fields").set_value([DROPOUT, L2]).run()
    assert app.slider(key="own_arm_regularization_dropout").value == 0.5
    assert app.number_input(key="own_arm_regularization_l2").label == "L2"
    assert app.text_input(key="own_arm_name").placeholder == "Dropout 0.5 + L2 0.001"
    app.slider(key="own_arm_regularization_dropout").set_value(0.3).run()
    app.button(key="add_arm").click().run()
    assert "6 arms" in words(app)
    assert "**Dropout 0.3 + L2 0.001**" in words(app).replace("\\", "")
    assert app.multiselect(key="own_arm_fields").value == []
    app.multiselect(key="own_arm_fields").set_value([RATE]).run()
    app.button(key="add_arm").click().run()
    app.button(key="remove_arm_1").click().run()
    assert "6 arms" in words(app)
    app.button(key="edit_arm_0").click().run()
    assert app.slider(key="own_arm_regularization_dropout").value == 0.3
    app.number_input(key="own_arm_regularization_l2").set_value(0.01)
    app.text_input(key="own_arm_name").set_value("both").run()
    app.button(key="add_arm").click().run()
    app.button(key="launch_study").click().run()
    own = lab.list_studies()[0].arms[-1]
    assert (own.name, own.changes) == ("both", {DROPOUT: 0.3, L2: 0.01})


def test_an_own_arm_that_cannot_be_stays_to_be_mended(quiet):
    app = open_page("study")
    app.multiselect(key="own_arm_fields").set_value([RATE]).run()
    app.number_input(key="own_arm_optimizer_learning_rate").set_value(1000.0).run()
    app.button(key="add_arm").click().run()
    assert "Learning rate" in errors(app)[0]
    assert app.number_input(key="own_arm_optimizer_learning_rate").value == 1000
    app.number_input(key="own_arm_optimizer_learning_rate").set_value(0.01).run()
    app.button(key="add_arm").click().run()
    app.multiselect(key="own_arm_fields").set_value([RATE]).run()
    app.number_input(key="own_arm_optimizer_learning_rate").set_value(0.01).run()
    app.button(key="add_arm").click().run()
    assert "another name" in errors(app)[0]


@pytest.mark.parametrize(
    ("field", "set_it", "value"),
    [
        ("regularization.early_stopping", lambda app, key: app.toggle(key=key), None),
        ("optimizer.schedule", lambda app, key: app.selectbox(key=key), "cosine"),
        ("training.batch_size", lambda app, key: app.number_input(key=key), 8),
        ("architecture.preset", lambda app, key: app.selectbox(key=key), "tiny_cnn"),
        ("regularization.batch_norm", lambda app, key: app.toggle(key=key), None),
    ],
)
def test_every_sort_of_field_can_be_changed_and_changed_again(quiet, field, set_it, value):
    app, key = open_page("study"), f"own_arm_{field.replace('.', '_')}"
    app.multiselect(key="own_arm_fields").set_value([field]).run()
    if value is not None:
        set_it(app, key).set_value(value).run()
    app.button(key="add_arm").click().run()
    assert "6 arms" in words(app)
    app.button(key="edit_arm_0").click().run()
    app.button(key="add_arm").click().run()
    app.button(key="launch_study").click().run()
    assert not app.exception
    study = lab.list_studies()[0]
    assert study.config(study.arms[-1], 0) != study.config(study.arms[0], 0)


def test_arms_that_are_the_same_block_the_start_with_a_sentence(quiet):
    app = open_page("study")
    app.multiselect(key="own_arm_fields").set_value([DROPOUT]).run()
    app.button(key="add_arm").click().run()
    assert "are the same" in errors(app)[0]
    assert app.button(key="launch_study").disabled


@pytest.mark.parametrize(("kind", "arms"), [("dose", "5 arms"), ("worth", "arms × 5 seeds")])
def test_other_questions_are_asked(quiet, kind, arms):
    app = open_page("study")
    app.segmented_control(key="study_kind").set_value(kind).run()
    assert not app.exception
    assert arms in words(app)
    app.button(key="launch_study").click().run()
    assert lab.list_studies()[0].kind == kind


def order_of(app, *titles):
    """The page's headings among these, from the top."""
    return [heading.value for heading in app.subheader if heading.value in titles]


def test_while_it_runs_the_moving_curves_come_first_and_then_the_verdicts(quiet):
    arms = ready_arms(["baseline", "dropout"])
    study = lab.compare_arms(study_base(quiet.id), arms, seeds=3)
    lab.launch_study(study)
    app = open_page("study", study=study.id)
    found = order_of(app, "Curves", "Verdicts so far")
    assert found == ["Curves", "Verdicts so far"]


def test_ended_studies_are_listed_with_what_came_out(study):
    app = open_page("study")
    (row,) = app.dataframe(key="studies_table").value.to_dict("records")
    assert row["outcome"].startswith("dropout helps")
    shown = order_of(open_page("study", study=study.id), "Curves", "Verdicts")
    assert shown == ["Verdicts", "Curves"]


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
    assert "at most 5 % of such studies" in shown
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


@pytest.mark.parametrize("scope", ["these_images", "new_images"])
def test_both_scopes_are_told_and_that_of_the_claim_is_marked(quiet, monkeypatch, scope):
    arms = ready_arms(["baseline", "dropout"])
    study = lab.compare_arms(study_base(quiet.id), arms, seeds=3, scope=scope)
    made_study(study, {"baseline": 0.7, "dropout": 0.8})
    shown = with_verdict(monkeypatch, study, these=(0.004, 0.038), new=(-0.006, 0.048), scope=scope)
    first = {"these_images": "these validation images", "new_images": "new images of this kind"}
    assert f"On {first.pop(scope)}, which the claim is about: " in shown
    assert f"On {first.popitem()[1]}: " in shown
    assert "+0.4" in shown and "-0.6" in shown


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
    assert "claim one at this look instead of 5 %" in shown


def test_more_seeds_are_queued_with_a_click(study):
    app = open_page("study", study=study.id)
    app.button(key="more_seeds").click().run()
    assert len(lab.load_study(study.id).seeds) > 4
    assert lab.load_study(study.id).stages == 2


def test_every_part_of_a_study_has_something_to_say(study):
    app = open_page("study", study=study.id)
    for part in ("Calibration", "Weights", "Wrong labels", "Same start", "Runs"):
        app.segmented_control(key="study_part").set_value(part).run()
        assert not app.exception
    assert len(app.dataframe[-1].value) == 12


def test_an_unfinished_study_can_be_stopped_gone_on_with_and_deleted(quiet):
    base = load_config({"dataset": quiet.id})
    study = lab.launch_study(lab.compare_arms(base, ready_arms(["l2"]), seeds=2))
    app = open_page("study", study=study.id)
    assert "0 of 4 runs" in str(app.get("progress")[0].proto)
    app.button(key="stop_study").click().run()
    assert {run.status for run in lab.study_runs(study.id)} == {Status.STOPPED}
    app.button(key="resume_study").click().run()
    assert {run.status for run in lab.study_runs(study.id)} == {Status.QUEUED}
    lab.stop_study(study.id)
    app.run()
    app.button(key="delete_study").click().run()
    app.button(key="confirm_delete_study").click().run()
    assert lab.list_studies() == lab.list_runs() == []


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
    assert len(app.dataframe[0].value) == 12


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


def test_what_the_train_page_has_set_for_every_arm_is_said_and_can_be_left(quiet):
    app = open_page("study")
    assert "From the Train page" not in words(app)
    layers = [{"kind": "conv", "filters": 8}, {"kind": "max_pool"}]
    phases = [{"epochs": 4, "trainable_blocks": 0, "learning_rate": None}]
    base = app.session_state[BASE]
    own = base["architecture"] | {"layers": layers, "phases": phases}
    app.session_state[BASE] = base | {"architecture": own}
    app.run()
    assert "your own list of 2 layers, not the preset" in words(app)
    assert "training in 1 phase, which set the epochs" in words(app)
    assert app.number_input(key="epochs").disabled
    app.button(key="study_use_preset").click().run()
    assert "your own list" not in words(app)
    app.session_state[BASE] = base | {"architecture": own}
    app.run()
    app.selectbox(key="preset").set_value("tiny_cnn").run()
    app.button(key="launch_study").click().run()
    shared = load_config(lab.list_studies()[0].base).architecture
    assert (shared.layers, shared.preset, len(shared.phases)) == (None, "tiny_cnn", 1)


def test_each_seed_is_split_anew_on_wish_and_it_is_said_what_that_means(quiet):
    app = open_page("study")
    assert "Bouthillier" not in words(app)
    app.selectbox(key="splits").set_value("folds").run()
    app.number_input(key="study_folds").set_value(4).run()
    assert "divided into 4 equal parts" in words(app)
    assert "the luck of the split is in the intervals" in words(app)
    app.selectbox(key="scope").set_value("new_images").run()
    assert app.button(key="launch_study").disabled
    assert "the same validation images in every run" in app.error[0].value
    app.selectbox(key="scope").set_value("these_images").run()
    app.button(key="launch_study").click().run()
    study = lab.list_studies()[0]
    assert (study.splits, study.folds) == ("folds", 4)


def test_an_upload_with_its_own_validation_part_is_not_split_anew(quiet, monkeypatch):
    monkeypatch.setattr(lab, "own_parts", lambda dataset: {"validation"})
    app = open_page("study")
    assert app.selectbox(key="splits").disabled
    assert "brought its own validation images" in words(app)
    app.button(key="launch_study").click().run()
    assert lab.list_studies()[0].splits == "shared"


def test_a_draw_that_the_upload_rules_out_is_said_of_sizes_too(quiet, monkeypatch):
    def refused(config):
        raise DatasetError("The upload says who validates.")

    monkeypatch.setattr(lab, "training_images", refused)
    monkeypatch.setattr(lab, "compare_sizes", lambda base, sizes, **options: refused(base))
    app = open_page("study")
    app.segmented_control(key="study_kind").set_value("worth").run()
    assert not app.exception
    assert errors(app) == ["The upload says who validates."]
    assert app.button(key="launch_study").disabled


def test_what_the_launch_refuses_is_said_on_the_form(quiet, monkeypatch):
    def refused(study):
        raise DatasetError("The split of seed 3 can't be made.")

    app = open_page("study")
    monkeypatch.setattr(lab, "launch_study", refused)
    app.button(key="launch_study").click().run()
    assert not app.exception
    assert errors(app) == ["The split of seed 3 can't be made."]


def test_where_no_smallest_effect_is_told_no_pilot_is_offered(quiet):
    app = open_page("study")
    assert app.button(key="start_pilot")
    app.selectbox(key="scope").set_value("new_images").run()
    assert "isn't worked out for claims about new images" in words(app)
    assert not [button for button in app.button if button.key == "start_pilot"]


def test_one_click_makes_it_overfit_says_what_it_set_and_takes_it_back(quiet):
    app = open_page("study")
    app.number_input(key="epochs").set_value(7)
    app.toggle(key="study_bare").set_value(False).run()
    app.button(key="make_overfit").click().run()
    assert "Set: 9 training images of each class (of up to 19)" in words(app).replace("\\", "")
    assert app.number_input(key="images_per_class").value == 9
    app.button(key="undo_overfit").click().run()
    assert (app.number_input(key="epochs").value, app.toggle(key="study_bare").value) == (7, False)
    assert app.number_input(key="images_per_class").value is None
    app.button(key="make_overfit").click().run()
    app.number_input(key="epochs").set_value(8).run()
    assert app.button(key="make_overfit")  # what is there now isn't what the button set
    app.button(key="make_overfit").click().run()
    app.button(key="launch_study").click().run()
    base = load_config(lab.list_studies()[0].base)
    assert base.architecture.dense_units == 512
    assert (base.split.images_per_class, base.training.epochs) == (9, 100)


def test_time_and_smallest_effect_stand_beside_the_number_of_seeds(quiet):
    app = open_page("study")
    assert app.number_input(key="seeds").value == 5  # the time allows it
    assert "Smallest difference found in 80 % of cases" in words(app)
    assert "Unknown for this dataset" in words(app)
    app.slider(key="seeds_slider").set_value(8).run()
    assert app.number_input(key="seeds").value == 8
    assert "= 40 runs" in words(app)
    app.number_input(key="seeds").set_value(2).run()
    assert app.slider(key="seeds_slider").value == 2
    assert "no verdict can be told" in words(app)
    app.number_input(key="epochs").set_value(500).run()
    assert app.number_input(key="seeds").value == 2  # chosen, so it stays


def test_long_runs_begin_with_three_seeds(quiet):
    app = open_page("study")
    app.number_input(key="epochs").set_value(900).run()
    assert app.number_input(key="seeds").value == 3
    app.button(key="launch_study").click().run()
    assert len(lab.list_studies()[0].seeds) == 3


def test_a_pilot_is_one_click_and_what_it_measured_is_told_afterwards(quiet):
    app = open_page("study")
    app.button(key="start_pilot").click().run()
    assert not app.exception
    (pilot,) = lab.list_studies()
    assert [arm.name for arm in pilot.arms] == ["baseline", "augmentation"]
    lab.stop_study(pilot.id)


def test_after_a_study_of_such_runs_the_smallest_effect_is_known(quiet):
    arms = ready_arms(["baseline", "dropout"])
    made_study(
        lab.compare_arms(study_base(quiet.id), arms, seeds=4), {"baseline": 0.7, "dropout": 0.8}
    )
    app = open_page("study")
    app.number_input(key="epochs").set_value(12).run()
    assert "By 4 earlier pairs of runs of this dataset with such settings" in words(app)
    assert not [button for button in app.button if button.key == "start_pilot"]
