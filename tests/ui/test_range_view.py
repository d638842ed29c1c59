"""The range of values on the data page: shown, and changed by reading the images anew."""

import numpy as np
import pytest

from cnnlab import lab
from cnnlab.runner.launch import ensure_supervisor
from tests.datasets.deep_pictures import deep_files
from tests.datasets.uploads import make_zip
from tests.made_runs import no_supervisor
from tests.ui.apps import errors, open_page, words
from tests.waiting import wait_until


@pytest.fixture(autouse=True)
def importing(monkeypatch):
    """Nothing is trained; images are read by a supervisor's process and its workers."""
    no_supervisor(monkeypatch)
    monkeypatch.setattr("cnnlab.lab.work.ensure_supervisor", ensure_supervisor)


def open_report(dataset):
    app = open_page("data")
    app.session_state[f"dataset_part_{dataset.id}"] = "findings"
    app.run()
    assert not app.exception
    return app


def test_another_range_is_read_and_shown(home, tmp_path):
    files = deep_files(np.uint16, 0, 4095, suffix="png")
    dataset = lab.import_dataset(make_zip(tmp_path / "a.zip", files), name="X-rays")
    app = open_report(dataset)
    assert "The values 0 to 4,095 are black to white in all of them." in words(app)
    app.button(key="read_anew").click().run()
    assert "with this range already" in words(app)
    app.number_input(key=f"low_{dataset.id}").set_value(5000).run()
    app.button(key="read_anew").click().run()
    assert "the lower one first" in errors(app)[0]
    app.number_input(key=f"low_{dataset.id}").set_value(1000).run()
    app.button(key="read_anew").click().run()
    wait_until(lambda: "16 images in 2 classes" in words(app), tick=app.run)
    newest = max(lab.list_datasets(), key=lambda one: one.version)
    assert (newest.parent, newest.value_range) == (dataset.id, (1000, 4095))
    assert app.selectbox(key="dataset_select").value == newest.id
    assert not app.exception and errors(app) == []


def test_a_dataset_of_8_bits_has_no_range(home, upload):
    app = open_report(lab.import_dataset(upload))
    assert "read_anew" not in {button.key for button in app.button}
