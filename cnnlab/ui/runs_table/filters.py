"""Which runs are shown: words, datasets, statuses, tags, stars, ranges of numbers."""

from dataclasses import replace
from typing import Any

import streamlit as st

from cnnlab import lab
from cnnlab.domain.run import Status
from cnnlab.domain.words import listed
from cnnlab.lab import FieldRange, Listing, RunsView, TableField
from cnnlab.ui.runs_table.address import current_view, follow, go_to
from cnnlab.ui.text import distinct, escaped, plain

_MOST_OFFERED = 500
_MOST_CHARACTERS = 200
_GROUPS = {"run": "", "best": "", "last": "", "config": "Config: "}


def render_filters(listing: Listing, view: RunsView) -> None:
    """The filters; each change makes another address.

    Args:
        listing: all runs.
        view: what the address says.
    """
    with st.grid(4, min_column_width=150):
        follow("runs_text", view.text)
        st.text_input(
            "Search", key="runs_text", placeholder="Name, tag, note or setting",
            max_chars=_MOST_CHARACTERS, icon=":material/search:", on_change=_keep,
            args=("text", "runs_text"),
        )  # fmt: skip
        _choose("Dataset", "runs_dataset", "datasets", view.datasets, _datasets(listing, view))
        _choose("Status", "runs_status", "statuses", view.statuses,
                {status: status.value for status in Status})  # fmt: skip
        tags = [*view.tags, *(tag for tag in listing.tags if tag not in view.tags)]
        _choose("Tags, all of them", "runs_tags", "tags", view.tags,
                {tag: plain(tag) for tag in tags[:_MOST_OFFERED]})  # fmt: skip


def render_toggles(view: RunsView) -> None:
    """Only runs with a star; the runs of studies and searches too."""
    follow("runs_starred", view.starred)
    st.toggle("★ only", key="runs_starred", on_change=_keep, args=("starred", "runs_starred"))
    if of_many := words_of_many():
        follow("with_studies", view.everything)
        st.toggle(
            f"Runs of {of_many} too", key="with_studies", on_change=_keep,
            args=("everything", "with_studies"),
        )  # fmt: skip


def words_of_many() -> str:
    """What runs may belong to, of what there is."""
    there = {"studies": lab.list_studies(), "searches": lab.list_searches()}
    return listed([words for words, found in there.items() if found])


def render_range_form() -> None:
    """A range of any field with numbers, to be added to the filters."""
    fields = numeric_fields()
    with st.popover("Filter by a number", icon=":material/filter_alt:", key="range_popover"):
        name = st.selectbox(
            "Field", list(fields), key="range_field",
            format_func=lambda one: field_words(fields[one]),
        )  # fmt: skip
        with st.container(horizontal=True):
            st.number_input("From", key="range_low", value=None, format="%g", placeholder="open")
            st.number_input("To", key="range_high", value=None, format="%g", placeholder="open")
        st.button("Add this filter", key="add_range", on_click=_add_range, args=(name,))


def render_ranges(view: RunsView) -> None:
    """The ranges that hold, each taken away by a click; and the way back to all runs."""
    if not view.is_filtered:
        return
    with st.container(horizontal=True, key="runs_ranges"):
        for one in view.ranges:
            words = escaped(lab.range_words(one, lab.table_fields()[one.field]), limit=100)
            st.button(
                f"{words} :material/close:", key=f"range_{one.field}", on_click=_remove_range,
                args=(one.field,),
            )  # fmt: skip
        st.button(
            "Clear all filters", key="clear_runs_filters", type="tertiary",
            on_click=lambda: go_to(current_view()[0].unfiltered()),
        )  # fmt: skip


def numeric_fields() -> dict[str, TableField]:
    """All fields with numbers by name."""
    return {name: field for name, field in lab.table_fields().items() if field.is_number}


def field_words(field: TableField) -> str:
    """What a field is called among all others."""
    return f"{_GROUPS[field.group]}{field.label}"


def _choose(
    label: str, key: str, part: str, chosen: tuple[str, ...], options: dict[Any, str]
) -> None:
    """Several of some values; those that an address names and nobody has are offered too."""
    words = distinct({**{one: plain(one) for one in chosen if one not in options}, **options})
    follow(key, list(chosen))
    st.multiselect(
        label, list(words), key=key, format_func=words.__getitem__, placeholder="Any",
        on_change=_keep, args=(part, key), select_all=False,
    )  # fmt: skip


def _datasets(listing: Listing, view: RunsView) -> dict[str, str]:
    return {
        one: plain(listing.datasets.get(one, one), limit=40)
        for one in [*view.datasets, *listing.used_datasets]
    }


def _keep(part: str, key: str) -> None:
    value = st.session_state[key]
    view, _ = current_view()
    changed: dict[str, Any] = {part: tuple(value) if isinstance(value, list) else value}
    go_to(replace(view, page=1, **changed))


def _add_range(name: str) -> None:
    low, high = st.session_state.range_low, st.session_state.range_high
    if low is None and high is None:
        return
    factor = lab.table_fields()[name].factor
    bounds = (None if limit is None else limit / factor for limit in (low, high))
    view, _ = current_view()
    go_to(view.narrowed([FieldRange(name, *bounds)]))
    st.session_state.range_low = st.session_state.range_high = None


def _remove_range(name: str) -> None:
    view, _ = current_view()
    go_to(replace(view, page=1, ranges=tuple(one for one in view.ranges if one.field != name)))
