"""The rows of the table of runs, refreshed until the last run has ended."""

import math
from dataclasses import replace

import streamlit as st

from cnnlab import lab
from cnnlab.domain.words import counted
from cnnlab.lab import ListedRun, Listing, RunsView
from cnnlab.ui.components.run_table.run_table import RunTableAsked, ask_run_table
from cnnlab.ui.page_files import page_file
from cnnlab.ui.runs_table.address import current_view, go_to
from cnnlab.ui.runs_table.bulk import render_bulk, star
from cnnlab.ui.runs_table.cells import table_data
from cnnlab.ui.runs_table.ticked import TABLE, note_ticks, ticked, version

_REFRESH_SECONDS = 2.0
ROWS_OF_A_PAGE = 100


def render_rows(listing: Listing, view: RunsView, found: list[ListedRun]) -> None:
    """The runs that the view shows, page by page, with what is done to those that are ticked.

    Args:
        listing: all runs.
        view: what the address says.
        found: those that it shows, on all its pages.
    """
    run_every = _REFRESH_SECONDS if listing.has_active else None
    st.fragment(_render_rows, run_every=run_every)(listing, view, found)


def _render_rows(known: Listing, known_view: RunsView, known_found: list[ListedRun]) -> None:
    listing, (view, _) = lab.list_all_runs(), current_view()
    if known.has_active and not listing.has_active:
        st.rerun()  # the last one has ended: from now on nothing changes by itself
    is_same = listing is known and view == known_view
    found = known_found if is_same else lab.choose_runs(listing, view)
    pages = max(1, math.ceil(len(found) / ROWS_OF_A_PAGE))
    page = min(view.page, pages)
    render_bulk(listing, found)
    shown = found[(page - 1) * ROWS_OF_A_PAGE :][:ROWS_OF_A_PAGE]
    st.caption(f"{_how_many(listing, view, found)}. Press one to open it.")
    if not found:
        st.info("No run fits these filters.", icon=":material/filter_alt_off:")
        return
    told = table_data(
        listing, shown, view, ticked=ticked(), version=f"{version()} {replace(view, page=page)}"
    )
    _do(ask_run_table(told, key=TABLE, on_ticked=note_ticks), listing)
    if pages > 1:
        _render_pages(page, pages)


def _render_pages(page: int, pages: int) -> None:
    """Ways to the other pages of the table; the page stands in the address."""
    ways = (
        ("first_page", "First", ":material/first_page:", 1),
        ("previous_page", "Previous", ":material/chevron_left:", page - 1),
        ("next_page", "Next", ":material/chevron_right:", page + 1),
        ("last_page", "Last", ":material/last_page:", pages),
    )
    with st.container(horizontal=True, vertical_alignment="center", key="runs_pages"):
        for key, words, icon, to in ways:
            st.button(
                words, key=key, icon=icon, type="tertiary", on_click=_turn_page, args=(to,),
                disabled=to == page or not 1 <= to <= pages,
            )  # fmt: skip
        st.markdown(f"Page {page:,} of {pages:,}", width="content")


def _turn_page(page: int) -> None:
    view, _ = current_view()
    go_to(replace(view, page=page))


def _do(asked: RunTableAsked | None, listing: Listing) -> None:
    """What a click on the table wants."""
    if asked is None:
        return
    if asked["action"] == "open" and asked["of"] in listing.by_id:
        st.switch_page(page_file("runs"), query_params={"run": asked["of"]})
    if asked["action"] == "star" and (run := listing.by_id.get(asked["of"])):
        star([run.id], starred=not run.row.starred)
        st.rerun(scope="fragment")
    if asked["action"] == "sort" and asked["of"] in lab.table_fields():
        view, _ = current_view()
        go_to(replace(view, sort=_turned(view.sort, asked["of"]), page=1))
        st.rerun()


def _turned(sort: str, field: str) -> str:
    """A second click on a column turns its order round; numbers begin with the greatest."""
    if sort.removeprefix("-") == field:
        return field if sort.startswith("-") else f"-{field}"
    known = lab.table_fields()[field]
    return f"-{field}" if known.is_number or known.kind == "moment" else field


def _how_many(listing: Listing, view: RunsView, found: list[ListedRun]) -> str:
    """How many runs are shown of how many, and where those are that the view leaves out unasked."""
    if len(found) == len(listing.runs):
        return counted(len(found), "run")
    elsewhere = 0 if view.everything else sum(not run.is_alone for run in listing.runs)
    verb = "belongs" if elsewhere == 1 else "belong"
    rest = f"; {elsewhere:,} {verb} to studies and searches" if elsewhere else ""
    return f"{counted(len(found), 'run')} of {len(listing.runs):,}{rest}"
