"""Who is compared, and what of their configs isn't the same."""

from collections.abc import Sequence

import streamlit as st

from cnnlab import lab
from cnnlab.domain.words import counted, listed, percent
from cnnlab.figures.comparing import run_styles
from cnnlab.ui.components.table.table import Column, render_table
from cnnlab.ui.page_files import page_file
from cnnlab.ui.text import escaped, plain

_LONG = 1000
_LETTER = (
    '<b style="display:inline-block;width:1.9rem;padding-left:.4rem;'
    'border-left:.55rem solid {color}">{letter}</b>'
)
_START, _BY_HAND, _ORIGIN = "First weights", "Changed while it trained", "Forked from"


def render_runs(comparison: lab.Comparison) -> None:
    """Each run with its letter, its colour and the way to its page."""
    styles = run_styles(len(comparison.runs))
    with st.container(key="compared_runs", gap="xsmall"):
        for one, style in zip(comparison.runs, styles, strict=True):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.html(_LETTER.format(color=style.color, letter=one.letter), width="content")
                st.page_link(
                    page_file("runs"),
                    label=escaped(one.run.name, limit=80),
                    query_params={"run": one.run.id},
                    width="content",
                )
                st.caption(_state_words(one), width="content")


def _state_words(one: lab.ComparedRun) -> str:
    accuracy = one.run.last.get("val_accuracy")
    told = [escaped(one.dataset), str(one.run.status)]
    if one.history:
        told += [counted(len(one.history), "epoch"), f"last {percent(accuracy)} on validation"]
    return " · ".join(told)


def render_differences(comparison: lab.Comparison) -> None:
    """Only what isn't the same; what else may make the difference is said."""
    st.header("What they differ in", anchor=False)
    rows = [*_field_rows(comparison), *_other_rows(comparison.runs)]
    with st.container(key="config_differences"):
        if not comparison.fields:
            st.info(escaped(_same_words(comparison.runs), limit=_LONG), icon=":material/check:")
        if rows:
            render_table(
                rows,
                key="config_differences_table",
                name="What they differ in",
                columns={each: Column(each, kind="compared") for each in rows[0]},
            )
    st.caption(escaped(_start_words(comparison.runs), limit=_LONG))


def _same_words(runs: Sequence[lab.ComparedRun]) -> str:
    """Where a difference may come of though no setting differs."""
    by_hand = [one.letter for one in runs if one.run.changed_by_hand]
    forked = [one.letter for one in runs if one.run.origin]
    told = []
    if by_hand:
        told.append(f"{listed(by_hand)} {_was(by_hand)} changed by hand during the training")
    if len({_origin_of(one) for one in runs}) > 1:
        told.append(f"{listed(forked)} {_was(forked)} forked from another run")
    if told:
        return (
            f"No setting differs, the seed included. But {listed(told)}: what differs below may "
            "come of that, as of the machine or of another version of cnnlab."
        )
    return (
        "No setting differs, the seed included. What differs below comes of the machine, or of "
        "another version of cnnlab."
    )


def _was(letters: Sequence[str]) -> str:
    return "was" if len(letters) == 1 else "were"


def _field_rows(comparison: lab.Comparison) -> list[dict[str, str]]:
    return [
        {"Setting": plain(field.label, limit=80)}
        | {
            one.letter: plain(words, limit=400)
            for one, words in zip(comparison.runs, field.words, strict=True)
        }
        for field in comparison.fields
    ]


def _other_rows(runs: Sequence[lab.ComparedRun]) -> list[dict[str, str]]:
    """What is no setting and still not the same."""
    rows = []
    starts = [_start_of(one, runs) for one in runs]
    if len({one.init_checksum for one in runs}) > 1 and len(set(starts)) > 1:
        rows.append((_START, starts))
    if any(one.run.changed_by_hand for one in runs):
        rows.append((_BY_HAND, ["yes" if one.run.changed_by_hand else "no" for one in runs]))
    if any(one.run.origin for one in runs):
        rows.append((_ORIGIN, [_origin_of(one) for one in runs]))
    letters = [one.letter for one in runs]
    return [{"Setting": title} | dict(zip(letters, told, strict=True)) for title, told in rows]


def _start_of(one: lab.ComparedRun, runs: Sequence[lab.ComparedRun]) -> str:
    if one.init_checksum is None:
        return "not known yet"
    first = next(other for other in runs if other.init_checksum == one.init_checksum)
    return "its own" if first is one else f"as {first.letter}"


def _origin_of(one: lab.ComparedRun) -> str:
    origin = one.run.origin
    return f"epoch {origin['epoch'] + 1} of {plain(origin['run'])}" if origin else "no other run"


def _start_words(runs: Sequence[lab.ComparedRun]) -> str:
    """Which runs begin with the same weights: what that says of a difference between them."""
    groups: dict[str, list[str]] = {}
    for one in runs:
        if one.init_checksum is not None:
            groups.setdefault(one.init_checksum, []).append(one.letter)
    shared = [
        f"{listed(letters)} start with the same weights"
        for letters in groups.values()
        if len(letters) > 1
    ]
    if not shared:
        who = "The two aren't" if len(runs) == 2 else "No two of them are"
        return (
            f"{who} known to start with the same weights, so the luck of the start is in every "
            "difference."
        )
    return (
        f"{'; '.join(shared)}: a difference between these isn't that of two starts, though from "
        "another start it may be another one."
    )
