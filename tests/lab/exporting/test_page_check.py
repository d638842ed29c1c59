"""A page that no browser of the server has checked is checked by the user's own one."""

import numpy as np
import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import BadInputError, ExportError, NotFoundError
from cnnlab.domain.run import Status
from cnnlab.lab.runs import newest_attempt
from tests.made_pages import leave_page, mean_says
from tests.made_runs import made_run, no_supervisor


@pytest.fixture
def run(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    return made_run(load_config({"dataset": dataset.id}), status=Status.FINISHED)


@pytest.fixture
def said(run):
    return leave_page(run)


def state(run):
    return lab.model_state(run.id, "web_page")


def check(run, probabilities, milliseconds):
    return lab.check_page(run.id, lab.page_sha256(run.id), probabilities, milliseconds)


def test_it_is_offered_once_a_browser_says_what_the_model_says(run, said):
    assert lab.images_to_check(run.id) == len(said) == 6
    assert "not_verified" in state(run).answer
    for number in range(6):
        content = lab.image_to_check(run.id, number)
        assert np.array_equal(mean_says(content, said.shape[1]), said[number])
    found = check(run, (said + 1e-6).tolist(), [3.0] * 6)
    assert lab.images_to_check(run.id) == 0
    assert state(run).answer == found and "not_verified" not in found
    assert 0 < found["max_abs_difference"] < 1e-5 and found["milliseconds_per_image"] == 3
    assert found["images"] == found["of_images"] == 6 and found["bytes"] > 5000
    assert lab.model_package(run.id, "web_page").exists()


def test_it_is_refused_where_a_browser_says_something_else(run, said):
    with pytest.raises(
        ExportError, match="Offline page isn.t offered, for it computes something else"
    ):
        check(run, said[:, ::-1].tolist(), [3.0] * 6)
    assert state(run).stage == "failed" and "something else" in state(run).problem
    assert lab.images_to_check(run.id) == 0
    files = newest_attempt(run).folder / "exports" / "web_page"
    assert not (files / "web_page.html").exists()


def test_what_one_browser_agreed_with_stays_whatever_another_says(run, said):
    found = check(run, said.tolist(), [3.0] * 6)
    assert check(run, said[:, ::-1].tolist(), [9.0] * 6) == found
    assert state(run).answer == found and lab.model_package(run.id, "web_page").exists()


def test_what_is_said_of_an_older_page_changes_nothing(run, said):
    with pytest.raises(BadInputError, match="another page than the one that is there by now"):
        lab.check_page(run.id, "0" * 64, said[:, ::-1].tolist(), [3.0] * 6)
    assert lab.images_to_check(run.id) == 6 and "not_verified" in state(run).answer


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said[1:], lambda said: said[:, 1:], lambda said: said * np.nan,
        lambda said: said * 2, lambda said: -said, lambda said: np.array("?"),
        lambda said: np.array([]), lambda said: said[0],
    ],
)  # fmt: skip
def test_what_no_page_says_changes_nothing(run, said, change):
    with pytest.raises(BadInputError, match="`probabilities` must be 6 rows of"):
        check(run, change(said.astype(object)).tolist(), [3.0] * 6)
    assert lab.images_to_check(run.id) == 6


@pytest.mark.parametrize(
    "times", [[1.0] * 5, [-1.0] * 6, ["?"] * 6, None, [float("inf")] * 6, [10**400] * 6]
)
def test_times_that_cannot_be_change_nothing(run, said, times):
    with pytest.raises(BadInputError, match="`milliseconds` must be 6 numbers from 0 on"):
        check(run, said.tolist(), times)
    assert lab.images_to_check(run.id) == 6


def test_what_is_not_there_is_said(run, dataset):
    assert lab.images_to_check(run.id) == 0
    with pytest.raises(NotFoundError, match="no page of the run .* to check: prepare it first"):
        lab.check_page(run.id, "", [[1.0]], [1.0])
    leave_page(run)
    for number in (-1, 6):
        with pytest.raises(NotFoundError, match=f"no image {number} to check"):
            lab.image_to_check(run.id, number)
