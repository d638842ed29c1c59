"""What each class counts is shown in the form where classes differ or something balances them."""

import zipfile

import pytest

from cnnlab import lab
from tests.conftest import draw_zip
from tests.made_runs import no_supervisor
from tests.ui.apps import errors, open_page, tables, words

pytestmark = pytest.mark.usefixtures("plain_start")


@pytest.fixture
def uneven(home, tmp_path):
    """A set of 50 dark images and 10 bright ones, of which a fifth validates."""
    folder = tmp_path / "uneven"
    with zipfile.ZipFile(draw_zip(tmp_path / "even.zip", each=50)) as archive:
        archive.extractall(folder)
    for number in range(10, 50):
        (folder / "bright" / f"{number}.png").unlink()
    return lab.import_dataset(folder, name="Uneven")


def table(app):
    """The rows of the table, or None where there is none."""
    return tables(app).get("What each class counts")


def test_an_even_set_has_a_table_only_where_something_is_balanced(dataset):
    app = open_page("train")
    assert table(app) is None
    app.selectbox(key="class_weights").select("balanced").run()
    assert [row["Weight"] for row in table(app)] == ["1", "1"]
    assert "All classes have equally many training images." in words(app)


def test_an_uneven_set_shows_what_its_classes_count(uneven):
    app = open_page("train")
    names = ["bright", "dark"]
    assert [row["Class"] for row in table(app)] == names
    assert [row["Images"] for row in table(app)] == ["8", "40"]
    assert [row["Share"] for row in table(app)] == ["16.7\u00a0%", "83.3\u00a0%"]
    assert "dark has 5 times as many training images as bright." in words(app)
    app.selectbox(key="sampling").select("balanced").run()
    assert [row["Drawn"] for row in table(app)] == ["24.0", "24.0"]
    app.number_input(key="images_per_class").set_value(8).run()
    assert [row["Images"] for row in table(app)] == ["8", "8"]
    app.number_input(key="images_per_class").set_value(None).run()
    app.selectbox(key="sampling").select("natural").run()
    app.selectbox(key="class_weights").select("balanced").run()
    assert [row["Weight"] for row in table(app)] == ["3", "0.6"]
    assert [row["Share"] for row in table(app)] == ["50.0\u00a0%"] * 2


def test_both_at_once_are_refused_beside_the_start_button(dataset):
    app = open_page("train")
    app.selectbox(key="class_weights").select("balanced").run()
    app.selectbox(key="sampling").select("balanced").run()
    (said,) = errors(app)
    assert "can't both be balanced, because rare classes would count twice" in said
    assert app.button(key="launch_run").disabled and table(app) is None


def test_focal_gamma_is_asked_for_with_focal_loss_alone(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    app = open_page("train")
    assert "focal_gamma" not in [each.key for each in app.number_input]
    app.selectbox(key="loss").select("focal").run()
    app.number_input(key="focal_gamma").set_value(1.5).run()
    app.number_input(key="clip_value").set_value(0.5).run()
    app.button(key="launch_run").click().run()
    config = lab.list_runs()[0].config
    assert (config["training"]["loss"], config["training"]["focal_gamma"]) == ("focal", 1.5)
    assert config["optimizer"]["clip_value"] == 0.5
