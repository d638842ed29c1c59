"""The run that is shown beside the chosen one; the address says it, too."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.run import Run
from cnnlab.ui.run.run_choice import render_why_not, titles
from cnnlab.ui.text import plain

_PARAMETER, _KEY = "beside", "beside_select"
_OFFERED = 500
"""The newest ones of the dataset; an address leads to any other."""


def ask_beside(run: Run, known: lab.ModelList) -> Run | None:
    """Ask which other run of the same dataset is shown beside one; none at first.

    Args:
        run: that is shown.
        known: all models.
    """
    asked = st.query_params.get(_PARAMETER)
    models = lab.judgeable_runs([asked] if asked else [], of=known)
    offered = [model for model in models if model.dataset == run.dataset and model.id != run.id]
    by_id = {
        model.id: model for at, model in enumerate(offered) if at < _OFFERED or model.id == asked
    }
    if asked and asked not in by_id and asked != run.id:
        _render_refused(asked, is_known=any(model.id == asked for model in models))
    if not by_id:
        return None
    st.session_state[_KEY] = asked if asked in by_id else None
    chosen = st.selectbox(
        "Beside another run",
        list(by_id),
        index=None,
        key=_KEY,
        format_func=titles(list(by_id.values())).__getitem__,
        on_change=_tell_address,
        placeholder="None: this run alone",
        help="Runs of the same dataset: another arm of a study with the same seed tells most.",
    )
    return lab.load_run(chosen) if chosen else None


def short_name(run: Run) -> str:
    """What a run is called beside another one: its arm and seed, where it has them."""
    if run.arm is None:
        return plain(run.name)
    return plain(f"{run.arm}, seed {run.config['training']['seed']}")


def _render_refused(asked: str, *, is_known: bool) -> None:
    if is_known:
        st.info(
            "The run to be shown beside this one is of another dataset, so that they share no "
            "pictures: choose one of the same.",
            icon=":material/info:",
        )
    else:
        render_why_not(asked, key="open_beside")


def _tell_address() -> None:
    if chosen := st.session_state[_KEY]:
        st.query_params[_PARAMETER] = chosen
    else:
        st.query_params.pop(_PARAMETER, None)
