"""From a dataset to a model: the Train page, a good one by one press, the best of some minutes."""

from collections.abc import Callable

import streamlit as st

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.config.wording.labels import in_labels
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.recipes.recipe import RecipeName
from cnnlab.domain.search import MOST_MINUTES
from cnnlab.domain.words import counted
from cnnlab.ui.changing import for_editors
from cnnlab.ui.page_files import page_file
from cnnlab.ui.text import escaped

_USUAL_MINUTES = 20
_BOX_PX = 150
_BEST_HELP = (
    "Where too few runs of the good model fit into the minutes, it is made shorter. The search's "
    "name then says so. It ends earlier where more doesn't help. Training the winner and the good "
    "model anew comes on top: a verdict says whether the winner is better."
)
_LONG = 1000


def render_start(dataset: Dataset) -> None:
    """The way to the Train page, and a good model by one press; below a refusal, if any."""
    with st.container(horizontal=True, vertical_alignment="center", key="start", gap="small"):
        if st.button(
            "Train on this dataset", key="train_on_dataset", type="primary", icon=":material/tune:"
        ):
            st.switch_page(page_file("train"))
        is_asked = st.button(
            "Train a good model at once",
            key="good_model",
            icon=":material/play_arrow:",
            **for_editors(
                help="Begins with every setting picked for these images, as the Train page shows "
                "them."
            ),
        )
    if is_asked:
        _try(_train, dataset)


def render_best(dataset: Dataset) -> None:
    """The best model that a search finds in some minutes; below a refusal, if any."""
    with st.container(border=True, key="best", gap="small"):
        st.markdown("**Search for the best model**")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            minutes = int(
                st.number_input(
                    "Minutes",
                    min_value=1,
                    max_value=MOST_MINUTES,
                    value=_USUAL_MINUTES,
                    step=5,
                    key="best_minutes",
                    width=_BOX_PX,
                    persist_state="session",
                )
            )
            is_searched = st.button(
                f"Best in {counted(minutes, 'minute')}",
                key="best_model",
                icon=":material/search:",
                **for_editors(help=_BEST_HELP),
            )
        st.caption(
            f"Tries settings near the good model for {counted(minutes, 'minute')}, then trains the "
            "winner anew: is it really better?"
        )
        if is_searched:
            _try(_search, dataset, minutes)


def _try(begin: Callable[..., None], *what: Dataset | int) -> None:
    try:
        begin(*what)
    except CnnlabError as error:
        st.error(escaped(in_labels(error), limit=_LONG), icon=":material/error:")


def _train(dataset: Dataset) -> None:
    plain = RunConfig(dataset=dataset.id)
    picked = lab.pick_recipe(RecipeName.GOOD, plain).applied_to(plain)
    run = lab.launch_run(picked, name=f"{dataset.name}, good model")
    st.switch_page(page_file("runs"), query_params={"run": run.id})


def _search(dataset: Dataset, minutes: int) -> None:
    search = lab.launch_search(lab.best_search(dataset.id, minutes))
    st.switch_page(page_file("search"), query_params={"search": search.id})
