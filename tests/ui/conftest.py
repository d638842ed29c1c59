"""Streamlit collects garbage after every script run; what other tests have loaded, TensorFlow above
all, would be looked through each time."""

import gc

import pytest

from cnnlab.domain.recipes.recipe import RecipeName
from cnnlab.ui.form import state


@pytest.fixture(autouse=True, scope="package")
def only_own_garbage():
    gc.collect()
    gc.freeze()


@pytest.fixture
def plain_start(monkeypatch):
    """The form begins with the defaults, as if the plain recipe had been chosen."""
    monkeypatch.setattr(state, "FIRST_RECIPE", RecipeName.PLAIN)
