"""What is measured of a study's models on request: units removed, and the loss landscape."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.records.solutions import NotMeasured, StudyLandscape, StudyUnits
from cnnlab.domain.words import capitalized, counted, duration
from cnnlab.figures.answers import solutions
from cnnlab.figures.study import arm_styles
from cnnlab.figures.traces import Figure
from cnnlab.study.measures import landscape, units
from cnnlab.ui.changing import for_editors
from cnnlab.ui.components.figure.figure import render_figure
from cnnlab.ui.text import escaped
from cnnlab.ui.watching import watch_job

_POLL_SECONDS = 1.0
_PROBLEM = "measuring_problem"
_NAMED_LEFT_OUT = 3
_UNITS_PX, _RISE_PX, _LINE_PX, _SLICES_PX = 400, 340, 360, 300
_COLUMNS = 3


@dataclass(frozen=True)
class _Measurement:
    """What a part asks for.

    Attributes:
        name: in keys.
        label: of its button.
        what: it does, as the end of a sentence.
        start: begins it for a study.
        state: where it stands.
        cancel: ends it.
    """

    name: str
    label: str
    what: str
    start: Callable[[str], Any]
    state: Callable[[str], Any]
    cancel: Callable[[str], None]


_UNITS = _Measurement(
    "units",
    "Remove units",
    "A share of the units (channels and values after an activation) is set to 0 in every finished "
    "model, at random, and the model is asked about validation images. A redundant network, one "
    "that holds what it knows several times, keeps more of its accuracy.",
    lab.start_units,
    lab.units_state,
    lab.cancel_units,
)
_LANDSCAPE = _Measurement(
    "landscape",
    "Measure the landscape",
    "The loss is measured around every finished model, in random directions, and on the straight "
    "line from the reference's model to each arm's.",
    lab.start_landscape,
    lab.landscape_state,
    lab.cancel_landscape,
)


def render_units(view: lab.StudyView) -> None:
    """Accuracy against the share of units removed, or the button that has it measured."""
    found = lab.study_units(view)
    tried = [*found["runs"], *found["left_out"]] if found else []
    _render_asking(view, _UNITS, more=lab.unmeasured(view, tried) if found else None)
    figure = found and solutions.units_figure(found, arm_styles(view.study))
    if found and figure:
        _draw(figure, "units", _UNITS_PX)
        _say_units(view, found)
        _render_left_out(found["left_out"])


def _say_units(view: lab.StudyView, found: StudyUnits) -> None:
    reference, most = view.study.reference.name, found["shares"][-1]
    accuracies = units.undamaged(found)
    for name in units.removed_from(found):
        for pairs in units.compare_kept(found, name, reference).values():
            _say(units.kept_words(pairs, reference, name, accuracies, most))
    images = max(run["images"] for run in found["runs"])
    st.caption(
        "Accuracy against the share of units removed, of every layer or of those that the last "
        "layers read. Line: mean over the seeds; band: its 95 % interval; dotted: always saying "
        f"the commonest class. {counted(images, 'validation image')}, {found['draws']} random "
        "choices of units for each share, the same in all arms of a seed. What is left isn't "
        "scaled up, and nothing "
        "is trained again. Dropout acts before dense layers: on the units that the last layers "
        "read. Intervals are 95 %, by Holm's procedure where there are several arms; these are "
        f"looks beside the study's verdict. Measured in {duration(found['seconds'])}."
    )


def render_landscape(view: lab.StudyView) -> None:
    """The loss around and between the solutions, or the button that has it measured."""
    found = lab.study_landscape(view)
    tried = [*found["widths"], *found["left_out"]] if found else []
    _render_asking(view, _LANDSCAPE, more=lab.unmeasured(view, tried) if found else None)
    if found and found["widths"]:
        _render_widths(view, found)
        _render_lines(view, found)
        _render_slices(view, found)
        _render_left_out(found["left_out"])
        st.caption(_measured_words(found))


def _render_widths(view: lab.StudyView, found: StudyLandscape) -> None:
    st.markdown("**Around each solution**")
    figure = solutions.rise_figure(found, arm_styles(view.study))
    if figure:
        _draw(figure, "rises", _RISE_PX)
    reference = view.study.reference.name
    losses, most = landscape.losses_of(found), found["distances"][-1]
    for pairs in landscape.compare_widths(found, reference).values():
        _say(landscape.width_words(pairs, reference, losses, most))
    st.caption(
        "Against the distance, as a part of each filter's length. Line: mean over the seeds; "
        f"band: its 95 % interval; dotted: the rise of "
        f"{landscape.RISE_NATS:g} nats that the width is read at. A wide minimum is no proof of a "
        "network that generalizes: the same function can be had in narrow and in wide places by "
        "scaling weights. Distances in parts of each filter's own length take out one such "
        "scaling, not all."
    )


def _render_lines(view: lab.StudyView, found: StudyLandscape) -> None:
    st.markdown("**Between the solutions**")
    reference = view.study.reference.name
    figure = solutions.line_figure(found, arm_styles(view.study), reference)
    if figure:
        _draw(figure, "line", _LINE_PX)
    for arm, barrier in landscape.barriers_of(found).items():
        _say(landscape.barrier_words(arm, barrier, reference))
    for arm, why in found["no_line"].items():
        _say(f"{capitalized(arm)}: no line. {why}")


def _render_slices(view: lab.StudyView, found: StudyLandscape) -> None:
    rows = -(-len(found["slices"]) // _COLUMNS)
    figure = solutions.slices_figure(found, arm_styles(view.study), columns=_COLUMNS)
    if figure:
        st.markdown("**A slice through one solution of each arm**")
        _draw(figure, "slices", rows * _SLICES_PX)
        seed = found["slices"][0]["seed"]
        st.caption(
            f"Train cross-entropy on a plane of two random directions through the solution of seed "
            f"{seed}, which lies at the centre: the stronger the colour, the lower the loss. Each "
            "line is the same loss in all panels; between lines it changes by the same factor."
        )


def _measured_words(found: StudyLandscape) -> str:
    images = counted(max(one["images"] for one in found["widths"]), "training image")
    if found["lines"]:
        judged = max(line["validation_images"] for line in found["lines"])
        images += f" and, on the line, {counted(judged, 'validation image')}"
    said = (
        f"Losses are plain cross-entropies of {images}, without penalty, with augmentation and "
        f"dropout off; {found['directions']} random directions, both ways, the same for all arms "
        "of a seed but for the lengths of the filters."
    )
    if any(one["measured_norms"] for one in found["widths"]):
        said += " Batch norm's statistics were measured anew at every place."
    return f"{said} Measured in {duration(found['seconds'])}."


def _render_asking(view: lab.StudyView, measurement: _Measurement, more: int | None) -> None:
    """The button, how far it is, or why it can't be.

    Args:
        view: of the study.
        measurement: that is asked for.
        more: how many runs came since it was measured; None before the first time.
    """
    study = view.study.id
    told = st.session_state.get(_PROBLEM, ("", "", ""))
    if told[:2] == (measurement.name, study):
        del st.session_state[_PROBLEM]
        st.error(escaped(told[2], limit=1000), icon=":material/error:")
    state = measurement.state(study)
    if state is not None and not state.is_ended:
        watch_job(
            measurement.name,
            partial(measurement.state, study),
            partial(measurement.cancel, study),
            every=_POLL_SECONDS,
        )
        return
    if state is not None and state.problem and state.stage != "cancelled":
        st.error(escaped(state.problem, limit=1000), icon=":material/error:")
    why_not = lab.cannot_measure(view)
    if more is None:
        st.markdown(measurement.what)
    if why_not and more is None:
        st.caption(escaped(why_not, limit=600))
    elif not why_not and (more is None or more):
        label = measurement.label if more is None else f"Measure {counted(more, 'more run')}"
        st.button(
            label,
            key=f"measure_{measurement.name}",
            icon=":material/labs:",
            on_click=_start,
            args=(study, measurement),
            **for_editors(
                help="It takes some seconds for each run, in the background: you may close "
                "the page."
            ),
        )


def _start(study: str, measurement: _Measurement) -> None:
    try:
        measurement.start(study)
    except CnnlabError as error:
        st.session_state[_PROBLEM] = (measurement.name, study, str(error))


def _draw(figure: Figure, name: str, height: int) -> None:
    with st.container(key=f"{name}_chart"):
        render_figure(figure, key=f"study_{name}_figure", alt=f"{name} by arm", height=height)


def _say(sentence: str) -> None:
    st.markdown(f"- {escaped(sentence, limit=600)}")


def _render_left_out(left_out: list[NotMeasured]) -> None:
    for one in left_out[:_NAMED_LEFT_OUT]:
        said = f"Not measured: {one['arm']}, seed {one['seed']}. {one['why']}"
        st.caption(escaped(said, limit=600))
    if len(left_out) > _NAMED_LEFT_OUT:
        st.caption(f"And {counted(len(left_out) - _NAMED_LEFT_OUT, 'more run')}.")
