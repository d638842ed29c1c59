"""Streamlit collects garbage after every script run; what other tests have loaded, TensorFlow above
all, would be looked through each time."""

import gc

import pytest


@pytest.fixture(autouse=True, scope="package")
def only_own_garbage():
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
