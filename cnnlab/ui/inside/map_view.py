"""The map of the images: near is what the net finds alike; what is selected is shown below."""

from collections import Counter
from typing import NamedTuple

import numpy as np
import streamlit as st

from cnnlab import lab
from cnnlab.domain.predictions import Predictions
from cnnlab.domain.records.inside import PlaneFacts
from cnnlab.domain.run import Run
from cnnlab.domain.words import called, counted, percent
from cnnlab.figures.palette import CLASS_COLORS, OTHER_CLASSES
from cnnlab.ui.components.cloud.cloud import Cloud, CloudGroup, CloudPoints, ask_points
from cnnlab.ui.components.scroll.scroll import scroll_to
from cnnlab.ui.inside.looked import Looked
from cnnlab.ui.inside.maps_view import MAPS_PICTURE, SECTION
from cnnlab.ui.inside.picture_choice import choose_picture
from cnnlab.ui.judge.pictures.judged import Judged, ask_judged
from cnnlab.ui.text import plain

_NAMES = {"pca": "PCA", "tsne": "t-SNE"}
_SELECTED, _WRONG = "selected", "wrong"
_SHOWN, _MOST_PAIRS = 24, 60
_LIST = "map_list"

_SIGNS = "A dot is recognized, a cross in the colour of its own class is taken for another one."
_HOLLOW = "Training images are hollow."
_COLORS_WORDS = f"The {len(CLASS_COLORS)} classes that are confused most have a colour."
_LIMITS = {
    "pca": "Distances on it are distances along these two directions alone: images that lie "
    "together may be far apart in the others.",
    "tsne": "It keeps near what is near. How large a group is, how far groups are apart and where "
    "they lie means nothing, and it may show groups where there are none.",
}


class _Map(NamedTuple):
    """The images with what the model says of them, by their place on the map."""

    run: Run
    judged: Judged
    is_training: np.ndarray
    version: str


def render_map(looked: Looked) -> None:
    """The whole section."""
    run, inside = looked.run, looked.inside
    st.header("Map of the images", anchor=False)
    found, arrays = inside.found, inside.arrays
    planes = found["planes"]
    method = "pca"
    if len(planes) > 1:
        st.session_state.setdefault("map_method", "tsne")
        method = (
            st.segmented_control(
                "Map by",
                list(planes),
                key="map_method",
                format_func=_NAMES.__getitem__,
                required=True,
            )
            or "pca"
        )
    classes = lab.load_dataset(run.dataset).classes
    colored = f" {_COLORS_WORDS}" if len(classes) > len(CLASS_COLORS) else ""
    signs = f"{_SIGNS} {_HOLLOW}" if arrays["is_training"].any() else _SIGNS
    st.caption(f"{_what_words(inside)} {_plane_words(method, planes[method])} {signs}{colored}")
    said = Predictions(arrays["positions"], arrays["labels"], arrays["probabilities"])
    shown = _Map(
        run,
        Judged(run.dataset, said, list(classes)),
        arrays["is_training"],
        f"{run.id} {run.attempt} {len(said.positions)} {method}",
    )
    groups, group_of = _groups(said, list(classes))
    points: CloudPoints = {
        "row": said.positions.tolist(),
        "x": np.round(arrays[method][:, 0].astype(float), 4).tolist(),
        "y": np.round(arrays[method][:, 1].astype(float), 4).tolist(),
        "label": said.labels.tolist(),
        "named": said.probabilities.argmax(axis=1).tolist(),
        "group": group_of[said.labels].tolist(),
        "is_training": arrays["is_training"].astype(int).tolist(),
    }
    rows = ask_points(
        run.dataset,
        Cloud(points, groups, [plain(name, limit=40) for name in classes]),
        key="image_map",
        label=f"Map of {len(said.positions)} images by {_NAMES[method]}; the list below it names "
        "groups of them",
        version=shown.version,
    )
    _render_chosen(shown, rows)


def _what_words(inside: lab.Inside) -> str:
    found, is_training = inside.found, inside.arrays["is_training"]
    images = [counted(int(np.count_nonzero(~is_training)), "validation image")]
    if is_training.any():
        images.append(counted(int(np.count_nonzero(is_training)), "training image"))
    some = ", of each class as equally many as there are" if _is_part(inside) else ""
    return (
        f"{' and '.join(images)}{some}, placed by the {found['features']:,} values that the last "
        "layer reads."
    )


def _is_part(inside: lab.Inside) -> bool:
    found, is_training = inside.found, inside.arrays["is_training"]
    validation = int(np.count_nonzero(~is_training))
    return validation < found["of_validation"] or (
        bool(is_training.any()) and len(is_training) - validation < found["of_training"]
    )


def _plane_words(method: str, facts: PlaneFacts) -> str:
    words = []
    if facts["shares"]:
        both = " + ".join(percent(share, decimals=0) for share in facts["shares"])
        words.append(f"The two axes hold {both} of the variance.")
    words.append(_LIMITS[method])
    if facts["kept"] is not None:
        words.append(
            f"Of the ten images that are nearest by features, {percent(facts['kept'], decimals=0)} "
            "are among the ten nearest here."
        )
    return " ".join(words)


def _groups(said: Predictions, classes: list[str]) -> tuple[list[CloudGroup], np.ndarray]:
    """The colours, and the colour of each label: of many classes those have one that tell most.

    These are the ones that are confused most, whether their images are taken for others or others
    for them; among equals the largest.
    """
    named = said.probabilities.argmax(axis=1)
    pairs = np.stack([said.labels, named])[:, named != said.labels]
    confused = np.bincount(pairs.ravel(), minlength=len(classes))
    counts = np.bincount(said.labels, minlength=len(classes))
    own = np.sort(np.lexsort((-counts, -confused))[: len(CLASS_COLORS)])
    groups: list[CloudGroup] = [
        {"name": plain(classes[label], limit=24), "color": color}
        for label, color in zip(own, CLASS_COLORS, strict=False)
    ]
    group_of = np.full(len(classes), len(groups))
    group_of[own] = np.arange(len(own))
    if len(own) < len(classes):
        others = counted(len(classes) - len(own), "other class", "other classes")
        groups.append({"name": others, "color": OTHER_CLASSES})
    return groups, group_of


def _render_chosen(shown: _Map, rows: list[int]) -> None:
    """Pictures of what is selected on the map, or of a group that the list names."""
    lists = _lists(shown, rows)
    if rows and st.session_state.get("map_selected") != rows:
        st.session_state[_LIST] = _SELECTED
    st.session_state["map_selected"] = rows
    if st.session_state.get(_LIST) not in lists:
        st.session_state[_LIST] = next(iter(lists))
    chosen = st.selectbox(
        "Pictures below",
        list(lists),
        key=_LIST,
        format_func=lambda name: f"{lists[name][0]} ({len(lists[name][1]):,})",
    )
    words, places = lists[chosen]
    said = shown.judged.predictions
    is_right = said.probabilities[places].argmax(axis=1) == said.labels[places]
    order = np.lexsort((-said.probabilities[places].max(axis=1), is_right))
    picked = ask_judged(
        shown.judged,
        places[order][:_SHOWN],
        key="map_pictures",
        label=words,
        version=f"{shown.version} {chosen} {places[:3].tolist()} {len(places)}",
    )
    if len(places) > _SHOWN:
        st.caption(
            f"The first {_SHOWN} of {len(places):,}: wrong ones before right ones, the surest "
            "first."
        )
    if picked and st.button(
        "What the layers make of it", key="map_layers", icon=":material/layers:"
    ):
        choose_picture(shown.run, picked[0], key=MAPS_PICTURE)
        scroll_to(SECTION)
        st.rerun()


def _lists(shown: _Map, rows: list[int]) -> dict[str, tuple[str, np.ndarray]]:
    """Groups of pictures by a key: their words and their places."""
    said = shown.judged.predictions
    named = said.probabilities.argmax(axis=1)
    names = [plain(name, limit=40) for name in shown.judged.classes]
    lists: dict[str, tuple[str, np.ndarray]] = {}
    if rows:
        selected = np.flatnonzero(np.isin(said.positions, rows))
        lists[_SELECTED] = ("Selected on the map", selected)
    wrong = np.flatnonzero((named != said.labels) & ~shown.is_training)
    if len(wrong):
        lists[_WRONG] = ("Wrong validation pictures", wrong)
    pairs = Counter(zip(said.labels[wrong].tolist(), named[wrong].tolist(), strict=True))
    for (label, taken), _ in pairs.most_common(_MOST_PAIRS):
        of = wrong[(said.labels[wrong] == label) & (named[wrong] == taken)]
        lists[f"{label} {taken}"] = (f"{called(names[label])} taken for {called(names[taken])}", of)
    for label in np.unique(said.labels):
        of = np.flatnonzero((said.labels == label) & ~shown.is_training)
        if len(of):
            lists[f"{label}"] = (f"Validation pictures of {called(names[label])}", of)
    return lists
