"""What all arms of a new study share: the network and its training, as the Train page has them."""

import streamlit as st

from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.words import counted
from cnnlab.ui.form.fields import ask_field
from cnnlab.ui.form.network import ask_preset, own_layers, take_preset
from cnnlab.ui.form.phases import phases_in_form
from cnnlab.ui.form.tuning import start_words
from cnnlab.ui.page_files import page_file
from cnnlab.ui.study.overfit import BARE, ask_overfitting
from cnnlab.ui.text import escaped
from cnnlab.ui.train.lr_test import ask_learning_rate, render_lr_test


def ask_shared(dataset: Dataset) -> None:
    """Ask for the usual fields, and say what else the Train page has set for every arm."""
    phases = phases_in_form()
    for row in (("preset", "image_size"), ("epochs", "batch_size"), ("optimizer", "learning_rate")):
        for column, key in zip(st.columns(2), row, strict=True):
            with column:
                _ask(key, has_phases=bool(phases))
    render_lr_test()
    _render_set_on_train(len(phases))
    ask_overfitting(dataset)
    st.session_state.setdefault(BARE, True)
    st.toggle(
        "Without the regularizers of the Train page",
        key=BARE,
        help="On: all arms start from the Train page's settings with its augmentation and "
        "regularization switched off, so that each arm adds one thing. Off: they are in every arm.",
        persist_state="session",
    )


def _ask(key: str, *, has_phases: bool) -> None:
    if key == "preset":
        ask_preset()
    elif key == "learning_rate":
        ask_learning_rate()
    else:
        ask_field(key, disabled=key == "epochs" and has_phases)


def _render_set_on_train(phases: int) -> None:
    """What no field of this page shows, and is in every arm all the same."""
    layers, start = own_layers(), start_words()
    said = []
    if layers is not None:
        said.append(
            f"the network is your own list of {counted(len(layers), 'layer')}, not the preset "
            "that is named above"
        )
    if start:
        said.append(f"the weights to start with: {escaped(start, limit=300)}")
    if phases:
        said.append(f"training in {counted(phases, 'phase')}, which set the epochs")
    if not said:
        return
    with st.container(border=True, key="study_set_on_train"):
        st.markdown("**From the Train page, in every arm:** " + "; ".join(said) + ".")
        with st.container(horizontal=True, vertical_alignment="center"):
            if layers is not None:
                st.button(
                    f"Use {st.session_state['preset']} instead",
                    key="study_use_preset",
                    icon=":material/undo:",
                    on_click=take_preset,
                )
            st.page_link(page_file("train"), label="Change it on Train", icon=":material/tune:")
