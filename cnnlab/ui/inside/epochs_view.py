"""The same pictures through the epochs of a run, and of another one beside it."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from cnnlab import lab
from cnnlab.domain.errors import RunStateError, StorageError
from cnnlab.domain.run import Run
from cnnlab.domain.words import counted, percent
from cnnlab.judging.inside.courses import Courses
from cnnlab.judging.pairs import are_same_images
from cnnlab.ui.components.table.table import render_table
from cnnlab.ui.inside.beside import short_name
from cnnlab.ui.inside.picking import picked_places, render_pickable, render_picking
from cnnlab.ui.inside.strips import MOST_BARS, FollowedPicture, Strip, strips_html
from cnnlab.ui.text import escaped, plain

_STYLE = Path(__file__).parents[1] / "assets" / "inside.css"
_KEY = (
    '<p class="cnnlab-key"><i class="right"></i>right <i class="wrong"></i>taken for another class'
    " (with a line below) · the higher, the more probable the true class</p>"
)
_FORGOTTEN_SHOWN = 24


class _Shown(NamedTuple):
    """A run with its courses, and what it is called where there are two."""

    run: Run
    courses: lab.RunCourses
    name: str


def render_epochs(run: Run, beside: Run | None) -> None:
    """The whole section; without what is kept of the epochs it says why there is nothing."""
    st.html(_STYLE)
    st.header("The same pictures through the epochs", anchor=False)
    courses = _courses(run)
    if courses is None:
        return
    shown = [_Shown(run, courses, "")]
    if beside is not None and (other := _courses(beside)):
        if are_same_images(courses.last, other.last):
            names = [short_name(run), short_name(beside)]
            shown = [_Shown(run, courses, names[0]), _Shown(beside, other, names[1])]
        else:
            st.info(
                f"'{escaped(beside.name, limit=100)}' was validated on other images or labels, as "
                "with another split, so that it can't be shown beside this run.",
                icon=":material/info:",
            )
    _render_strips(shown)
    _render_forgotten(shown)


def _courses(run: Run) -> lab.RunCourses | None:
    try:
        return lab.run_courses(run)
    except RunStateError as error:
        st.info(escaped(str(error), limit=1000), icon=":material/info:")
    except StorageError as error:
        st.error(escaped(str(error), limit=1000), icon=":material/error:")
    return None


def _render_strips(shown: list[_Shown]) -> None:
    run, courses, _ = shown[0]
    picked = picked_places(courses)
    whys = {one.place: one.why for one in courses.followed} | dict.fromkeys(picked, "picked")
    places = picked or [one.place for one in courses.followed]
    epochs = max(len(each.courses.epochs) for each in shown)
    thinned = f" Of {epochs} epochs {MOST_BARS} are drawn." if epochs > MOST_BARS else ""
    st.caption(
        ("These are the pictures that you picked." if picked else _CHOICE_WORDS)
        + f" A bar tells what the net said after an epoch, with everything random off.{thinned}"
    )
    files = [fact.file for fact in lab.image_facts(run.dataset, courses.positions[places])]
    pictures = [
        FollowedPicture(
            int(courses.positions[place]),
            file,
            whys[place],
            [_strip(each, place) for each in shown],
        )
        for place, file in zip(places, files, strict=True)
    ]
    with st.container(key="followed_pictures"):
        # As one: places that Streamlit holds for each till it is drawn have heights of their own.
        st.html(_KEY + strips_html(run.dataset, pictures))
    with st.expander("The same as numbers", icon=":material/table:", key="followed_numbers"):
        render_table(
            _numbers(shown, places, files), key="followed_table", name="The pictures as numbers"
        )
    render_picking(run, courses, picked)


_CHOICE_WORDS = (
    "Up to twelve validation pictures, three of each sort: those that it was right about in most "
    "epochs, in fewest, those whose class changed most often, and some of the rarest class (where "
    "none is rarer, of that which is recognized least)."
)


def _strip(shown: _Shown, place: int) -> Strip:
    courses = shown.courses
    return Strip(
        shown.name,
        courses.epochs,
        courses.named[:, place],
        courses.true_probabilities[:, place],
        int(courses.labels[place]),
        courses.classes,
    )


def _numbers(shown: list[_Shown], places: list[int], files: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "File": plain(file, limit=100),
            "Class": plain(each.courses.classes[each.courses.labels[place]]),
            **({"Run": each.name} if each.name else {}),
            "Right after": f"{int(each.courses.courses.right[place])} of "
            f"{counted(len(each.courses.epochs), 'epoch')}",
            "Times forgotten": int(each.courses.courses.forgotten[place]),
            "Times the class changed": int(each.courses.courses.changes[place]),
            "True class at last": percent(float(each.courses.true_probabilities[-1, place])),
        }
        for place, file in zip(places, files, strict=True)
        for each in shown
    ]


def _render_forgotten(shown: list[_Shown]) -> None:
    """How many pictures were learned and then wrong again, and the most forgotten ones."""
    run, courses, _ = shown[0]
    st.markdown("**Learned, and wrong again**")
    if len(courses.epochs) < 2:
        st.caption("Known after two epochs.")
        return
    for each in shown:
        name = f"**{escaped(each.name)}:** " if each.name else ""
        st.markdown(name + _forgetting_words(each.courses.courses))
        if kept := _kept_words(each):
            st.caption(kept)
    if len(shown) > 1:
        both = [each.courses.courses.forgotten > 0 for each in shown]
        st.markdown(
            f"Both have forgotten {counted(int(np.count_nonzero(both[0] & both[1])), 'picture')} "
            "in common; below are those of the first."
        )
    st.caption(
        "Counted after each epoch, on validation images; Toneva and others (2019) counted training "
        "images at every update. A picture near a border between classes, or with a wrong label, "
        "is forgotten more often; so is one that chance moves."
    )
    places = courses.courses.most_forgotten()[:_FORGOTTEN_SHOWN]
    if not len(places):
        return
    notes = {int(place): f"forgotten {_times(courses, int(place))}" for place in places}
    if (forgotten := int(np.count_nonzero(courses.courses.forgotten))) > len(places):
        st.caption(f"The {len(places)} of {forgotten:,} that were forgotten most often:")
    render_pickable(
        run, courses, places, key="forgotten", label="The most forgotten pictures", notes=notes
    )


def _kept_words(shown: _Shown) -> str:
    """That the model which is judged is of another epoch than the last; empty where it isn't."""
    kept, last = shown.courses.model_epoch, int(shown.courses.epochs[-1])
    if kept is None or kept == last:
        return ""
    return (
        f"The last epoch is {last + 1}. The kept model, which *Judge this model* shows, is of "
        f"epoch {kept + 1}: it may be wrong about others."
    )


def _times(courses: lab.RunCourses, place: int) -> str:
    return f"{courses.courses.forgotten[place]}×"


def _forgetting_words(courses: Courses) -> str:
    forgotten = int(np.count_nonzero(courses.forgotten))
    more = int(np.count_nonzero(courses.forgotten > 1))
    return (
        f"Of {counted(len(courses.learned), 'validation picture')} {forgotten:,} "
        f"{'was' if forgotten == 1 else 'were'} forgotten at least once, {more:,} of them more "
        f"than once, and {courses.lost:,} {'is' if courses.lost == 1 else 'are'} wrong after the "
        f"last epoch; {courses.kept:,} stayed right from the first time on, {courses.never:,} "
        f"{'was' if courses.never == 1 else 'were'} never right."
    )
