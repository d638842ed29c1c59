"""Pictures and the camera at the left, what the models say of them at the right."""

import contextlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.run import Run
from cnnlab.ui.components.predict.predict import (
    Sent,
    ask_pictures_to_predict,
    render_camera,
    render_prediction,
    render_samples,
)
from cnnlab.ui.text import distinct, plain

_SAMPLES = 6


class Given(NamedTuple):
    """What a user gave besides pictures that were answered at once; each is told once.

    Attributes:
        many: several pictures, for a table.
        added: the picture that is shown, to be added to a dataset.
    """

    many: Sent | None
    added: Sent | None


def names_of(runs: Sequence[Run]) -> dict[str, str]:
    """What each run is called beside its answer, by its id."""
    return distinct({run.id: plain(run.name) for run in runs})


def render_trying(place: str, names: Mapping[str, str], *, whole: bool = False) -> Given:
    """The area for pictures, the camera and the answers; the models are loaded meanwhile.

    Args:
        place: on which the parts share what they show: another one for each page.
        names: what each run that is asked is called, by its id.
        whole: whether several pictures are taken, and one may be added to a dataset.
    """
    left, right = st.columns([2, 3], gap="large")
    with left:
        many = ask_pictures_to_predict(place, names, many=whole)
        _render_samples(place, names)
        render_camera(place, names)
    with right:
        added = render_prediction(place, names, addable=whole, classes=_classes(list(names)))
    with contextlib.suppress(CnnlabError):  # the first picture's answer says it
        lab.warm_predictions(list(names))
    return Given(many, added)


def _render_samples(place: str, names: Mapping[str, str]) -> None:
    """Validation pictures that no model trained on; none where they can't be had."""
    with contextlib.suppress(CnnlabError):
        dataset = lab.load_run(next(iter(names))).dataset
        if samples := lab.sample_pictures(list(names), _SAMPLES):
            render_samples(place, names, dataset, samples)


def _classes(runs: Sequence[str]) -> list[str]:
    """All classes that any of the models knows, in their order."""
    with contextlib.suppress(CnnlabError):  # a run that is gone says so in its answer
        return list(dict.fromkeys(name for run in runs for name in lab.model_classes(run)))
    return []
