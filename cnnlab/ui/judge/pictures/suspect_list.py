"""Labels that are probably wrong, with their pictures: mend them or keep them by one click."""

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from cnnlab import lab
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.records.judgement import Suspect
from cnnlab.domain.words import called, counted, listed, percent
from cnnlab.judging.suspects import LEAST_IMAGES
from cnnlab.ui.changing import for_editors
from cnnlab.ui.judge.pictures.relabel import (
    flattering_words,
    relabel,
    render_relabel,
    render_relabel_news,
)
from cnnlab.ui.page_files import page_file
from cnnlab.ui.text import escaped, plain

_SHOWN = 12
_PICTURE_PX = 128
_CARD_PX = 168
_PLACE = "suspects"


class LabelsJudged(NamedTuple):
    """How many images' labels were looked at, and the names of classes whose labels weren't."""

    images: int
    left_out: Sequence[str] = ()


def render_suspect_list(
    suspects: Sequence[Suspect],
    dataset: str,
    *,
    of: str,
    judged: LabelsJudged,
    part: str = "",
    place: str = _PLACE,
) -> None:
    """Cards of the labels that nobody has decided on, and how many were decided on.

    Args:
        suspects: the most certain first.
        dataset: id of the dataset that their positions are of.
        of: the run and the part; what was ticked for another one isn't ticked for this one.
        judged: whose labels were looked at.
        part: that the images are of, where labels are mended by what the judged model says.
        place: begins the keys of the widgets.
    """
    render_relabel_news(place)
    if not suspects:
        _render_none(judged)
        return
    newest = lab.newest_version(dataset)
    rows = [suspect["position"] for suspect in suspects]
    labels, kept = lab.labels_in(dataset, rows, newest.id), lab.kept_labels(dataset)
    waiting = [
        suspect
        for suspect in suspects
        if suspect["position"] not in kept and labels[suspect["position"]] == suspect["label"]
    ]
    _render_count(suspects, waiting)
    if waiting:
        if words := flattering_words(part):
            st.caption(words)
        _render_waiting(waiting[:_SHOWN], dataset, of, place)
    _render_decided(suspects, labels, kept, dataset, place)


def _render_none(judged: LabelsJudged) -> None:
    """That no label is suspected; where hardly any was looked at, that this says nothing."""
    if judged.images < LEAST_IMAGES:
        st.info(
            f"No label was judged: {counted(judged.images, 'image')} of classes that can be judged "
            f"are too few. To tell wrong labels from errors of the model takes {LEAST_IMAGES} at "
            "least.",
            icon=":material/info:",
        )
        return
    words = (
        "looks wrong: one would be shown where a wrong label is clearly likelier than an error of "
        "the model."
    )
    if judged.left_out:
        st.info(f"No label of the other classes {words}", icon=":material/info:")
    else:
        st.success(f"No label {words}", icon=":material/check_circle:")


def _render_count(suspects: Sequence[Suspect], waiting: Sequence[Suspect]) -> None:
    if not waiting:
        st.success("All of them are decided on.", icon=":material/check_circle:")
        return
    more = (
        f" The {_SHOWN} most certain are shown, others follow as you decide."
        if len(waiting) > _SHOWN
        else ""
    )
    st.markdown(
        f"{counted(len(suspects), 'label is', 'labels are')} worth a look: by what the model "
        "says of these pictures, and how often it errs, a wrong label is likelier than an error of "
        f"the model. It may be one all the same: look at each picture.{more}"
    )


def _render_waiting(shown: Sequence[Suspect], dataset: str, of: str, place: str) -> None:
    """A card for each, and what can be done with those that are ticked."""
    pictures = [lab.thumbnail(dataset, suspect["position"], 2 * _PICTURE_PX) for suspect in shown]
    with st.container(horizontal=True, key=f"{place}_cards"):
        ticked = [
            suspect
            for suspect, picture in zip(shown, pictures, strict=True)
            if _ask_card(suspect, picture, dataset, of, place)
        ]
    rows = [suspect["position"] for suspect in ticked]
    with st.container(border=True, key=f"{place}_actions"):
        st.markdown(
            f"**{counted(len(rows), 'image')} ticked**"
            if rows
            else "**Several at once, or another class**: tick the pictures that are meant."
        )
        with st.container(horizontal=True):
            st.button(
                "Give each the class that is suggested",
                key=f"{place}_all",
                icon=":material/done_all:",
                on_click=relabel,
                args=(dataset, {row["position"]: row["suggested"] for row in ticked}, place),
                **for_editors(disabled=not rows),
            )
            st.button(
                "Keep them as they are",
                key=f"{place}_keep",
                icon=":material/thumb_up:",
                on_click=lab.keep_labels,
                args=(dataset, rows),
                **for_editors(disabled=not rows),
            )
        suggested = {suspect["suggested"] for suspect in ticked}
        render_relabel(
            dataset, rows, next(iter(suggested)) if len(suggested) == 1 else None, key=place
        )


def _ask_card(suspect: Suspect, picture: bytes, dataset: str, of: str, place: str) -> bool:
    """One picture with what is said of it, and its buttons; whether it is ticked."""
    row = suspect["position"]
    label, suggested = (escaped(called(suspect[key]), limit=24) for key in ("label", "suggested"))
    with st.container(width=_CARD_PX, gap="xsmall", border=True, key=f"{place}_card_{row}"):
        st.image(
            picture,
            width=_PICTURE_PX,
            alt=f"Image {row}, labelled {plain(called(suspect['label']))}",
        )
        st.markdown(
            f"labelled **{label}** ({percent(suspect['own_probability'], decimals=0)}), rather "
            f"**{suggested}** ({percent(suspect['probability'], decimals=0)})"
        )
        st.button(
            f"It is {suggested}",
            key=f"{place}_fix_{row}",
            icon=":material/label:",
            width="stretch",
            on_click=relabel,
            args=(dataset, {row: suspect["suggested"]}, place),
            **for_editors(),
        )
        st.button(
            f"Keep {label}",
            key=f"{place}_keep_{row}",
            width="stretch",
            on_click=lab.keep_labels,
            args=(dataset, [row]),
            **for_editors(),
        )
        return st.checkbox("Tick it", key=f"{place}_tick_{row} {of}")


def _render_decided(
    suspects: Sequence[Suspect],
    labels: dict[int, str | None],
    kept: set[int],
    dataset: str,
    place: str,
) -> None:
    """How many were mended or kept, and the way back to those that were kept."""
    kept_rows = [suspect["position"] for suspect in suspects if suspect["position"] in kept]
    changed = sum(
        labels[suspect["position"]] not in (None, suspect["label"]) for suspect in suspects
    )
    gone = sum(labels[suspect["position"]] is None for suspect in suspects)
    said = [
        f"{count} {words}"
        for count, words in (
            (changed, "with another class"),
            (gone, "left out"),
        )
        if count
    ]
    if said:
        _render_mended(lab.newest_version(dataset), said, place)
    if kept_rows:
        st.button(
            f"Look again at {counted(len(kept_rows), 'label')} that you kept",
            key=f"{place}_reopen",
            type="tertiary",
            icon=":material/undo:",
            on_click=_reopen,
            args=(dataset, kept_rows),
            **for_editors(),
        )


def _render_mended(newest: Dataset, said: Sequence[str], place: str) -> None:
    """What was mended and the way there, which after a reload is the way back, too."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"{place}_mended"):
        st.caption(f"In version {newest.version}, the newest: {listed(said)}.", width="content")
        st.page_link(
            page_file("data"),
            label=f"See version {newest.version} on the Data page",
            icon=":material/photo_library:",
            query_params={"dataset": newest.id, "part": "versions"},
        )


def _reopen(dataset: str, rows: Sequence[int]) -> None:
    lab.keep_labels(dataset, rows, keep=False)
