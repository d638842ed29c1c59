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


def test_so_few_validation_images_are_said_with_what_one_of_them_is_worth(dataset, monkeypatch):
    assert "With 10 one picture is 10 points" in words(open_page("train"))
    monkeypatch.setattr("cnnlab.domain.data.judged_by.ENOUGH", 10)
    assert "one picture is" not in words(open_page("train"))
