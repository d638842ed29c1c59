"""All models in one list: filtered, sorted; a click brings one to the top of the page."""

from collections.abc import Collection
from typing import Any

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.wording.choice_words import in_choice_words
from cnnlab.domain.run import Run
from cnnlab.domain.words import counted, percent
from cnnlab.ui.components.scroll.scroll import scroll_to
from cnnlab.ui.components.table.table import Column, render_table
from cnnlab.ui.folding import folded_on_phones
from cnnlab.ui.text import distinct, moment, plain

MODEL = "one_model"
"""Key of the part of the page that a click leads to."""

_TABLE = "models_table"
_MOST_ROWS = 200
"""Each is looked up in its folder; the filters find what is beyond."""
_ANY = ""
_SHOWN_WHERE_TOLD = ("best", "formats", "tags")
"""Columns that take no room where they have nothing to say of any model."""


@st.fragment
def render_model_list(known: lab.ModelList) -> None:
    """The filters and the list; alone run again where they change.

    Args:
        known: all models, as they were when the page was drawn.
    """
    st.header("All models", anchor=False)
    names = {dataset.id: dataset.name for dataset in lab.list_datasets()}
    found = _ask_filters(known, names)
    if not found:
        st.info("No model fits these filters.", icon=":material/filter_alt_off:")
        st.button("Clear the filters", key="clear_filters", on_click=_clear_filters)
        return
    shown = found[:_MOST_ROWS]
    part = "" if shown == found else f" The first {len(shown):,} are here: filters find the others."
    of = "" if len(found) == len(known.models) else f" of {len(known.models):,}"
    behind = (
        " Those of studies and of searches come after yours." if _has_others_behind(shown) else ""
    )
    st.caption(f"{counted(len(found), 'model')}{of}. Choose one to take it along.{behind}{part}")
    rows = _rows(shown, known.best, names)
    chosen = render_table(
        rows,
        key=_TABLE,
        name="Models",
        columns={
            each: column
            for each, column in _COLUMNS.items()
            if each not in _SHOWN_WHERE_TOLD or any(row[each] for row in rows)
        },
        ids=[model.id for model in shown],
        chosen=st.query_params.get("run", ""),
    )
    if chosen:
        st.query_params["run"] = chosen
        scroll_to(MODEL)
        st.rerun()  # the rest of the page shows this model


def _ask_filters(known: lab.ModelList, names: dict[str, str]) -> list[lab.ListedModel]:
    datasets = distinct({each: plain(names.get(each, each), limit=40) for each in known.datasets})
    asked = [st.session_state.get(key) for key in ("models_text", "models_dataset", "models_tag")]
    with folded_on_phones("models", sum(map(bool, asked))), st.grid(4, min_column_width=150):
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


def _has_others_behind(shown: list[lab.ListedModel]) -> bool:
    is_newest = st.session_state.models_order == lab.ModelOrder.NEWEST  # others mix them in
    return is_newest and _is_alone(shown[0]) and not _is_alone(shown[-1])


def _is_alone(model: lab.ListedModel) -> bool:
    """Whether somebody trained it by itself."""
    return not model.is_trial and model.study is None


def _clear_filters() -> None:
    st.session_state.update(models_text="", models_dataset=_ANY, models_tag=_ANY)


def _rows(
    shown: list[lab.ListedModel], best: Collection[str], names: dict[str, str]
) -> list[dict[str, Any]]:
    facts = {each.run.id: each for each in lab.describe_models([model.id for model in shown])}
    return [_row(model, facts.get(model.id), names, is_best=model.id in best) for model in shown]


def _row(
    model: lab.ListedModel, facts: lab.ModelFacts | None, names: dict[str, str], *, is_best: bool
) -> dict[str, Any]:
    dataset = names.get(model.dataset, model.dataset)
    return {
        "best": f"★ on {plain(dataset, limit=40)}" if is_best else "",
        "model": plain(model.name, limit=100),
        "dataset": plain(dataset, limit=40),
        "accuracy": model.accuracy,
        "judged": judged_words(model, facts.run) if facts else None,
        "network": facts and facts.network and in_choice_words(facts.network),
        "input": facts and facts.input,
        "parameters": facts and facts.parameters,
        "formats": [_prepared(each) for each in facts.prepared] if facts else [],
        "tags": [plain(tag) for tag in model.tags],
        "trained": moment(model.created_at),
    }


def judged_words(model: lab.ListedModel, run: Run) -> str:
    """Of which epoch a model is and with it its accuracy: `7 of 12 (best)`."""
    epochs = run.last["epoch"] + 1 if run.last else 0
    if model.is_last:
        return f"{epochs} of {epochs} (last)"
    if run.best_epoch is None:  # of a run that an early version trained
        return f"best of {epochs}"
    return f"{run.best_epoch + 1} of {epochs} (best)"


def _prepared(each: lab.PreparedFormat) -> str:
    calibrated = ", calibrated" if each.calibrated else ""
    return f"{each.title}{calibrated}{' ✓' if each.is_verified else ''}"


_COLUMNS = {
    "model": Column("Model"),
    "best": Column(
        "Best",
        help="The highest validation accuracy on its dataset, which may be luck: runs with other "
        "splits were judged by other images, and a study tells whether a difference is more than "
        "chance.",
    ),
    "accuracy": Column("Val. accuracy", "number", percent, "Of the epoch that the model is of."),
    "judged": Column(
        "Epoch",
        help="The model is that of the best epoch, unless its early stopping keeps the last. The "
        "same validation images chose the best, so its accuracy is somewhat too good: the run's "
        "page says by how much.",
    ),
    "dataset": Column("Dataset"),
    "network": Column("Network"),
    "input": Column("Input"),
    "parameters": Column("Parameters", "number", "{:,}".format),
    "formats": Column(
        "Prepared",
        help="Formats that are there; ✓: loaded again in their own runtime and compared with the "
        "model.",
    ),
    "tags": Column("Tags"),
    "trained": Column("Trained", "moment"),
}
