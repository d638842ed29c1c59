"""All models in one list: filtered, sorted, a click opens what they can be taken along as."""

from collections.abc import Collection
from functools import partial
from typing import Any

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.choice_words import in_choice_words
from cnnlab.domain.words import counted
from cnnlab.ui.components.scroll.scroll import scroll_to
from cnnlab.ui.text import distinct, moment, plain

FORMATS = "model_formats"
"""Key of the part of the page that a click leads to."""

_TABLE = "models_table"
_OPENED = "model_opened"
"""Session key: whether a click on the list has named another run for the rest of the page."""

NONE_FOUND = "models_none_found"
"""Session key: whether no model fits the filters."""

_ROWS_AT_ONCE = 50
_ROW_PX, _TABLE_PX = 36, 290
_ANY = ""


@st.fragment
def render_model_list(known: lab.ModelList) -> None:
    """The filters and the list; alone run again where they change.

    Args:
        known: all models, as they were when the page was drawn.
    """
    import pandas as pd  # noqa: PLC0415 - loaded with the first table

    if st.session_state.pop(_OPENED, False):
        st.rerun()
    names = {dataset.id: dataset.name for dataset in lab.list_datasets()}
    found = _ask_filters(known, names)
    if st.session_state.get(NONE_FOUND, False) != (not found):
        st.session_state[NONE_FOUND] = not found
        st.rerun()  # the rest of the page shows a model, or none
    if not found:
        st.info("No model fits these filters.", icon=":material/filter_alt_off:")
        st.button("Clear the filters", key="clear_filters", on_click=_clear_filters)
        return
    most = st.session_state.setdefault("models_shown", _ROWS_AT_ONCE)
    shown = found[:most]
    part = "" if shown == found else f" {len(shown):,} are shown."
    of = "" if len(found) == len(known.models) else f" of {len(known.models):,}"
    st.caption(f"{counted(len(found), 'model')}{of}. Click one to see its formats.{part}")
    st.dataframe(
        pd.DataFrame(_rows(shown, known.best, names)),
        key=_TABLE,
        hide_index=True,
        width="stretch",
        height=min(_TABLE_PX, _ROW_PX * (len(shown) + 1) + 2),
        on_select=partial(_open, [model.id for model in shown]),
        selection_mode="single-cell",
        column_config=_COLUMNS,
        placeholder="–",
    )
    if part:
        st.button(f"Show {_ROWS_AT_ONCE} more", key="more_models", on_click=_show_more)


def _ask_filters(known: lab.ModelList, names: dict[str, str]) -> list[lab.ListedModel]:
    datasets = distinct({each: plain(names.get(each, each), limit=40) for each in known.datasets})
    with st.grid(4, min_column_width=150):
        text = st.text_input("Name or tag", key="models_text", placeholder="Any", max_chars=200)
        dataset = st.selectbox(
            "Dataset",
            [_ANY, *datasets],
            key="models_dataset",
            format_func=lambda each: datasets.get(each, "Any"),
        )
        tag = st.selectbox(
            "Tag",
            [_ANY, *known.tags],
            key="models_tag",
            format_func=lambda each: plain(each) or "Any",
        )
        order = st.selectbox("Order", list(lab.ModelOrder), key="models_order")
    return known.like(
        dataset=dataset or None,
        tag=tag or None,
        text=text or "",
        order=order or lab.ModelOrder.NEWEST,
    )


def _open(ids: list[str]) -> None:
    """A click on a row, of the list as it was drawn: the address names its run."""
    cells = st.session_state[_TABLE].selection.cells
    if cells and cells[0][0] < len(ids):
        st.query_params["run"] = ids[cells[0][0]]
        st.session_state[_OPENED] = True
        scroll_to(FORMATS)


def _clear_filters() -> None:
    st.session_state.update(models_text="", models_dataset=_ANY, models_tag=_ANY)


def _show_more() -> None:
    st.session_state.models_shown += _ROWS_AT_ONCE


def _rows(
    shown: list[lab.ListedModel], best: Collection[str], names: dict[str, str]
) -> list[dict[str, Any]]:
    facts = {each.run.id: each for each in lab.describe_models([model.id for model in shown])}
    return [_row(model, facts.get(model.id), names, is_best=model.id in best) for model in shown]


def _row(
    model: lab.ListedModel, facts: lab.ModelFacts | None, names: dict[str, str], *, is_best: bool
) -> dict[str, Any]:
    return {
        "best": "★ best" if is_best else "",
        "model": plain(model.name),
        "dataset": plain(names.get(model.dataset, model.dataset), limit=40),
        "accuracy": None if model.accuracy is None else 100 * model.accuracy,
        "judged": judged_words(model, facts.run.last) if facts else None,
        "network": facts and facts.network and in_choice_words(facts.network),
        "input": facts and facts.input,
        "parameters": facts and facts.parameters,
        "formats": [_prepared(each) for each in facts.prepared] if facts else [],
        "tags": [plain(tag) for tag in model.tags],
        "trained": moment(model.created_at),
    }


def judged_words(model: lab.ListedModel, last: Any) -> str:  # noqa: ANN401 - a record or nothing
    """Of which epoch a model is and with it its accuracy."""
    epochs = last["epoch"] + 1
    return f"last of {epochs}" if model.is_last else f"best of {epochs}"


def _prepared(each: lab.PreparedFormat) -> str:
    calibrated = ", calibrated" if each.calibrated else ""
    return f"{each.title}{calibrated}{' ✓' if each.is_verified else ''}"


_COLUMNS = {
    "best": st.column_config.TextColumn(
        "", width=60, help="The highest validation accuracy on its dataset, which may be luck: "
        "runs with other splits were judged by other images, and a study tells whether a "
        "difference is more than chance."
    ),
    "model": st.column_config.TextColumn("Model", width=200),
    "dataset": st.column_config.TextColumn("Dataset", width=120),
    "accuracy": st.column_config.NumberColumn(
        "Val. accuracy", format="%.1f %%", width=95, help="Of the epoch that the model is of."
    ),
    "judged": st.column_config.TextColumn(
        "Epoch", width=85, help="The model is that of the best epoch, unless its early stopping "
        "keeps the last. The same validation images chose the best, so its accuracy is somewhat "
        "too good: the run's page says by how much.",
    ),
    "network": st.column_config.TextColumn("Network", width=95),
    "input": st.column_config.TextColumn("Input", width=90),
    "parameters": st.column_config.NumberColumn("Parameters", format="localized", width=90),
    "formats": st.column_config.ListColumn(
        "Prepared", width=150, help="Formats that are there; ✓: loaded again in their own runtime "
        "and compared with the model.",
    ),
    "tags": st.column_config.ListColumn("Tags", width=130),
    "trained": st.column_config.TextColumn("Trained", width=130),
}  # fmt: skip
