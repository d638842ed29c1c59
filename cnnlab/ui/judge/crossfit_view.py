"""Wrong labels among training images: models that never saw them look for them, as a job."""

from functools import partial

import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.records.judgement import Crossfit
from cnnlab.domain.run import Run
from cnnlab.domain.words import counted, duration, listed
from cnnlab.judging.words.sentences import share_words
from cnnlab.ui.changing import for_editors
from cnnlab.ui.judge.parts import show_part
from cnnlab.ui.judge.pictures.suspect_list import LabelsJudged, render_suspect_list
from cnnlab.ui.text import escaped
from cnnlab.ui.watching import watch_job

_POLL_SECONDS = 1.0
_FOLDS = (3, 5, 10)
_USUAL = 5
_PLACE = "train_suspects"
_PROBLEM = "crossfit_problem"
_NAMED_CLASSES = 5


def render_crossfit(run: Run) -> None:
    """What the search costs and its button, how far it is, or what it has found.

    Args:
        run: an ended one with an epoch.
    """
    state = lab.crossfit_state(run.id)
    if st.session_state.get(_PROBLEM, ("", ""))[0] == run.id:
        st.error(escaped(st.session_state.pop(_PROBLEM)[1], limit=1000), icon=":material/error:")
    if state is not None and not state.is_ended:
        watch_job(
            "crossfit",
            partial(lab.crossfit_state, run.id),
            partial(lab.cancel_crossfit, run.id),
            every=_POLL_SECONDS,
        )
        return
    if state is not None and state.answer is not None:
        _render_found(state.answer, run)
        return
    if state is not None and state.problem and state.stage != "cancelled":
        st.error(escaped(state.problem, limit=1000), icon=":material/error:")
    _render_start(run)


def render_search_note(run: Run) -> None:
    """Say beside another part that a search is under way, with the way to it."""
    state = lab.crossfit_state(run.id)
    if state is None or state.is_ended:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="crossfit_note"):
        st.caption(
            ":material/search: Wrong labels are being searched for among the training images: "
            f"{escaped(state.phase)} ...",
            width="content",
        )
        st.button(
            "Show it", key="show_crossfit", type="tertiary", on_click=show_part, args=("train",)
        )


def _render_start(run: Run) -> None:
    st.markdown(
        "The model was trained on these images, wrong labels too, so it can't tell. Models that "
        "were trained without them can: the training images are divided, and each part is asked of "
        "a model that was trained on the others as this run was."
    )
    with st.container(horizontal=True, vertical_alignment="bottom", key="crossfit_start"):
        folds = st.selectbox(
            "Models",
            _FOLDS,
            index=_FOLDS.index(_USUAL),
            key="crossfit_folds",
            help="More models have more images each to learn from, and take longer. Usual: 5.",
            width=120,
        )
        st.button(
            "Look for wrong labels",
            key="start_crossfit",
            icon=":material/search:",
            on_click=_start,
            args=(run.id, folds),
            **for_editors(),
        )
    st.caption(
        f"It costs {counted(folds, 'training')}: about "
        f"{duration(lab.crossfit_seconds(run.id, folds))} of this machine, beside what else it "
        "does. You may close the page meanwhile; what is finished is kept where it is cancelled."
    )


def _start(run: str, folds: int) -> None:
    try:
        lab.start_crossfit(run, folds)
    except CnnlabError as error:
        st.session_state[_PROBLEM] = (run, str(error))


def _render_found(found: Crossfit, run: Run) -> None:
    names = found["not_judged"]
    left_out = [f"'{name}'" for name in names[:_NAMED_CLASSES]]
    if len(names) > len(left_out):
        left_out.append(f"{len(names) - len(left_out):,} more")
    said = (
        f"{counted(found['folds'], 'model')}, trained in {duration(found['seconds'])}, looked at "
        f"{counted(found['images'], 'training image')}, each by the one that wasn't trained on it. "
        f"They say the label that it has in {share_words(found['accuracy'])}."
    )
    if left_out:
        said += f" Classes with too few pictures weren't judged: {listed(left_out)}."
    st.caption(escaped(said, limit=2000))
    render_suspect_list(
        found["suspects"],
        run.dataset,
        of=f"{run.id} train",
        judged=LabelsJudged(found.get("judged", found["images"]), names),
        place=_PLACE,
    )
