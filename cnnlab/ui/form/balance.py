"""What each class counts in training, where that differs: a short table in the form."""

import contextlib

import streamlit as st

from cnnlab import lab
from cnnlab.domain.data.class_balance import ClassShare, are_imbalanced
from cnnlab.domain.errors import BadInputError
from cnnlab.domain.words import percent
from cnnlab.ui.components.table.table import Column, render_table
from cnnlab.ui.form.state import read_form
from cnnlab.ui.text import escaped, plain

_COLUMNS = {
    "class": Column("Class"),
    "images": Column("Images", "number", "{:,}".format, "Training images of this class."),
    "drawn": Column(
        "Drawn",
        "number",
        "{:,.1f}".format,
        "How often an epoch shows one of them, on average over the epochs.",
    ),
    "weight": Column("Weight", "number", "{:.3g}".format, "What each of them counts in the loss."),
    "share": Column(
        "Share", "number", percent,
        "What the class counts of the whole loss: drawn images times weight.",
    ),
}  # fmt: skip


def render_class_balance(dataset: str) -> None:
    """The table, where classes are imbalanced or something balances them; else nothing.

    Args:
        dataset: id of the chosen one.
    """
    with contextlib.suppress(BadInputError):  # said beside the start button
        config = read_form(dataset)
        shares = lab.balance_of(config)
        is_balanced = "balanced" in (config.training.sampling, config.training.class_weights)
        if is_balanced or are_imbalanced([share.images for share in shares.values()]):
            _render(shares, is_balanced=is_balanced)


def _render(shares: dict[str, ClassShare], *, is_balanced: bool) -> None:
    st.caption(_words(shares, is_balanced=is_balanced))
    rows = [
        {
            "class": plain(name, limit=80),
            "images": share.images,
            "drawn": share.drawn,
            "weight": share.weight,
            "share": share.share,
        }
        for name, share in shares.items()
    ]
    with st.container(key="class_balance"):
        render_table(
            rows, key="class_balance_table", name="What each class counts", columns=_COLUMNS
        )


def _words(shares: dict[str, ClassShare], *, is_balanced: bool) -> str:
    counts = {name: share.images for name, share in shares.items() if share.images}
    least, most = min(counts, key=counts.__getitem__), max(counts, key=counts.__getitem__)
    ratio = counts[most] / counts[least]
    about = (
        f"{escaped(most, limit=60)} has {ratio:.3g} times as many training images as "
        f"{escaped(least, limit=60)}."
        if ratio > 1
        else "All classes have equally many training images."
    )
    if is_balanced:
        return f"{about} What each class counts, as balanced:"
    return (
        f"{about} What each class counts as it is; balanced sampling or class weights (More about "
        "training) make them count alike:"
    )
