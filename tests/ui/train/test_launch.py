"""The start panel of the Train page: in one line what a press begins."""

from tests.ui.apps import errors, open_page, words


def told(app):
    return next(line for line in words(app).splitlines() if "** parameters" in line)


def test_the_start_panel_says_dataset_network_and_parameters(dataset):
    app = open_page("train")
    assert errors(app) == []
    line = told(app)
    assert line.startswith(f"**{dataset.name}**: ")
    app.selectbox(key="preset").set_value("tiny_cnn").run()
    assert "tiny CNN" in told(app) != line
