"""What models say of many pictures, as a table: counts per class, a filter, the CSV, the choice."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from cnnlab import lab
from cnnlab.domain.data.familiarity import is_unlike
from cnnlab.domain.run import Run
from cnnlab.domain.words import counted, percent
from cnnlab.server.downloads import predictions_address
from cnnlab.server.images import predicted_address
from cnnlab.ui.changing import for_editors
from cnnlab.ui.predict.adding import ask_class
from cnnlab.ui.text import distinct, escaped, plain

if TYPE_CHECKING:
    import pandas as pd

_OFFERED = {-1: "unlike anything it knows", -2: "no picture"}
"""What isn't a class is counted and filtered by a number that no class has."""

_UNLIKE, _REFUSED = _OFFERED
_UNCALIBRATED = (
    "No run of these was judged on its validation images before this table was made, or no "
    "temperature makes their probabilities truer."
)
_ROW_PX, _TABLE_PX = 56, 620
_MOST_PILLS = 30


def render_table(key: str, runs: Sequence[Run]) -> None:
    """The table of a finished job.

    Args:
        key: of the job.
        runs: that are chosen on the page: pictures are added to their datasets.

    Raises:
        CnnlabError: there is no such table any more, or it is damaged.
    """
    table = lab.predictions_table(key)
    numbers = [str(at) if len(table.runs) > 1 else "" for at in range(1, len(table.runs) + 1)]
    can_calibrate = bool(np.isfinite(table.calibrated).any())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.link_button(
            "Table (CSV)", predictions_address(key), icon=":material/download:", key="many_csv"
        )
        is_calibrated = st.toggle(
            "Calibrated",
            key="many_calibrated",
            disabled=not can_calibrate,
            help=None if can_calibrate else _UNCALIBRATED,
        )
    rows = _frame(key, table, numbers, is_calibrated=is_calibrated and can_calibrate)
    wanted = _ask_filter(key, rows, table.runs[0].classes, numbers[0])
    shown = rows[_is_wanted(rows, wanted, numbers[0])]
    if len(numbers) > 1:
        told = [f"**{at}** {escaped(run.run_name)}" for at, run in enumerate(table.runs, start=1)]
        st.caption(" · ".join(told))
    with st.container(key="many_table"):
        event = st.dataframe(
            shown.drop(columns=["row", "group", *_untold(rows)]),
            # A selection is of places: among other rows it would be of other pictures.
            key="_".join(["many_rows", key, *map(str, wanted)]),
            hide_index=True,
            width="stretch",
            height=min(_TABLE_PX, _ROW_PX * len(shown) + 40),
            row_height=_ROW_PX,
            placeholder="–",
            on_select="rerun",
            selection_mode="multi-row",
            column_config=_columns(table.runs, numbers),
        )
    chosen = [at for at in event.selection.rows if at < len(shown)]
    selected = shown.iloc[chosen]
    _render_adding(key, selected[selected["why"].isna()]["row"].tolist(), runs)


def _frame(
    key: str, table: lab.PictureTable, numbers: Sequence[str], *, is_calibrated: bool
) -> "pd.DataFrame":
    """A row for each file; `group` has what it is counted and filtered by.

    Args:
        key: of the job.
        table: what is said.
        numbers: what is written behind the columns of each run.
        is_calibrated: whether probabilities are, as far as that is known.
    """
    import pandas as pd  # noqa: PLC0415 - loaded with the first table

    readable = [row not in table.reasons for row in range(len(table))]
    columns: dict[str, Any] = {
        "picture": [
            predicted_address(key, row) if is_one else None for row, is_one in enumerate(readable)
        ],
        "file": [plain(file, limit=100) for file in table.files],
    }
    for at, (run, number) in enumerate(zip(table.runs, numbers, strict=True)):
        best = table.labels[:, at, 0]
        shares = (table.calibrated if is_calibrated else table.probabilities)[:, at, 0]
        shares = np.where(np.isfinite(shares), shares, table.probabilities[:, at, 0])
        columns[f"class{number}"] = [
            plain(run.classes[k]) if k >= 0 else None for k in best.tolist()
        ]
        columns[f"probability{number}"] = 100 * np.where(best >= 0, shares, np.nan)
        columns[f"unlike{number}"] = [
            is_unlike(run.familiarity, distance) for distance in table.distances[:, at].tolist()
        ]
    frame = pd.DataFrame(columns)
    frame["why"] = [table.reasons.get(row) for row in range(len(table))]
    frame["row"] = np.arange(len(table))
    frame["group"] = np.where(readable, table.labels[:, 0, 0], _REFUSED)
    return frame


def _ask_filter(key: str, rows: "pd.DataFrame", classes: Sequence[str], first: str) -> list[int]:
    """How many pictures there are of each class, to choose those that are shown; empty is all."""
    counts = Counter(rows["group"].tolist())
    if unlike := int(_is_unlike(rows, first).sum()):
        counts[_UNLIKE] = unlike
    order = sorted(counts, key=lambda group: (-group if group < 0 else 0, -counts[group]))
    # Of the labels of pills Streamlit makes Markdown, of the options of a list it doesn't.
    is_long = len(order) > _MOST_PILLS
    safe = plain if is_long else escaped
    words = distinct(
        {
            str(group): f"{safe(_OFFERED.get(group) or classes[group], limit=30)} "
            f"({counts[group]:,})"
            for group in order
        }
    )
    own, told = f"many_filter_{key}", words.__getitem__
    if is_long:
        chosen = st.multiselect("Show only", list(words), key=own, format_func=told)
    else:
        chosen = st.pills(
            "Show only", list(words), key=own, selection_mode="multi", format_func=told
        )
    return sorted(map(int, chosen))


def _is_wanted(rows: "pd.DataFrame", wanted: Sequence[int], first: str) -> "pd.Series":
    import pandas as pd  # noqa: PLC0415 - loaded with the first table

    chosen = rows["group"].isin(wanted)
    if _UNLIKE in wanted:
        chosen |= _is_unlike(rows, first)
    return chosen if wanted else pd.Series(data=True, index=rows.index)


def _is_unlike(rows: "pd.DataFrame", number: str) -> "pd.Series":
    return rows[f"unlike{number}"] == True  # noqa: E712, of some it isn't known


def _untold(rows: "pd.DataFrame") -> list[str]:
    """Columns that say nothing of any row."""
    return [
        name
        for name in rows.columns
        if name.startswith(("unlike", "why")) and not rows[name].notna().any()
    ]


def _columns(runs: Sequence[lab.AskedRun], numbers: Sequence[str]) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "picture": st.column_config.ImageColumn("Picture", width=70),
        "file": st.column_config.TextColumn("File", width=200),
        "why": st.column_config.TextColumn("Why it isn't asked about", width=220),
    }
    for run, number in zip(runs, numbers, strict=True):
        columns[f"class{number}"] = st.column_config.TextColumn(f"Class {number}", width=130)
        columns[f"probability{number}"] = st.column_config.ProgressColumn(
            f"Probability {number}", min_value=0, max_value=100, format="%.1f %%", width=120
        )
        columns[f"unlike{number}"] = st.column_config.CheckboxColumn(
            f"Unlike {number}", width=80, help=_unlike_help(run)
        )
    return columns


def _unlike_help(run: lab.AskedRun) -> str:
    words = "Unlike anything that the model was trained on."
    if run.familiarity is None:
        return words
    low, high = (percent(run.familiarity[end]) for end in ("low", "high"))
    return (
        f"{words} By mistake it says so of {low} to {high} of new pictures that are like the "
        f"{counted(run.familiarity['images'], 'validation image')} (95 % sure)."
    )


def _render_adding(key: str, rows: list[int], runs: Sequence[Run]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Add to a dataset ...",
            key="add_many",
            icon=":material/add:",
            **for_editors(disabled=not rows),
        ):
            ask_class(
                lambda dataset, label: lab.add_to_newest(
                    dataset, lab.predicted_pictures(key, rows), label
                ),
                len(rows),
                runs,
            )
        st.caption(
            f"{counted(len(rows), 'picture')} selected: they become images of one class, which you "
            "choose."
            if rows
            else "Select rows at the left edge to add their pictures to a dataset."
        )
