"""The share of the images that is locked away, on the Train page."""

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.run import Status
from tests.datasets.test_findings import encoded, picture
from tests.datasets.uploads import make_zip
from tests.made_evaluations import finish_evaluation
from tests.made_runs import made_run, no_supervisor
from tests.ui.apps import open_page


@pytest.fixture
def looked_at(dataset, monkeypatch):
    """A dataset whose test images of the first split somebody has looked at."""
    no_supervisor(monkeypatch)
    config = load_config({"dataset": dataset.id, "split": {"test": 0.25}})
    run = made_run(config, status=Status.FINISHED)
    finish_evaluation(run, "test")
    lab.look_at_test(run.id)
    return dataset


def told(app):
    return " ".join(each.value for each in app.caption), [each.value for each in app.warning]


def test_it_is_offered_and_says_when_images_that_were_looked_at_would_train(looked_at):
    app = open_page("train")
    assert "locked away" not in told(app)[0]
    assert any("12 images that would train now were test images" in one for one in told(app)[1])
    then = app.button(key="split_of_then")
    assert then.label == "Set Test share 0.25"
    then.click().run()
    assert app.slider(key="test_fraction").value == 0.25
    captions, warnings = told(app)
    assert "12 test images stay locked away" in captions
    assert warnings == []
    app.number_input(key="split_seed").set_value(1).run()
    assert any("would train now were test images at an earlier look" in one for one in told(app)[1])


def test_a_study_says_so_too(looked_at):
    _, warnings = told(open_page("study"))
    assert any("12 images that would train now were test images" in one for one in warnings)


def test_it_counts_for_nothing_where_the_upload_brought_its_own(home, tmp_path, monkeypatch):
    no_supervisor(monkeypatch)
    files = {
        f"{part}/{name}/{number}.png": encoded(picture(100 * place + 10 * number + len(name)))
        for place, part in enumerate(("train", "validation", "test"))
        for name in ("cat", "horse")
        for number in range(3)
    }
    lab.import_dataset(make_zip(tmp_path / "parts.zip", files))
    app = open_page("train")
    assert not {"test_fraction", "validation_fraction"} & {one.key for one in app.number_input}
    assert "brought its own validation and test images" in told(app)[0]
