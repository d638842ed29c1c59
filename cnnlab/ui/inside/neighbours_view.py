"""The training pictures that the net finds most alike to one that it is wrong about."""

import numpy as np
import streamlit as st

from cnnlab import lab
from cnnlab.domain.words import called, counted
from cnnlab.ui.inside.looked import Looked
from cnnlab.ui.inside.picture_choice import ask_picture
from cnnlab.ui.inside.tiles import Tile, picture_source, tiles_html
from cnnlab.ui.text import escaped, plain


def render_neighbours(looked: Looked) -> None:
    """The whole section."""
    run, inside, wrong, _ = looked
    st.header("Look-alikes in training", anchor=False)
    arrays = inside.arrays
    if not len(arrays["wrong"]):
        st.info("The net is right about all validation pictures.", icon=":material/check:")
        return
    row = ask_picture(run, wrong, key="neighbours_picture", label="Wrong picture")
    places = np.flatnonzero(arrays["wrong"] == row)
    if not len(places):
        st.caption("The net is right about this picture: choose one that it is wrong about.")
        return
    place = int(places[0])
    names = [plain(name, limit=40) for name in lab.load_dataset(run.dataset).classes]
    label, named = (int(arrays[name][place]) for name in ("wrong_labels", "wrong_named"))
    near, labels = arrays["neighbours"][place], arrays["neighbour_labels"][place]
    files = [fact.file for fact in lab.image_facts(run.dataset, np.append(row, near))]
    tiles = [
        Tile(
            picture_source(run.dataset, row),
            f"The picture {plain(files[0])}",
            (f"{names[label]} → {names[named]}", "the wrong picture"),
        )
    ]
    for at, (other, other_label) in enumerate(zip(near, labels, strict=True)):
        mark = {label: "right", named: "wrong"}.get(int(other_label), "")
        distance = f"distance {float(arrays['distances'][place, at]):.3f}"
        tiles.append(
            Tile(
                picture_source(run.dataset, int(other)),
                f"Training picture {plain(files[at + 1])}",
                (names[other_label], distance),
                mark,
            )
        )
    st.html(tiles_html(tiles, "The wrong picture and its look-alikes", width_rem=9))
    st.markdown(escaped(_words(labels, label, named, names), limit=600))
    st.caption(_caption(inside))


def _words(labels: np.ndarray, label: int, named: int, names: list[str]) -> str:
    """What the classes of the nearest training pictures may mean."""
    as_named, as_label = (int(np.count_nonzero(labels == one)) for one in (named, label))
    count, said_named = len(labels), called(names[named])
    said = (
        f"Of the {count} nearest, {as_named} {'is' if as_named == 1 else 'are'} {said_named} and "
        f"{as_label} {'is' if as_label == 1 else 'are'} {called(names[label])}."
    )
    if as_named == count:
        return (
            f"{said} To the net it lies among pictures of {said_named}: its label may be wrong, "
            "it may look like them, or the net doesn't see what tells them apart."
        )
    if as_named == 0:
        return (
            f"{said} None of them is what it was taken for: the last layer decides otherwise than "
            "its nearest pictures would."
        )
    if as_label >= as_named:
        return (
            f"{said} Pictures of its own class are as near: it may lie on the border, or one of "
            "these training pictures may have a wrong label."
        )
    return said


def _caption(inside: lab.Inside) -> str:
    found = inside.found
    among = counted(found["training"], "training image")
    if found["training"] < found["of_training"]:
        among += f" of {found['of_training']:,}, as equally many of each class as there are"
    return (
        f"Nearest by the angle between the values that the last layer reads, among {among}: 0 is "
        "the same direction, 1 nothing in common. A blue frame is the picture's own class, a red "
        "one the class that it was taken for. Labels are those that the net was trained with."
    )
