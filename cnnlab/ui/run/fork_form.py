"""The dialog that forks a run: from which epoch, and what is to be different from there on."""

import json
from typing import Any

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.dotted import value_at
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.config.wording.labels import in_labels
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.run import Run
from cnnlab.domain.words import percent, unit_in_brackets
from cnnlab.fields import extra, walk
from cnnlab.ui.changing import for_editors
from cnnlab.ui.page_files import page_file
from cnnlab.ui.text import escaped

_OPEN = "fork_open"
"""Session key: the run whose dialog is open; kept, because the page is run again when it ends."""

_SEEDED = "fork_seeded"
_MORE_EPOCHS = 10
_COLUMNS = 3
_FIELDS = (
    "optimizer.learning_rate",
    "training.epochs",
    "regularization.dropout",
    "regularization.l2",
    "regularization.l1",
    "regularization.label_smoothing",
)
_AUGMENTATIONS = tuple(
    f"augmentation.{name}"
    for name in (
        "rotation_degrees",
        "zoom_fraction",
        "shift_fraction",
        "brightness_fraction",
        "contrast_fraction",
        "erasing_fraction",
    )
)


def render_fork_button(run: Run) -> None:
    """The button that opens the dialog."""
    st.button(
        "Fork",
        key="fork_run",
        icon=":material/fork_right:",
        on_click=_open,
        args=(run.id,),
        **for_editors(),
    )


def render_fork_dialog(run: Run) -> None:
    """The dialog while it is open."""
    if st.session_state.get(_OPEN) == run.id:
        _ask_fork(run)


def _open(run: str) -> None:
    st.session_state[_OPEN] = run
    st.session_state.pop(_SEEDED, None)


def _close() -> None:
    st.session_state.pop(_OPEN, None)


@st.dialog("Fork this run", width="medium", icon=":material/fork_right:", on_dismiss=_close)
def _ask_fork(run: Run) -> None:
    epochs = lab.forkable_epochs(run.id)
    if not epochs:
        st.info("No epoch of this run is kept yet: wait until its first one has ended.")
        return
    st.caption(
        "A new run goes on from the weights of one epoch, with what you change here. "
        "This run stays as it is."
    )
    accuracies = {
        record["epoch"]: record["val_accuracy"] for record in lab.view_run(run.id).history
    }
    epoch = st.selectbox(
        "From epoch",
        epochs[::-1],
        key="fork_epoch",
        format_func=lambda epoch: (
            f"Epoch {epoch + 1}: validation accuracy {percent(accuracies.get(epoch))}"
            + (", the best" if epoch == run.best_epoch else "")
        ),
        help="The states of the best epoch, the last two and some others are kept.",
    )
    base = lab.config_at(run.id, epoch)
    _seed(run, epoch, base)
    changes = _ask_changes()
    changes = [*_differing(base), *changes]
    usual_name = f"{run.name} from epoch {epoch + 1}"
    usual_name = ": ".join([usual_name, *filter(None, [_in_words(changes)])])[:200]
    name = st.text_input("Name", key="fork_name", max_chars=200, placeholder=usual_name)
    if st.button(
        "Fork and train",
        key="launch_fork",
        type="primary",
        icon=":material/play_arrow:",
        **for_editors(),
    ):
        _launch(run, epoch, changes, name.strip() or usual_name)


def _seed(run: Run, epoch: int, base: RunConfig) -> None:
    """Give the fields the values that held at this epoch, once for each choice of one."""
    state = st.session_state
    if state.get(_SEEDED) == (run.id, epoch):
        return
    state[_SEEDED] = (run.id, epoch)
    for name in (*_FIELDS, *_AUGMENTATIONS):
        state[_key(name)] = value_at(base, name)
    if base.training.epochs <= epoch + 1:
        state[_key("training.epochs")] = epoch + 1 + _MORE_EPOCHS


def _ask_changes() -> list[str]:
    """Ask for new values; return those that were written as text."""
    _ask_fields(_FIELDS)
    with st.expander("Augmentation"):
        _ask_fields(_AUGMENTATIONS)
    with st.expander("More changes"):
        text = st.text_area(
            "One a line, such as `training.batch_size=16`",
            key="fork_changes",
            placeholder="augmentation.flip=horizontal",
            help="Any field of the config; `python -m cnnlab fields` lists them. What belongs to "
            "the kept weights, such as the network, can't be changed.",
        )
    return [line.strip() for line in text.splitlines() if line.strip()]


def _ask_fields(names: tuple[str, ...]) -> None:
    infos = dict(walk(RunConfig))
    grid = st.grid(_COLUMNS)
    for name in names:
        info = infos[name]
        label = "Epochs in total" if name == "training.epochs" else extra(info, "label")
        grid.number_input(
            unit_in_brackets(label, extra(info, "unit")),
            key=_key(name),
            help=info.description,
            **_steps(name, info.annotation is int),
        )


def _steps(name: str, whole: bool) -> dict[str, Any]:
    step = extra(dict(walk(RunConfig))[name], "increment")
    return {"step": int(step)} if whole else {"step": float(step or 0.0001), "format": "%g"}


def _differing(base: RunConfig) -> list[str]:
    """The fields of the dialog that aren't as they were, as `a.b=value`."""
    asked = {name: st.session_state[_key(name)] for name in (*_FIELDS, *_AUGMENTATIONS)}
    return [
        f"{name}={json.dumps(value)}"
        for name, value in asked.items()
        if value != value_at(base, name)
    ]


def _in_words(changes: list[str]) -> str:
    infos = dict(walk(RunConfig))
    words = (change.partition("=") for change in changes)
    return ", ".join(
        f"{extra(infos[name], 'label') if name in infos else name} {value}"
        for name, _, value in words
    )


def _launch(run: Run, epoch: int, changes: list[str], name: str) -> None:
    try:
        child = lab.fork_run(run.id, epoch, changes, name=name)
    except CnnlabError as error:
        st.error(escaped(in_labels(error), limit=1000), icon=":material/error:")
        return
    _close()
    st.switch_page(page_file("runs"), query_params={"run": child.id})


def _key(name: str) -> str:
    return f"fork_{name.rpartition('.')[2]}"
