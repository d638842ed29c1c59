"""Starting from a config file: that of a run, of whichever machine."""

from collections.abc import Collection

import streamlit as st

from cnnlab.domain.config.config_file import config_values
from cnnlab.domain.config.run_config import describe_changes, load_config
from cnnlab.domain.config.wording.labels import in_labels
from cnnlab.domain.errors import ConfigError
from cnnlab.ui.form.state import fill_form
from cnnlab.ui.text import escaped

_UPLOAD = "config_upload"
_SAID = "config_upload_said"
"""Session key: whether the file that was given fills the form, and what is said of it."""


def render_config_upload(known: Collection[str]) -> None:
    """Take a config file, fill the form with it, and say so, or say what is wrong with it.

    Args:
        known: ids of the datasets that are here.
    """
    said = st.session_state.get(_SAID)
    with st.expander("Start from a config file", expanded=said is not None):
        st.file_uploader(  # of any type: one that is refused here would leave what was said before
            "A config.json, as a run's page gives it",
            key=_UPLOAD,
            on_change=_take,
            args=(frozenset(known),),
            help="It sets every field below. The dataset stays the chosen one, unless the file "
            "names one that is here.",
        )
        if said is None:
            return
        is_taken, words = said
        show, icon = (
            (st.success, ":material/check:") if is_taken else (st.error, ":material/error:")
        )
        show(escaped(words, limit=2000), icon=icon)


def _take(known: Collection[str]) -> None:
    given = st.session_state.get(_UPLOAD)
    if given is None:  # it was taken away again
        st.session_state.pop(_SAID, None)
        return
    try:
        config = load_config(config_values(given.getvalue(), given.name))
    except ConfigError as error:
        wrong = in_labels(error)
        end = "" if wrong.endswith((".", "?")) else "."
        st.session_state[_SAID] = False, f"{wrong}{end} The form is as it was."
        return
    named = config.dataset
    fill_form(config if named in known else config.model_copy(update={"dataset": ""}))
    told = ", ".join(describe_changes(config)) or "all fields at their defaults"
    words = f"The form shows {given.name}: {told}."
    if named and named not in known:
        words += f" Its dataset, {named}, isn't here: the chosen one stays."
    st.session_state[_SAID] = True, words
