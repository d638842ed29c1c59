"""The check before training, as the Train page shows it."""

import pytest

from cnnlab import lab
from cnnlab.domain.errors import StorageError
from cnnlab.jobs.state import Stage
from cnnlab.ui.form.switch import is_shown_on
from cnnlab.ui.train.preflight_view import conclusions
from tests.made_runs import no_supervisor
from tests.ui.apps import errors, go_to, open_page, tables, words

OUTCOME = {
    "device": "CPU (2 threads)",
    "batch_size": 32,
    "batch_size_words": "Batch size 32.",
    "layers": [
        {"name": "conv", "kind": "Conv2D", "output_shape": [48, 48, 16], "parameters": 448},
        {"name": "dense", "kind": "Dense", "output_shape": [2], "parameters": 34},
    ],
    "parameters": 23_482,
    "memory": {"total_bytes": 800 * 2**20, "limit_bytes": 8 * 2**30},
    "steps_per_epoch": 30,
    "seconds_per_step": 0.3,
    "seconds_per_epoch": 9.2,
    "total_seconds": 185.0,
    "loss": {"values": [1.8, 1.2, 0.4], "with_dropout": False},
    "warnings": [{"kind": "batch_norm", "message": "Batch norm is unsteady."}],
    "problem": None,
}
TOO_LARGE = OUTCOME | {
    "memory": {"total_bytes": 90 * 2**30, "limit_bytes": 8 * 2**30},
    "problem": "The memory won't suffice: lower training.batch_size (now 32).",
    "total_seconds": None,
    "seconds_per_epoch": None,
    "loss": None,
}


def test_what_frozen_layers_take_once_is_said_apart():
    assert "9.2\u00a0s an epoch, after 42\u00a0s for the frozen layers, once" in "".join(
        conclusions(OUTCOME | {"features_seconds": 42.0})
    )
    assert "once" not in "".join(conclusions(OUTCOME | {"features_seconds": 0.0}))


@pytest.fixture
def found(dataset, monkeypatch, plain_start):
    """What the check finds, to be set by the test; the configs that were checked."""
    no_supervisor(monkeypatch)
    found = {"state": lab.PreflightState(phase="Timing some steps"), "asked": []}

    def start(config, *, again):
        found["asked"].append(config)
        return "key"

    monkeypatch.setattr(lab, "start_preflight", start)
    monkeypatch.setattr(lab, "read_preflight", lambda key: found["state"])
    return found


def test_a_check_tells_what_it_does_and_then_what_it_found(found, dataset):
    app = open_page("train")
    assert found["asked"] == []
    app.button(key="start_preflight").click().run()
    assert found["asked"][0].dataset == dataset.id
    assert "Timing some steps ..." in words(app)
    found["state"] = lab.PreflightState(Stage.FINISHED, answer=OUTCOME)
    app.run()
    text = words(app).replace("\\", "")
    for part in (
        "**Fits** CPU (2 threads): about 800\u00a0MiB of 8\u00a0GiB",
        "**About 3\u00a0min**, 9.2\u00a0s an epoch",
        "**23,482 parameters**, 30 steps of 32 images",
        "**The loss falls**: 1.8 → 0.4 in 2 steps",
    ):
        assert part in text
    assert "Batch norm is unsteady" in app.warning[0].value
    assert errors(app) == []
    assert [row["Output"] for row in tables(app)["Layers"]] == ["48 × 48 × 16", "2"]


def test_a_check_of_another_form_says_so(found):
    app = open_page("train")
    app.button(key="start_preflight").click().run()
    found["state"] = lab.PreflightState(Stage.FINISHED, answer=OUTCOME)
    app.number_input(key="epochs").set_value(7).run()
    assert "The form has changed since this check" in words(app)
    assert "About 3\u00a0min" in words(app)  # greyed, not gone
    app.number_input(key="epochs").set_value(20).run()
    assert "The form has changed" not in words(app)
    app.number_input(key="epochs").set_value(7).run()
    app.button(key="start_preflight").click().run()
    assert found["asked"][1].training.epochs == 7
    assert "The form has changed" not in words(app)


def test_a_network_that_is_too_large_is_said_with_the_forms_labels(found):
    app = open_page("train")
    app.button(key="start_preflight").click().run()
    found["state"] = lab.PreflightState(Stage.FINISHED, answer=TOO_LARGE)
    app.run()
    assert errors(app) == ["The memory won't suffice: lower Batch size (now 32)."]
    assert "Doesn't fit**: needs about 90\u00a0GiB of memory of 8\u00a0GiB" in words(app)
    assert not app.button(key="launch_run").disabled  # the user may know better


@pytest.mark.parametrize(
    ("values", "problem", "said"),
    [
        ([1.0, None], "The loss is no longer finite", "**The loss isn't finite**"),
        ([1.0, 1.5], "The loss rises", "**The loss doesn't fall**: 1 → 1.5"),
    ],
)
def test_a_loss_that_does_not_fall_is_marked(values, problem, said):
    loss = {"values": values, "with_dropout": False}
    lines = conclusions(OUTCOME | {"loss": loss, "problem": problem})
    assert said in lines[-1]
    assert ":red[" in lines[-1]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([2.92, 3.5, 4.28], "**Too few steps to see whether the loss falls**: 2.92 → 3.5 in 2"),
        ([2.92, 3.5, 2.1, 2.95], "**The loss falls**: 2.92 → 2.1 in 3 steps"),
    ],
)
def test_a_loss_is_said_to_fall_only_where_it_does(values, said):
    (line,) = [line for line in conclusions(OUTCOME | {"loss": {"values": values}}) if said in line]
    assert (":green[" in line) is ("The loss falls" in said)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.028, "**2.4× as fast in mixed_bfloat16**: 0.028\u00a0s a step instead of 0.068\u00a0s"),
        (0.065, "mixed_bfloat16 wouldn't be faster: 0.065\u00a0s a step instead of 0.068\u00a0s"),
    ],
)
def test_what_another_precision_gains_is_told_as_measured(seconds, said):
    other = {"precision": "mixed_bfloat16", "seconds_per_step": seconds}
    outcome = OUTCOME | {"other_precision": other | {"seconds_per_step_now": 0.068}}
    assert said in conclusions(outcome)[-1]
    assert len(conclusions(OUTCOME | {"other_precision": None})) == len(conclusions(outcome)) - 1


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.028, "**2.4× as fast in mixed_bfloat16**"), (0.065, "mixed_bfloat16 wouldn't be faster")],
)
def test_of_an_earlier_measurement_no_seconds_are_told(seconds, said):
    other = {"precision": "mixed_bfloat16", "seconds_per_step": seconds, "measured_before": True}
    line = conclusions(OUTCOME | {"other_precision": other | {"seconds_per_step_now": 0.068}})[-1]
    assert f"{said}: an earlier check" in line
    assert " s a step" not in line


@pytest.mark.parametrize("page", ["train", "study"])
def test_the_precision_is_switched_where_the_cpu_is_faster_in_another(page, found, monkeypatch):
    faster = lab.FasterPrecision("mixed_bfloat16", 1.5)
    monkeypatch.setattr(lab, "faster_precision", lambda config: faster)
    app = open_page(page)
    label = lambda: app.button(key="fast_bfloat16").label  # noqa: E731
    assert "1.5× as fast)" in label() and not is_shown_on(label())
    app.button(key="fast_bfloat16").click().run()
    assert is_shown_on(label())
    app.button(key="start_preflight").click().run()
    assert found["asked"][-1].training.precision == "mixed_bfloat16"
    if page == "train":
        app.selectbox(key="precision").set_value("float32").run()  # the same choice elsewhere
    else:
        app.button(key="fast_bfloat16").click().run()
    assert not is_shown_on(label())
    app.button(key="start_preflight").click().run()
    assert found["asked"][-1].training.precision == "float32"
    assert errors(app) == []


def test_there_is_no_switch_where_float32_is_the_fastest(found, monkeypatch):
    monkeypatch.setattr(lab, "faster_precision", lambda config: None)
    assert "fast_bfloat16" not in [button.key for button in open_page("train").button]


def test_a_check_that_can_not_be_made_is_said(found, monkeypatch):
    app = open_page("train")
    found["state"] = lab.PreflightState(Stage.FAILED, problem="The layer conv needs an image")
    app.button(key="start_preflight").click().run()
    assert errors(app) == ["The layer conv needs an image"]

    def full(config, *, again):
        raise StorageError("The disk is full at x.")

    monkeypatch.setattr(lab, "start_preflight", full)
    app.button(key="start_preflight").click().run()
    assert "The disk is full at x." in errors(app)


def test_a_worker_is_made_ready_while_the_form_is_filled_in(found, monkeypatch):
    calls = []
    monkeypatch.setattr(lab, "warm_up", lambda config: calls.append(config))
    app = open_page("home")
    go_to(app, "train")
    app.run()
    assert calls.pop(0) is None  # the home page's: no form is there yet
    assert len(calls) == 1  # not at every click
    app.number_input(key="epochs").set_value(7).run()
    assert calls[0].training.epochs != 7 == calls[1].training.epochs
    app.session_state["warmed_at"] -= 61
    app.run()
    assert calls[1:] == [calls[1]] * 2
    app.button(key="launch_run").click().run()
    assert lab.list_runs()[0].config == calls[-1].model_dump(mode="json")  # so it finds it ready


def test_an_empty_batch_size_is_found_at_the_start(found):
    app = open_page("train")
    app.number_input(key="batch_size").set_value(None).run()
    assert errors(app) == []
    assert "batch size found at the start" in words(app)
    app.button(key="launch_run").click().run()
    run = lab.list_runs()[0]
    assert run.config["training"]["batch_size"] == "auto"
    app = open_page("runs", run=run.id)
    app.button(key="clone_run").click().run()
    go_to(app, "train")
    assert app.number_input(key="batch_size").value is None
