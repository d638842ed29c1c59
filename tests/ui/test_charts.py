import pytest

from cnnlab.domain.config.run_config import load_config
from cnnlab.ui.charts import class_counts_figure, confusion_figure, learning_rate_figure


def test_confusion_colours_are_shares_of_the_true_class():
    """Right ones above zero; mistakes below, by the root; nothing is written in an empty cell."""
    heatmap = confusion_figure([[3, 1], [0, 0]], ["a", "b"]).data[0]
    assert [list(row) for row in heatmap.z] == [[0.75, -0.5], [0, 0]]
    assert [list(row) for row in heatmap.text] == [[3, 1], ["", ""]]
    assert list(heatmap.customdata[0][1]) == ["a", "b", 1, 0.25]
    assert heatmap.colorbar.title.text == "images"


def test_many_classes_are_not_numbered():
    (heatmap,) = confusion_figure([[1] * 30] * 30, [str(name) for name in range(30)]).data
    assert heatmap.texttemplate is None


def test_counts_keep_their_order():
    figure = class_counts_figure({"b": 2, "a": 5})
    assert (list(figure.data[0].customdata), list(figure.data[0].x)) == (["b", "a"], [2, 5])
    assert list(figure.layout.yaxis.ticktext) == ["b", "a"]


def test_names_that_begin_alike_stay_apart_and_no_name_is_markup():
    names = ["the same long beginning, one", "the same long beginning, two", "<b>bold</b>"]
    figure = confusion_figure([[1, 0, 0], [0, 1, 0], [0, 0, 1]], names)
    assert list(figure.layout.xaxis.tickvals) == [0, 1, 2]
    assert figure.layout.xaxis.ticktext[2] == "&lt;b&gt;bold&lt;/b&gt;"
    assert figure.data[0].customdata[0][1][1] == names[1]


@pytest.mark.parametrize("epochs", [1, 20, 10_000])
def test_the_learning_rate_is_drawn_over_the_whole_run(epochs):
    config = load_config({"training": {"epochs": epochs}, "optimizer": {"schedule": "cosine"}})
    (line,) = learning_rate_figure(config)["data"]
    assert line["y"][0] == pytest.approx(0.001)
    assert line["y"][-1] < 0.001
    assert len(line["x"]) == len(line["y"]) <= 400
    assert 0.9 * epochs - 0.1 <= line["x"][-1] < epochs
