"""The form of a new study as a script; nothing is trained."""

import pytest

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import DatasetError
from cnnlab.domain.run import Status
from cnnlab.ui.form.state import BASE
from tests.made_studies import made_study, study_base
from tests.ui.apps import errors, late_clock, open_page, words


def test_without_a_dataset_it_leads_to_the_data_page(home):
    app = open_page("study")
    assert "bring your images on the Data page" in words(app)


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


def test_a_study_that_nobody_names_is_called_as_the_form_says(quiet):
    app = open_page("study")
    told = f"Augmentation, dropout, L2, all together · {lab.list_datasets()[0].name}"
    assert app.text_input(key="study_name").placeholder == told
    app.button(key="launch_study").click().run()
    assert lab.list_studies()[0].name == told
    app = open_page("study")
    assert app.text_input(key="study_name").placeholder == f"{told} (2)"
    app.text_input(key="study_name").set_value("Mine").run()
    app.button(key="launch_study").click().run()
    assert lab.list_studies()[0].name == "Mine"


def test_the_start_stands_before_all_that_may_be_set_besides(quiet):
    app = open_page("study")
    keys = [element.key for element in app.main if element.key]
    start = keys.index("launch_study")
    assert keys.index("seeds") < start < min(map(keys.index, ("study_name", "start_pilot")))


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
    with late_clock():
        app.number_input(key="seeds").set_value(9).run()
    assert app.number_input(key="seeds").value == 5  # nobody has chosen another number
    app.number_input(key="seeds").set_value(8).run()
    assert "= 40 runs" in words(app)
    app.number_input(key="seeds").set_value(2).run()
    assert "no verdict can be told" in words(app)
    app.number_input(key="epochs").set_value(500).run()
    assert app.number_input(key="seeds").value == 2  # chosen, so it stays


def test_a_run_of_the_page_takes_back_no_number_that_is_being_typed(quiet):
    """The browser sets a field again where it is told to, whatever stands in it meanwhile."""
    app = open_page("study")
    app.number_input(key="seeds").set_value(4).run()
    app.run()
    field = app.number_input(key="seeds")
    assert (field.value, field.proto.set_value) == (4, False)


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
