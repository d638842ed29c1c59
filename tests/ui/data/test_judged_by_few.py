"""Wherever something is started that few validation images would judge, that is said before."""

import pytest

from cnnlab.domain.data import judged_by
from tests.made_runs import no_supervisor
from tests.ui.apps import open_page, words

WARNING = "With 10 one picture is 10 points"


@pytest.mark.parametrize("page", ["train", "study", "search"])
def test_few_validation_images_are_warned_of_beside_the_start(dataset, monkeypatch, page):
    no_supervisor(monkeypatch)
    assert WARNING in words(open_page(page))
    monkeypatch.setattr(judged_by, "ENOUGH", 10)
    assert WARNING not in words(open_page(page))
