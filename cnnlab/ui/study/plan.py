"""What a study will cost, said before its launch."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig, describe_changes
from cnnlab.domain.study import Arm, Study
from cnnlab.domain.words import counted
from cnnlab.ui.components.table.table import render_table
from cnnlab.ui.text import escaped, plain
from cnnlab.ui.train.precision import render_precision_switch
from cnnlab.ui.train.preflight_view import render_preflight

_LONG = 2000


def render_size(study: Study) -> None:
    """Number of runs, and what was seen of their images before."""
    st.markdown(
        f"**{counted(len(study.arms), 'arm')} × {counted(len(study.seeds), 'seed')} = "
        f"{counted(len(study.pairs), 'run')}**"
    )
    if words := lab.looked_at_by_study(study).words:
        st.warning(escaped(words, limit=_LONG), icon=":material/lock_open:")
    if found := lab.seen_by_study(study):
        st.warning(escaped(found.words, limit=_LONG), icon=":material/visibility:")


def render_plan(study: Study) -> None:
    """What each arm changes, and the check of what all of them share."""
    with st.expander("What each arm changes"):
        render_changes(study, key="arms_table")
    base = shared_config(study)
    with st.container(key="preflight"):
        render_precision_switch(base)
        render_preflight(base)


def render_changes(study: Study, *, key: str) -> None:
    """A table of what each arm changes of what all share.

    Args:
        study: it may be one that isn't launched yet.
        key: of the table.
    """
    in_base = set(describe_changes(shared_config(study)))
    rows = []
    for arm in study.arms:
        described = describe_changes(study.config(arm, study.seeds[0]))
        changed = ", ".join(words for words in described if words not in in_base)
        rows.append({"Arm": plain(arm.name), "Changes": plain(changed or "–", limit=200)})
    render_table(rows, key=key, name="What each arm changes")


def shared_config(study: Study) -> RunConfig:
    """What all arms share, with the first seed."""
    return study.config(Arm("base", {}), study.seeds[0])
