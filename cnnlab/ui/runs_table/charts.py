"""One number of the runs against another, or several beside each other; a marked part filters."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from cnnlab import lab
from cnnlab.domain.words import counted
from cnnlab.figures.parallel_rows import AROUND_PX, ROW_PX
from cnnlab.figures.runs_charts import (
    MOST_LINES,
    MOST_POINTS,
    Bounds,
    ChartAxis,
    known_places,
    marked_in_parallel,
    parallel_runs_figure,
    scatter_figure,
)
from cnnlab.lab import FieldRange, ListedRun, RunsView
from cnnlab.ui.components.figure.figure import render_figure
from cnnlab.ui.runs_table.address import current_view, follow, go_to
from cnnlab.ui.runs_table.filters import field_words, numeric_fields
from cnnlab.ui.text import plain

_KINDS: Mapping[lab.ChartKind, str] = {
    "none": "No chart", "scatter": "One against another", "parallel": "Several beside each other",
}  # fmt: skip
_SCATTER_PX = 380
_MOST_AXES, _FEWEST_AXES, _CHOSEN_AXES = 8, 2, 5
_USUAL_X, _USUAL_Y = "optimizer.learning_rate", "val_accuracy"


def render_charts(found: Sequence[ListedRun], view: RunsView) -> None:
    """The chart that the view asks for.

    Args:
        found: the runs that the view shows, on all pages.
        view: what the address says.
    """
    follow("runs_chart", view.chart)
    st.segmented_control(
        "Chart", list(_KINDS), key="runs_chart", format_func=_KINDS.__getitem__, required=True,
        label_visibility="collapsed", on_change=_keep_chart,
    )  # fmt: skip
    if view.chart == "scatter":
        _render_scatter(found, view)
    elif view.chart == "parallel":
        _render_parallel(found, view)


def _render_scatter(found: Sequence[ListedRun], view: RunsView) -> None:
    fields = numeric_fields()
    named = [name for name in view.axes if name in fields][:2]
    x, y = named if len(named) == 2 else (_USUAL_X, _USUAL_Y)
    with st.grid(2, min_column_width=150):
        for label, key, name in (("Along the bottom", "chart_x", x), ("Upwards", "chart_y", y)):
            follow(key, name)
            st.selectbox(
                label, list(fields), key=key, format_func=lambda one: field_words(fields[one]),
                on_change=_keep_scatter,
            )  # fmt: skip
    axes = _axes(found, (x, y))
    figure = scatter_figure(axes[0], axes[1], _names(found))
    if figure is None:
        st.info("None of these runs has both numbers.")
        return
    alt = f"{fields[y].label} of {counted(len(found), 'run')} against {fields[x].label}"
    box = render_figure(figure, key="runs_scatter", alt=alt, height=_SCATTER_PX, takes_marks=True)
    _say_how_many(len(known_places(axes)), MOST_POINTS)
    if box:
        _narrow({x: box["x"], y: box["y"]}, (x, y))


def _render_parallel(found: Sequence[ListedRun], view: RunsView) -> None:
    fields = numeric_fields()
    named = [name for name in view.axes if name in fields][:_MOST_AXES]
    names = named if len(named) >= _FEWEST_AXES else _telling_fields(found)
    follow("chart_axes", names)
    st.multiselect(
        "Rows, from the top", list(fields), key="chart_axes", max_selections=_MOST_AXES,
        format_func=lambda one: field_words(fields[one]), on_change=_keep_parallel,
        select_all=False,
    )  # fmt: skip
    axes = _axes(found, names)
    figure = parallel_runs_figure(axes, _names(found))
    if figure is None:
        st.info("None of these runs has a number in every row, or there is only one row.")
        return
    alt = f"{counted(len(found), 'run')} as lines over {', '.join(axis.label for axis in axes)}"
    height = ROW_PX * len(axes) + AROUND_PX
    box = render_figure(figure, key="runs_parallel", alt=alt, height=height, takes_marks=True)
    _say_how_many(len(known_places(axes)), MOST_LINES)
    if box:
        marked = marked_in_parallel(axes, (box["x"], box["y"]))
        _narrow({names[row]: bounds for row, bounds in marked.items()}, names)


def _say_how_many(count: int, most: int) -> None:
    some = f" {most:,} of them are drawn, evenly chosen." if count > most else ""
    st.caption(
        f"{counted(count, 'run')} with these numbers.{some} Mark a part with the mouse: it becomes "
        "a filter. 'Filter by a number' does the same by keys or with a finger."
    )


def _telling_fields(found: Sequence[ListedRun]) -> list[str]:
    """Settings in which these runs differ, and what they reached."""
    changed = {name for run in found for name in run.changed}
    differing = [
        name
        for name, field in numeric_fields().items()
        if field.group == "config"
        and name != "training.seed"
        and name in changed
        and len({lab.number(field.value(run)) for run in found} - {None}) > 1
    ]
    return [*differing[: _CHOSEN_AXES - 1], _USUAL_Y]


def _axes(found: Sequence[ListedRun], names: Sequence[str]) -> list[ChartAxis]:
    fields = numeric_fields()
    return [
        ChartAxis(
            fields[name].label,
            [
                None if (value := lab.number(fields[name].value(run))) is None
                else value * fields[name].factor
                for run in found
            ],
            may_be_log=fields[name].factor == 1,
        )
        for name in names
    ]  # fmt: skip


def _names(found: Sequence[ListedRun]) -> list[str]:
    return [plain(run.row.name, limit=60) for run in found]


def _narrow(marked: Mapping[str, Bounds], axes: Sequence[str]) -> None:
    """The runs of a marked part, in the same chart, whatever still differs among them."""
    fields = numeric_fields()
    ranges = [
        FieldRange(name, *(_rounded(bound / fields[name].factor) for bound in bounds))
        for name, bounds in marked.items()
    ]
    if ranges:
        go_to(replace(current_view()[0].narrowed(ranges), axes=tuple(axes)))
        st.rerun()


def _rounded(bound: float) -> float:
    """A place on a screen isn't more exact, and an address is to be read."""
    return float(f"{bound:.4g}")


def _keep_chart() -> None:
    view, _ = current_view()
    go_to(replace(view, chart=st.session_state.runs_chart, axes=()))


def _keep_scatter() -> None:
    view, _ = current_view()
    go_to(replace(view, axes=(st.session_state.chart_x, st.session_state.chart_y)))


def _keep_parallel() -> None:
    view, _ = current_view()
    go_to(replace(view, axes=tuple(st.session_state.chart_axes)))
