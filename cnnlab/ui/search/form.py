"""The form of a new search: dataset, start setting, fields with ranges, budget, start button."""

from typing import Any

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig, describe_changes, load_config
from cnnlab.domain.config.wording.choice_words import choice_words
from cnnlab.domain.config.wording.labels import in_labels
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.default_names import LONGEST_SEARCH, default_name
from cnnlab.domain.errors import BadInputError, DamagedError
from cnnlab.domain.search import Range, Search
from cnnlab.domain.words import counted
from cnnlab.ui.changing import for_editors
from cnnlab.ui.data.dataset_view import ask_dataset, render_no_dataset
from cnnlab.ui.data.judged_by_few import render_judged_by_few
from cnnlab.ui.form.state import chosen_recipe, ensure_form, read_form
from cnnlab.ui.page_files import page_file
from cnnlab.ui.search.budget import ask_budget, ask_goal, ask_more, foot_lines, render_budget
from cnnlab.ui.search.fields import ask_ranges
from cnnlab.ui.text import escaped, plain
from cnnlab.ui.train.foot import START_ANCHOR, render_foot

_PROBLEM = "search_problem"
_NAME = "search_name"
_LONG = 1000


def render_search_form() -> None:
    """The whole form, or the way to a dataset where there is none."""
    datasets = lab.list_datasets()
    if not datasets:
        render_no_dataset()
        return
    ensure_form("search")
    left, right = st.columns([3, 2], gap="large")
    ranges: list[Range] = []
    problem = None
    with left:
        with st.container(border=True):
            dataset = ask_dataset(datasets)
            _render_base(dataset)
        with st.container(border=True, key="search_fields"):
            st.header("What is tried", anchor=False)
            try:
                ranges = ask_ranges()
            except BadInputError as error:
                problem = str(error)
    with right, st.container(key="train_side"), st.container(border=True, key="start_panel"):
        _render_start(dataset, ranges, problem)


def _render_base(dataset: Dataset) -> None:
    """The start setting in words: what the Train page has."""
    try:
        base = read_form(dataset.id)
    except BadInputError as error:
        said = f"The Train page has what can't be trained: {in_labels(error)}"
        st.error(escaped(said, limit=_LONG), icon=":material/error:")
    else:
        # A recipe is for the page that asks for it: elsewhere the form has the plain defaults.
        origin = "the plain defaults" if chosen_recipe() else "as on Train"
        st.markdown(f"**Start setting, {origin}:** {escaped(base_words(base), limit=300)}.")
        if chosen_recipe():
            st.caption("What you change by hand on Train comes along here.")
    st.page_link(page_file("train"), label="Change it on Train", icon=":material/tune:")


def base_words(base: RunConfig) -> str:
    """Network, size, length and what isn't at its default, in words."""
    network = choice_words(base.architecture.preset)
    said = [network, f"{base.image.size} px", counted(base.training.epochs, "epoch")]
    changed = [
        words
        for words in describe_changes(base)
        if not words.endswith((base.architecture.preset, f" {base.image.size} px"))
    ]
    return plain(", ".join([*said, *changed]), limit=300)


def _render_start(dataset: Dataset, ranges: list[Range], problem: str | None) -> None:
    st.header("Start", anchor=START_ANCHOR)
    options = ask_budget() | ask_goal()
    name_place = st.container()
    options |= ask_more(has_second=options["second"] is not None)
    options["name"] = st.session_state.get(_NAME, "")
    search = None
    if problem is None:
        search, problem = _search(dataset, ranges, options)
    with name_place:
        _ask_name(search, dataset)
    if search is not None:
        render_judged_by_few(load_config(search.base))
        render_budget(search)
    problem = problem or st.session_state.pop(_PROBLEM, None)
    if problem:
        st.error(escaped(problem, limit=_LONG), icon=":material/error:")
    with st.container(key="start_row"):
        is_asked = st.button(
            "Start the search",
            key="launch_search",
            type="primary",
            icon=":material/manage_search:",
            width="stretch",
            **for_editors(disabled=search is None),
        )
        render_foot(None if search is None else foot_lines(search))
    if is_asked and search is not None:
        _launch(search)


def _ask_name(search: Search | None, dataset: Dataset) -> None:
    """Ask for a name; where there is none, what it is called then stands in its place."""
    unnamed = "Made from its fields"
    if search is not None:
        taken = [one.name for one in lab.list_searches()]
        unnamed = default_name(search.name, dataset.name, taken, LONGEST_SEARCH)
    st.text_input("Search name", key=_NAME, max_chars=LONGEST_SEARCH, placeholder=unnamed)


def _search(
    dataset: Dataset, ranges: list[Range], options: dict[str, Any]
) -> tuple[Search | None, str | None]:
    """The search as the form has it, or what is wrong with it."""
    try:
        return lab.new_search(read_form(dataset.id), ranges, **options), None
    except (BadInputError, DamagedError) as error:
        return None, in_labels(error)


def _launch(search: Search) -> None:
    """Launch it and go there; what is seen only then is said at the next drawing."""
    try:
        lab.launch_search(search)
    except BadInputError as error:
        st.session_state[_PROBLEM] = in_labels(error)
        st.rerun()
    st.switch_page(page_file("search"), query_params={"search": search.id})
