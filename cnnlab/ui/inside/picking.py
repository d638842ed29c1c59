"""Pictures that the user picks to be followed; the address holds their rows."""

from collections.abc import Mapping

import numpy as np
import streamlit as st

from cnnlab import lab
from cnnlab.domain.run import Run
from cnnlab.domain.words import counted
from cnnlab.judging.inside.courses import FOLLOWED
from cnnlab.ui.components.pictures.pictures import ask_pictures
from cnnlab.ui.judge.pictures.judged import Judged, judged_pictures
from cnnlab.ui.text import escaped, plain

_PARAMETER = "pictures"
_CLASS = "pick_class"
_SHOWN = 48


def picked_places(courses: lab.RunCourses) -> list[int]:
    """Places of the pictures that the address names; that some are left out is said."""
    asked = [text for text in st.query_params.get(_PARAMETER, "").split(",") if text]
    at = {str(row): place for place, row in enumerate(courses.positions)}
    found = list(dict.fromkeys(at[text] for text in asked if text in at))
    if len(found) < len(asked) or len(found) > FOLLOWED:
        st.caption(
            f"Of {counted(len(asked), 'picture')} in the address "
            f"{min(len(found), FOLLOWED)} are shown: validation images of this run, at most "
            f"{FOLLOWED}."
        )
    return found[:FOLLOWED]


def render_picking(run: Run, courses: lab.RunCourses, picked: list[int]) -> None:
    """The way to pictures of one's own choice, class by class, and back to those that tell most."""
    with st.expander("Pick pictures yourself", icon=":material/touch_app:", key="picking"):
        st.session_state.setdefault(_CLASS, int(courses.labels[picked[0] if picked else 0]))
        there = np.unique(courses.labels).tolist()
        label = st.selectbox(
            "Class",
            there,
            key=_CLASS,
            format_func=lambda label: plain(courses.classes[label]),
        )
        places = np.flatnonzero(courses.labels == label)
        order = places[np.argsort(-courses.courses.changes[places], kind="stable")][:_SHOWN]
        if len(order) < len(places):
            st.caption(
                f"The {_SHOWN} of {counted(len(places), 'validation image')} of "
                f"'{escaped(courses.classes[label])}' that changed most often."
            )
        render_pickable(run, courses, order, key="pick", label="Pictures of this class")
        if picked:
            st.button(
                "Back to those that tell most",
                key="unpick",
                icon=":material/undo:",
                on_click=_unpick,
            )


def _unpick() -> None:
    st.query_params.pop(_PARAMETER, None)


def render_pickable(
    run: Run,
    courses: lab.RunCourses,
    places: np.ndarray,
    *,
    key: str,
    label: str,
    notes: Mapping[int, str] | None = None,
) -> None:
    """Pictures as the last epoch judges them; those that are selected can be followed.

    Args:
        run: whose net it is.
        courses: of it.
        places: (M,) int, of the pictures, in the order in which they are shown.
        key: begins the keys of the widgets.
        label: what they have in common, for those who don't see them.
        notes: what else is to be known of some, by place.
    """
    judged = Judged(run.dataset, courses.last, courses.classes)
    pictures = judged_pictures(judged, places)
    for place, picture in zip(places, pictures, strict=True):
        picture["note"] = (notes or {}).get(int(place), "")
    rows = ask_pictures(
        run.dataset,
        pictures,
        key=f"{key}_pictures",
        label=label,
        version=f"{run.id} {run.attempt} {places[:1]} {len(places)}",
    )
    if rows:
        many = f"Follow {counted(min(len(rows), FOLLOWED), 'picture')} through the epochs"
        if st.button(many, key=f"{key}_follow", icon=":material/timeline:", type="primary"):
            st.query_params[_PARAMETER] = ",".join(map(str, rows[:FOLLOWED]))
            st.rerun()
        if len(rows) > FOLLOWED:
            st.caption(f"The first {FOLLOWED} of the {len(rows)} selected ones.")
