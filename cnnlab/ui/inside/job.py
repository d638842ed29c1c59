"""The look inside a net: its start, how far it is, why it failed, and what it found."""

from functools import partial

import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError, DamagedError
from cnnlab.domain.run import Run
from cnnlab.domain.words import duration
from cnnlab.ui.changing import for_editors
from cnnlab.ui.text import escaped
from cnnlab.ui.watching import watch_job

_TRAINING, _TSNE = "inside_training", "inside_tsne"
_FEW = 3000
"""Up to so many points t-SNE takes seconds, and is on at first."""

_ANEW = "inside_anew"
"""Session key: the run whose look is asked for with other choices."""


def has_look(run: Run) -> bool:
    """Whether something was found inside a run's net, and no other look is asked for."""
    state = lab.inside_state(run.id)
    return state is not None and state.answer is not None and not _is_anew(run)


def _is_anew(run: Run) -> bool:
    return st.session_state.get(_ANEW) == run.id


def ask_inside(run: Run) -> lab.Inside | None:
    """What was found inside a run's net; before that the way to it.

    Args:
        run: an ended one with an epoch.

    Returns:
        None before it has finished.
    """
    state = lab.inside_state(run.id)
    if state is None or _is_anew(run):
        _ask_start(run, "Look inside", anew=state is not None)
        return None
    if not state.is_ended:
        read, cancel = partial(lab.inside_state, run.id), partial(lab.cancel_inside, run.id)
        watch_job("inside", read, cancel, is_counted=True)
        return None
    if state.answer is None:
        if state.stage == "cancelled":
            st.info("The look inside was cancelled.", icon=":material/cancel:")
        else:
            st.error(escaped(state.problem or "", limit=1000), icon=":material/error:")
        _ask_start(run, "Look again", anew=False)
        return None
    try:
        return lab.found_inside(run.id)
    except DamagedError as error:
        st.error(escaped(str(error), limit=1000), icon=":material/error:")
        _ask_start(run, "Look again", anew=True)
        return None


def render_again(run: Run) -> None:
    """The way to a look with other choices, at the foot of what was found."""
    st.button(
        "Look again with other choices",
        key="inside_again",
        type="tertiary",
        icon=":material/refresh:",
        on_click=st.session_state.__setitem__,
        args=(_ANEW, run.id),
    )


def _ask_start(run: Run, words: str, *, anew: bool) -> None:
    """The choices, the button, and about how long it takes."""
    try:
        images = lab.points_of(run)
    except CnnlabError as error:
        st.error(escaped(str(error), limit=1000), icon=":material/error:")
        return
    with st.container(key="inside_start", border=True):
        st.markdown(
            f"A worker shows the kept model up to {lab.MOST_MAPPED:,} validation and up to "
            f"{lab.MOST_KNOWN:,} training images once, on the CPU; of more, equally many of "
            "each class as far as there are, and fewer training images where the last layer reads "
            "very many values. It keeps with the run what it finds: the map of the images, "
            "look-alikes of wrong pictures, filters, feature maps, and what units react to."
        )
        st.session_state.setdefault(_TRAINING, False)
        with_training = st.toggle("Training images on the map, too", key=_TRAINING)
        points = images["validation"] + (images["training"] if with_training else 0)
        points = min(points, lab.MOST_MAPPED)
        st.session_state.setdefault(_TSNE, points <= _FEW)
        extra = lab.inside_seconds(run, images, points, with_tsne=True)
        plain = lab.inside_seconds(run, images, points, with_tsne=False)
        with_tsne = st.toggle(
            f"t-SNE as a second map of {points:,} images: about {duration(extra - plain)} more",
            key=_TSNE,
            help="It keeps near what is near, and shows groups better than two straight axes can.",
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button(
                words,
                key="look_inside",
                type="primary",
                icon=":material/play_arrow:",
                **for_editors(),
            ):
                _start(run, with_training=with_training, with_tsne=with_tsne, anew=anew)
            st.caption(f"About {duration(extra if with_tsne else plain)} on an idle machine.")


def _start(run: Run, *, with_training: bool, with_tsne: bool, anew: bool) -> None:
    try:
        lab.start_inside(run.id, with_training=with_training, with_tsne=with_tsne, anew=anew)
    except CnnlabError as error:
        st.error(escaped(str(error), limit=1000), icon=":material/error:")
        return
    st.session_state.pop(_ANEW, None)
    st.rerun()
