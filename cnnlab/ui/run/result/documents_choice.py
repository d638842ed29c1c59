"""What is taken along of runs and studies beside models: a card, tables for other programs."""

from collections.abc import Sequence

import streamlit as st

from cnnlab.domain.run import Run
from cnnlab.server.downloads import card_address, tables_address

_ICON = ":material/download:"


def render_documents(run: Run) -> None:
    """The model card of a run that has a model, and its tables.

    Args:
        run: with a finished epoch.
    """
    has_card = run.status.is_ended
    with st.popover("Card and tables" if has_card else "Tables", icon=":material/description:"):
        render_document_links(run)


def render_document_links(run: Run) -> None:
    """Likewise, where a popover is open already."""
    if run.status.is_ended:
        st.caption(
            "The model card says how good the model is and what it was made of, with gaps for "
            "what only you know: what it is for, its licence. Markdown is what GitHub and "
            "Hugging Face show."
        )
        with st.container(horizontal=True):
            _link("Card (HTML)", card_address(run.id), "run_card")
            _link("Card (Markdown)", card_address(run.id, "md"), "run_card_markdown")
    render_table_links([run.id], "run")


def render_tables(ids: Sequence[str], *, place: str, words: str = "Tables") -> None:
    """The tables of runs and studies as a zip.

    Args:
        ids: of runs and studies; none means everything.
        place: begins the keys of the widgets.
        words: on the button.
    """
    with st.popover(words, icon=":material/table:"):
        render_table_links(ids, place)


def render_table_links(ids: Sequence[str], place: str) -> None:
    """Likewise, where a popover is open already."""
    verdicts = "" if ids else " Verdicts of studies are in them where somebody has looked at them."
    st.caption(
        "A zip with tables of runs (each with its whole config), epochs and studies, and what "
        f"every column means.{verdicts}"
    )
    has_steps = st.toggle("With every step", key=f"{place}_steps")
    with st.container(horizontal=True):
        _link("CSV", tables_address(ids, "csv", has_steps=has_steps), f"{place}_tables_csv")
        parquet = tables_address(ids, "parquet", has_steps=has_steps)
        _link("Parquet", parquet, f"{place}_tables_parquet")


def _link(words: str, address: str, key: str) -> None:
    st.link_button(words, address, icon=_ICON, key=key)
