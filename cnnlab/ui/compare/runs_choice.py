"""Which runs are put side by side; the address says it, too."""

from collections.abc import Sequence

import streamlit as st

from cnnlab import lab
from cnnlab.domain.comparing import FEWEST_COMPARED, MOST_COMPARED
from cnnlab.domain.errors import NotFoundError
from cnnlab.domain.run import Run
from cnnlab.domain.words import counted, listed
from cnnlab.ui.compare.address import BETWEEN, PARAMETER
from cnnlab.ui.run.run_choice import render_no_run, titles
from cnnlab.ui.text import distinct, escaped, plain

_KEY = "runs_select"
_OFFERED = 1000
"""The newest ones; an address leads to any other."""

_NAMED = 3


def ask_compared() -> list[str]:
    """Ask which runs, and keep the address in step.

    What the address asks for and can't be had is said, and the others are taken: runs that aren't
    there, one that is named twice, more than fit.

    Returns:
        Ids in the order in which they were chosen; fewer than two where there is nothing to
        compare yet.
    """
    asked = _asked()
    found, missing = _loaded(asked)
    options = _options(found)
    with st.container():  # there with or without words: what is below keeps its place
        _render_refused(missing, len(found))
    if not options:
        if not missing:
            render_no_run()
        return []
    st.session_state[_KEY] = [run.id for run in found[:MOST_COMPARED]]
    chosen: list[str] = st.multiselect(
        "Runs",
        list(options),
        key=_KEY,
        format_func=options.__getitem__,
        on_change=_tell_address,
        max_selections=MOST_COMPARED,
        placeholder=f"Choose {FEWEST_COMPARED} to {MOST_COMPARED} runs",
        select_all=False,
        help="The first is what the others are compared with, unless you say otherwise below.",
    )
    if len(chosen) < FEWEST_COMPARED:
        more = "Choose at least two" if not chosen else "One run is chosen: choose one more"
        st.info(f"{more} above. On the Runs page they can be ticked in the table, too.")
        return []
    return chosen


def _asked() -> list[str]:
    """The runs that the address names, each once."""
    named = st.query_params.get(PARAMETER, "").split(BETWEEN)
    return list(dict.fromkeys(each.strip() for each in named if each.strip()))


def _loaded(asked: Sequence[str]) -> tuple[list[Run], list[str]]:
    """Those that are there, and the ids of the others."""
    found, missing = [], []
    for each in asked:
        try:
            found.append(lab.load_run(each))
        except NotFoundError:
            missing.append(each)
    return found, missing


def _options(asked: Sequence[Run]) -> dict[str, str]:
    """What can be chosen: the newest runs that have ended with an epoch, and those asked for."""
    models = lab.judgeable_runs()[:_OFFERED]
    known = titles(models)
    others = {
        run.id: f"{plain(run.name)} · {run.status} · {plain(run.id)}"
        for run in asked
        if run.id not in known
    }
    return distinct(others | known)


def _render_refused(missing: Sequence[str], found: int) -> None:
    if missing:
        names = [f"'{escaped(each, limit=40)}'" for each in missing[:_NAMED]]
        if len(missing) > _NAMED:
            names.append(f"{len(missing) - _NAMED:,} more")
        st.error(
            f"{counted(len(missing), 'run')} of the address can't be found: {listed(names)}. "
            "Deleted, perhaps in another tab, or the address is wrong; the others are taken.",
            icon=":material/error:",
        )
    if found > MOST_COMPARED:
        st.warning(
            f"The address names {counted(found, 'run')}; {MOST_COMPARED} at most can be "
            f"compared at once, so these are the first {MOST_COMPARED}.",
            icon=":material/warning:",
        )


def _tell_address() -> None:
    chosen = st.session_state[_KEY]
    if chosen:
        st.query_params[PARAMETER] = BETWEEN.join(chosen)
    else:
        st.query_params.pop(PARAMETER, None)
