"""The choice of a format on the page of a run, and what it offers."""

import pytest
from streamlit.testing.v1 import AppTest

from cnnlab import lab
from cnnlab.domain.run import Run, Status
from cnnlab.exports import packages
from cnnlab.jobs.state import JobState, Stage

CHECK = {
    "max_abs_difference": 0.013,
    "top1_agreement": 0.984,
    "milliseconds_per_image": 2.0,
    "bytes": 1000,
}
DONE = JobState(Stage.FINISHED, answer=CHECK)


@pytest.fixture
def show(home, monkeypatch):
    """Shows the choice where the formats stand as told, and returns the page."""

    def show(*, precision="float32", temperature=None, **states):
        def state(run, name="keras", *, calibrated=False):
            return states.get(f"{name}_calibrated" if calibrated else name)

        def overview(run, *, calibrated=False):
            return [
                lab.ExportRow(
                    each, calibrated, state(run, each.name, calibrated=calibrated), each.pip_line
                )
                for each in lab.export_formats()
            ]

        monkeypatch.setattr(lab, "model_state", state)
        monkeypatch.setattr(lab, "export_overview", overview)
        monkeypatch.setattr(lab, "calibration_temperature", lambda run: temperature)
        run = Run("r1", "a run", "d", {"training": {"precision": precision}}, Status.FINISHED)
        return AppTest.from_function(_page, kwargs={"run": run}, default_timeout=30).run()

    return show


def _page(run):
    from cnnlab.ui.run.result.export_view import render_exports  # noqa: PLC0415 - its text is the script

    render_exports(run)


def text(app):
    return "\n".join(each.value for each in [*app.caption, *app.markdown, *app.error, *app.code])


def there(app, key):
    return key in {button.key for button in app.button}


def choose(app, name):
    return app.selectbox(key="export_format").select(name).run()


def test_every_format_is_offered_and_keras_is_chosen_first(show):
    app = show(keras=DONE)
    box = app.selectbox(key="export_format")
    assert box.options == [f"{each.title} ({each.suffix})" for each in lab.export_formats()]
    assert box.value == "keras"
    assert "`model.keras`" in text(app) and "largest difference 1.3 points" in text(app)
    assert "same class in 98.4\u00a0%" in text(app)


def test_what_there_is_is_looked_at_once(show, monkeypatch):
    app, looks = show(keras=DONE), []
    look = lab.export_overview
    monkeypatch.setattr(
        lab, "export_overview", lambda *given, **more: looks.append(given) or look(*given, **more)
    )
    app.run()
    assert looks == [("r1",)]


def test_what_a_file_loses_is_said_below_its_download(show):
    lost = {"per_class": [{"class": "*leaf*", "images": 20, "right": 17, "right_float32": 20}]}
    app = choose(show(litert_int8=JobState(Stage.FINISHED, answer=CHECK | lost)), "litert_int8")
    shown = text(app)
    assert "It loses 15.0 points of accuracy" in shown.replace("\\", "")
    assert "\\*leaf\\*" in shown  # no markup
    assert "It loses" not in text(show(keras=DONE))


def test_another_format_is_prepared_by_its_button(show, monkeypatch):
    asked = []
    monkeypatch.setattr(lab, "prepare_model", lambda *given, **more: asked.append((given, more)))
    app = choose(show(keras=DONE), "onnx")
    assert "ONNX Runtime" in text(app)
    assert not app.toggle, "nothing is calibrated before an evaluation found a temperature"
    app.button(key="prepare_model").click().run()
    assert asked == [(("r1", "onnx"), {"calibrated": False})]


def test_with_a_temperature_the_model_can_be_prepared_calibrated(show, monkeypatch):
    asked = []
    monkeypatch.setattr(lab, "prepare_model", lambda *given, **more: asked.append((given, more)))
    app = show(keras=DONE, temperature=1.3)
    assert "becomes less sure" in app.toggle(key="export_calibrated").help
    app.toggle(key="export_calibrated").set_value(True).run()
    app.button(key="prepare_model").click().run()
    assert asked == [(("r1", "keras"), {"calibrated": True})]
    app = show(keras_calibrated=DONE, temperature=0.8)
    assert app.button(key="prepare_model")
    assert "becomes more sure" in app.toggle(key="export_calibrated").help
    app.toggle(key="export_calibrated").set_value(True).run()
    assert not there(app, "prepare_model") and "`model.keras`" in text(app)


def test_what_is_being_prepared_is_found_again(show):
    app = show(keras=DONE, onnx=JobState(Stage.RUNNING, phase="Building the model"))
    assert app.selectbox(key="export_format").value == "onnx"
    assert "Building the model ..." in text(app)
    assert [button.key for button in app.button] == ["cancel_export"]
    app = show(onnx=DONE)
    assert app.selectbox(key="export_format").value == "onnx"


def test_what_is_being_prepared_can_be_cancelled(show, monkeypatch):
    asked = []
    monkeypatch.setattr(lab, "cancel_export", lambda *given, **more: asked.append((given, more)))
    app = show(onnx=JobState(Stage.RUNNING, phase="Building the model"))
    app.button(key="cancel_export").click().run()
    assert asked == [(("r1", "onnx"), {"calibrated": False})]
    app = choose(show(onnx=JobState(Stage.CANCELLED, problem="Cancelled.")), "onnx")
    assert app.button(key="prepare_model") and not app.error


def test_what_went_wrong_is_said_and_can_be_tried_again(show):
    app = choose(show(onnx=JobState(Stage.FAILED, problem="It can't be *written*.")), "onnx")
    assert "It can't be" in text(app) and "*written*" not in text(app).replace("\\*", "")
    assert app.button(key="prepare_model")


def test_missing_packages_are_offered_as_one_line(show, monkeypatch):
    wanted = {"onnx": ["no-such-package>=1"]}
    monkeypatch.setattr(packages, "_optional_dependencies", lambda: wanted)
    app = choose(show(keras=DONE), "onnx")
    assert "-m pip install 'no-such-package>=1'" in text(app)
    assert not there(app, "prepare_model")


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_that_it_computes_in_float32_is_said_where_training_did_not(show, precision):
    app = show(precision=precision, keras=DONE)
    is_said = "in float32, while training computed in mixed_bfloat16" in text(app)
    assert is_said is (precision != "float32")
