"""The dataset that an address names, and the address that follows the choice."""

import numpy as np
import pytest

from cnnlab import lab
from tests.conftest import draw_zip
from tests.made_runs import no_supervisor
from tests.ui.apps import go_to, late_clock, open_page, words


@pytest.fixture
def datasets(home, upload, tmp_path, monkeypatch):
    no_supervisor(monkeypatch)
    other = draw_zip(tmp_path / "few.zip", each=4)
    return [lab.import_dataset(upload, name="Many"), lab.import_dataset(other, name="Few")]


def chosen(app):
    return app.selectbox(key="dataset_select").value


def asked(app):
    given = app.query_params.get("dataset")
    return given[0] if isinstance(given, list) else given


@pytest.mark.parametrize("page", ["data", "train"])
def test_an_address_chooses_the_dataset_that_it_names(datasets, page):
    for dataset in datasets:
        app = open_page("home")
        app.query_params["dataset"] = dataset.id
        go_to(app, page)
        assert (chosen(app), asked(app)) == (dataset.id, dataset.id)


def test_the_address_follows_the_choice_and_not_the_first_look(datasets):
    many, few = datasets
    app = open_page("data")
    assert asked(app) is None  # the browser's way back leads where one came from
    first = chosen(app)
    other = (many if first == few.id else few).id
    for choice in (other, first):
        app.selectbox(key="dataset_select").select(choice).run()
        assert (chosen(app), asked(app)) == (choice, choice)
    app.query_params["dataset"] = other  # the browser's way back
    app.run()
    assert (chosen(app), asked(app)) == (other, other)


def test_what_a_fragments_clock_sends_too_late_is_no_choice(datasets):
    app = open_page("data")
    first = chosen(app)
    (other,) = {dataset.id for dataset in datasets} - {first}
    app.session_state["dataset_chosen"] = first  # an import has ended, and chose it
    with late_clock():
        app.selectbox(key="dataset_select").select(other).run()
    assert chosen(app) == first
    app.selectbox(key="dataset_select").select(other).run()
    assert chosen(app) == other


def test_the_address_follows_a_new_version_and_a_deleted_dataset(datasets, monkeypatch):
    many, few = datasets
    app = open_page("home")
    app.query_params["dataset"] = many.id
    go_to(app, "data")
    app.session_state["dataset_chosen"] = few.id  # as an import or a fix leaves it
    app.run()
    assert (chosen(app), asked(app)) == (few.id, few.id)
    lab.delete_dataset(few.id)
    app.run()
    assert (chosen(app), asked(app)) == (many.id, many.id)


@pytest.mark.parametrize("unknown", ["nothing", "../data", "*bold*-1"])
def test_an_unknown_dataset_is_said_until_another_one_is_chosen(datasets, unknown):
    app = open_page("home")
    app.query_params["dataset"] = unknown
    go_to(app, "data")
    (said,) = [one.value for one in app.warning if "no dataset" in one.value]
    assert unknown in said.replace("\\", "")
    assert not app.exception
    other = next(dataset.id for dataset in datasets if dataset.id != chosen(app))
    app.selectbox(key="dataset_select").select(other).run()
    assert asked(app) == other
    assert not [one.value for one in app.warning if "no dataset" in one.value]
    assert "There is no dataset" not in words(app)


def test_a_link_to_the_versions_opens_them_and_the_first_is_called_so(datasets):
    many, few = datasets
    first = lab.image_facts(many.id, np.arange(1))[0]
    other = next(name for name in many.classes if name != first.label)
    lab.relabel_images(many.id, {0: other})
    app = open_page("data", dataset=many.id, part="versions")
    part = app.segmented_control(key=f"dataset_part_{many.id}")
    assert part.value == "versions"
    part.set_value("gallery").run()
    assert app.segmented_control(key=f"dataset_part_{many.id}").value == "gallery"
    titles = app.selectbox(key="dataset_select").options
    assert sum(title.startswith("Many, version 1 ") for title in titles) == 1
    assert sum(title.startswith("Few – ") for title in titles) == 1
