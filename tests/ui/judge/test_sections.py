"""The matrix, the classes and the worst pictures: what is clicked shows its images."""

from types import SimpleNamespace

import numpy as np
import pytest

from cnnlab import lab
from cnnlab.domain.metrics import cross_entropies
from cnnlab.domain.words import percent
from cnnlab.ui.components.confusion import confusion
from cnnlab.ui.components.pictures import pictures as tiles
from tests.conftest import draw_zip
from tests.made_judgements import made_judgement, made_predictions
from tests.ui.apps import click_row, tables, words
from tests.ui.judge.pages import all_given, chosen_places, given, open_section

MADE = {"images": 120, "classes": 2, "skill": 0.7}
SAID = made_predictions(**MADE)
MISSED = chosen_places(SAID, true=0, predicted=1)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """The id of a dataset of 120 images."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("pictures")
        patch.setenv("CNNLAB_HOME", str(folder / "home"))
        yield lab.import_dataset(draw_zip(folder / "shades.zip", each=60), name="Shades").id


@pytest.fixture
def choose(monkeypatch):
    """Has a user choose a cell of the matrix."""

    def choose(true, predicted):
        shown = confusion._confusion

        def chosen(*, data, **options):
            shown(data=data, **options)
            cell = {"version": data["version"], "true": true, "predicted": predicted}
            return SimpleNamespace(cell=cell)

        monkeypatch.setattr(confusion, "_confusion", chosen)

    return choose


@pytest.fixture
def click(monkeypatch):
    """Has a user click a class of the table."""
    return lambda label: click_row(monkeypatch, "per_class_table", label)


def open_matrix(dataset):
    return open_section("confusion_view", "render_confusion", dataset=dataset, **MADE)


def rows(app):
    return [picture["row"] for picture in given(app, "pictures")["pictures"]]


def test_the_matrix_is_told_by_its_cells_and_without_a_choice_there_are_no_pictures(pictures):
    app = open_matrix(pictures)
    matrix, judged = given(app, "confusion"), made_judgement(predictions=SAID)
    assert matrix["classes"] == ["shirt", "t-shirt"]
    counts = {(cell["true"], cell["predicted"]): cell["images"] for cell in matrix["cells"]}
    assert [[counts[true, said] for said in (0, 1)] for true in (0, 1)] == judged["confusion"]
    assert given(app, "pictures") is None


def test_a_cell_shows_its_pictures_by_how_sure_the_model_is(pictures, choose):
    choose(0, 1)
    app = open_matrix(pictures)
    assert f"{len(MISSED)} images of shirt taken for t\\-shirt" in words(app)
    assert rows(app) == list(MISSED[:12])  # beside the matrix
    first = given(app, "pictures")["pictures"][0]
    said = SAID.probabilities[MISSED[0]]
    assert (first["true"], first["predicted"], first["is_right"]) == ("shirt", "t-shirt", False)
    assert first["probability"] == pytest.approx(said[1])
    assert [guess["name"] for guess in first["guesses"]] == ["t-shirt", "shirt"]
    app.segmented_control(key="cell_order").set_value("Least sure first").run()
    assert rows(app) == list(MISSED[::-1][:12])


def test_more_pictures_come_on_request(pictures, choose):
    choose(0, 0)
    app = open_matrix(pictures)
    there = chosen_places(SAID, true=0, predicted=0)
    app.button(key="cell_more").click().run()
    rest = len(there) - len(rows(app))
    assert 0 < rest < 24  # all that are left are named, and one button is enough
    assert app.button(key="cell_more").label == f"{rest} more"
    assert "cell_all" not in {button.key for button in app.button}
    app.button(key="cell_more").click().run()
    assert rows(app) == list(there)
    assert "cell_more" not in {button.key for button in app.button}


def test_an_empty_cell_says_so(pictures, choose, monkeypatch):
    choose(0, 1)
    app = open_section(
        "confusion_view", "render_confusion", dataset=pictures, images=10, classes=2, skill=9.0
    )
    assert "0 images of shirt taken for t\\-shirt" in words(app)
    assert given(app, "pictures") is None


def test_selected_pictures_can_be_given_the_class_that_they_are_taken_for(
    pictures, choose, monkeypatch
):
    choose(0, 1)
    version = "a-run 1 validation 4 (0, 1) Surest first"
    chosen = SimpleNamespace(selected={"version": version, "rows": [int(MISSED[0])]})
    monkeypatch.setattr(tiles, "_pictures", lambda **words: chosen)
    app = open_matrix(pictures)
    assert app.button(key="cell_relabel").label == "Give 1 image this class"


def test_a_class_is_clicked_to_see_what_was_missed_and_what_was_wrongly_taken_for_it(
    pictures, click
):
    app = open_section("classes_view", "render_classes", dataset=pictures, **MADE)
    told, judged = tables(app)["Class by class"], made_judgement(predictions=SAID)
    assert [row["Class"] for row in told] == ["shirt", "t-shirt"]
    recall = percent(judged["per_class"][0]["recall"]["value"])
    assert told[0]["Recall (95 %)"].startswith(f"{recall} (")
    assert " to " in told[0]["Recall (95 %)"]
    assert float(told[0]["ROC area (95 %)"].split()[0]) <= 1, "an area, not a share"
    assert given(app, "pictures") is None
    click(0)
    app.run()
    assert app.session_state["judge_class"] == "shirt"
    assert rows(app) == list(MISSED[:24])
    taken = chosen_places(SAID, true=1, predicted=0)
    app.segmented_control(key="class_group").set_value("Wrongly taken for it").run()
    assert rows(app) == list(taken[:24])
    assert (
        f"Wrongly taken for it ({len(taken)})" in app.segmented_control(key="class_group").options
    )


def test_a_click_on_a_class_again_moves_the_curves_back_to_it(pictures, click):
    click(0)
    app = open_section("classes_view", "render_classes", dataset=pictures, **MADE)
    assert app.session_state["judge_class"] == "shirt"
    app.session_state["judge_class"] = "t-shirt"  # as the choice above the curves does
    app.run()
    assert app.session_state["judge_class"] == "t-shirt"
    click(0)
    app.run()
    assert app.session_state["judge_class"] == "shirt"


def walls(app):
    """The pictures of each wall, from the top."""
    return [each["pictures"] for each in all_given(app, "pictures")]


def test_the_commonest_mistake_is_first_as_the_matrix_counts_it(pictures, monkeypatch):
    several = {"images": 120, "classes": 4, "skill": 0.7}
    said = made_predictions(**several)
    matrix = made_judgement("validation", said)["confusion"]
    off = [(matrix[t][p], t, p) for t in range(4) for p in range(4) if t != p and matrix[t][p]]
    images, true, predicted = max(off)
    app = open_section("pictures.errors", "render_errors", dataset=pictures, **several)
    rows = tables(app)["The commonest mistakes"]
    counts = [int(row["Images"].split(" of ")[0]) for row in rows]
    assert counts == sorted(counts, reverse=True) and counts[0] == images
    assert rows[0]["Images"] == f"{images} of {sum(matrix[true])}"
    first = walls(app)[0]
    assert len(first) == min(12, images)
    assert {(one["true"], one["predicted"]) for one in first} == {
        tuple(rows[0]["Mistake"].split(" taken for "))
    }
    click_row(monkeypatch, "mistakes_table", 1)
    second = {(one["true"], one["predicted"]) for one in walls(app.run())[0]}
    assert second == {tuple(rows[1]["Mistake"].split(" taken for "))}


def test_the_worst_pictures_come_by_the_probability_of_their_class(pictures):
    app = open_section("pictures.errors", "render_errors", dataset=pictures, **MADE)
    losses = cross_entropies(SAID.probabilities, SAID.labels)
    wrong = np.flatnonzero(SAID.probabilities.argmax(axis=1) != SAID.labels)
    worst = wrong[np.argsort(-losses[wrong], kind="stable")]
    assert f"{len(worst)} images are taken for another class" in words(app)
    shown = walls(app)[-1]
    assert [one["row"] for one in shown] == list(worst[:24])
    told = [float(one["note"].split(" only ")[1].strip("< %")) for one in shown]
    assert told == sorted(told), "the number below them is what they are ordered by"
    app.button(key="top_losses_more").click().run()
    assert [one["row"] for one in walls(app)[-1]] == list(worst)


def test_where_nothing_is_wrong_that_is_said(pictures):
    app = open_section(
        "pictures.errors",
        "render_errors",
        dataset=pictures,
        images=10,
        classes=2,
        skill=9.0,
    )
    assert "All 10 images are recognized" in words(app)


def test_a_label_that_was_made_wrong_for_training_is_told(pictures, choose):
    """The dataset has 60 bright and 60 dark images, the made model other classes."""
    choose(0, 1)
    notes = {picture["note"] for picture in given(open_matrix(pictures), "pictures")["pictures"]}
    assert notes == {
        f"label made wrong on purpose, in the dataset {name}" for name in ("bright", "dark")
    }


def test_a_label_that_was_made_wrong_on_purpose_cannot_be_mended(pictures, choose, monkeypatch):
    choose(0, 1)
    version = "a-run 1 validation 4 (0, 1) Surest first"
    chosen = SimpleNamespace(selected={"version": version, "rows": [int(MISSED[0])]})
    monkeypatch.setattr(tiles, "_pictures", lambda **words: chosen)
    app = open_section("confusion_view", "render_confusion", dataset=pictures, flipped=1, **MADE)
    assert "cell_relabel" not in {button.key for button in app.button}
    assert "right in the dataset, so there is nothing to mend" in words(app)
