"""The panel of dials: fields that are turned while a run trains."""

import math
from collections.abc import Sequence

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.run_config import load_stored
from cnnlab.domain.config.wording.labels import in_labels
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.records.training import AskedTurn
from cnnlab.domain.run import Run, Status
from cnnlab.domain.words import with_unit
from cnnlab.fields import bounds, extra
from cnnlab.ui.changing import for_editors
from cnnlab.ui.components.live.live import render_live
from cnnlab.ui.run.lineage import dial_words
from cnnlab.ui.text import escaped

_SHOWN = "dials_shown"
"""Session key: the run whose dials the widgets show, and the values they were given."""

_ASKED = "dials_asked"
"""Session key: the turns that were asked for on this page, by run."""

_PROBLEM = "dials_problem"
"""Session key: why an Apply did nothing, with its run; shown once."""

_AGAIN = "10s"
"""How often the panel of a run with phases looks which rate holds now."""

_COLUMNS, _CELL_PX = 3, 260
_USUAL_TIMES = 4
_FACTORS = {"×0.1": 0.1, "×0.5": 0.5, "×2": 2.0, "×10": 10.0}


def render_dials(view: lab.RunView) -> None:
    """The panel of a running run; of another one, the list of the turns that were made."""
    run = view.run
    if run.status is Status.RUNNING and load_stored(run.config):
        with st.expander(
            "Turn dials while it trains", key="dials", icon=":material/tune:", expanded=True
        ):
            # On its own, so that the charts aren't disturbed. A phase begins with its own rate.
            again = _AGAIN if run.config["architecture"].get("phases") else None
            st.fragment(_render_panel, run_every=again)(run)
        return
    _render_problem(run.id)
    if view.turns:
        with st.expander("Dials that were turned", key="turned_dials", icon=":material/tune:"):
            _render_turns(run)


def _render_turns(run: Run) -> None:
    """The turns made so far and those asked for, as a list that updates itself."""
    more = {"dials": dial_words(load_stored(run.config)), "asked": _asked(run.id)}
    render_live("turns", run, more=more)


def _render_problem(run: str) -> None:
    asked_for, problem = st.session_state.pop(_PROBLEM, (None, ""))
    if asked_for == run:
        st.error(escaped(problem, limit=1000), icon=":material/error:")


def dial_scale(dial: lab.Dial) -> tuple[float, float, float]:
    """Least value, greatest value and step of a dial's slider.

    It ends at four times the usual strength, or where the field or the value of now does: over
    the whole legal range the usual values would be a finger's breadth.
    """
    low, high = (float(end or 0) for end in bounds(dial.info))
    step = float(extra(dial.info, "increment"))
    wanted = max(_USUAL_TIMES * extra(dial.info, "usual"), dial.value)
    return low, min(high, round(math.ceil(round(wanted / step, 6)) * step, 6)), step


def _render_panel(run: Run) -> None:
    dials = lab.dials(run.id)
    _take_over(run.id, dials)
    st.caption(
        "What you apply holds within a few steps. The run is then marked as changed by hand: its "
        "configuration alone no longer explains its curves. What was off at the start can be "
        "switched on in a fork."
    )
    boxes = [dial for dial in dials if _is_box(dial)]
    _render_grid(sorted(boxes, key=lambda dial: dial.name.endswith("l1")))  # used the least
    _render_grid([dial for dial in dials if not _is_box(dial)])
    st.button(
        "Apply",
        key="turn_dials",
        type="primary",
        icon=":material/check:",
        on_click=_apply,
        args=(run.id,),
        **for_editors(),
    )
    _render_problem(run.id)
    _render_turns(run)


def _take_over(run: str, dials: Sequence[lab.Dial]) -> None:
    """Give the widgets what has changed elsewhere; what the user is setting here stays."""
    state = st.session_state
    shown = state.get(_SHOWN)
    known = shown["values"] if shown and shown["run"] == run else {}
    for dial in dials:
        if known.get(dial.name) != dial.value or _key(dial.name) not in state:
            state[_key(dial.name)] = float(dial.value)
    state[_SHOWN] = {"run": run, "values": {dial.name: dial.value for dial in dials}}


def _render_grid(dials: Sequence[lab.Dial]) -> None:
    grid = st.grid(_COLUMNS, gap=("small", "medium"), min_column_width=_CELL_PX)
    for dial in dials:
        with grid.cell():
            _ask_box(dial) if _is_box(dial) else _ask_slider(dial)


def _is_box(dial: lab.Dial) -> bool:
    """Whether the values that make sense lie orders of magnitude apart."""
    return extra(dial.info, "increment") is None


def _ask_slider(dial: lab.Dial) -> None:
    low, high, step = dial_scale(dial)
    st.slider(
        extra(dial.info, "label"),
        min_value=low,
        max_value=high,
        step=step,
        format=with_unit("%g", extra(dial.info, "unit")),
        key=_key(dial.name),
        help=dial.info.description,
    )


def _ask_box(dial: lab.Dial) -> None:
    """A number, and buttons that multiply it; they hold no value of their own."""
    key = _key(dial.name)
    box = st.container(gap="xsmall")
    box.number_input(
        extra(dial.info, "label"),
        step=float(f"{(dial.value or extra(dial.info, 'usual')) / 10:.1g}"),
        format="%g",
        key=key,
        help=dial.info.description,
    )
    with box.container(horizontal=True, gap="small"):
        if bounds(dial.info)[0] == 0 and extra(dial.info, "usual"):
            st.button("Off", key=f"{key}_off", type="tertiary", on_click=_set, args=(key, 0.0))
        for label, factor in _FACTORS.items():
            st.button(
                label,
                key=f"{key}_x{label[1:].replace('.', '_')}",
                type="tertiary",
                on_click=_multiply,
                args=(key, factor, extra(dial.info, "usual")),
            )


def _set(key: str, value: float) -> None:
    st.session_state[key] = value


def _multiply(key: str, factor: float, usual: float | None) -> None:
    """Multiply a value; what is off begins at its usual strength."""
    value = st.session_state[key]
    st.session_state[key] = float(f"{value * factor:.3g}") if value else float(usual or 0)


def _apply(run: str) -> None:
    """Ask for what the user has set differently from what the widgets were given."""
    state = st.session_state
    known = state[_SHOWN]["values"]
    values = {
        name: state[_key(name)]
        for name, value in known.items()
        if not math.isclose(state[_key(name)], value, rel_tol=1e-9)
    }
    if not values:
        state[_PROBLEM] = (run, "Nothing has been changed: set a dial to another value first.")
        return
    try:
        number = lab.turn_dials(run, values)
    except CnnlabError as error:
        state[_PROBLEM] = (run, in_labels(error))
        return
    state[_ASKED] = state.get(_ASKED, {}) | {
        run: [*_asked(run), {"number": number, "values": values}]
    }


def _asked(run: str) -> list[AskedTurn]:
    return st.session_state.get(_ASKED, {}).get(run, [])


def _key(name: str) -> str:
    return f"dial_{name.rpartition('.')[2]}"
