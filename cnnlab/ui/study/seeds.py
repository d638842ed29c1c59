"""How many seeds a new study has: time and smallest effect below the number."""

import streamlit as st

from cnnlab import lab
from cnnlab.domain.study import MOST_SEEDS
from cnnlab.domain.words import duration
from cnnlab.study.chance.paired import FEWEST_PAIRS
from cnnlab.ui.changing import for_editors
from cnnlab.ui.clicks import is_choice, note_drawn
from cnnlab.ui.page_files import page_file
from cnnlab.ui.text import escaped

_CHOSEN = "seeds_chosen"
"""Session key of the number that the user chose; none as long as the usual one is taken."""

_SEEDS = "seeds"
_TOLD = (3, 5, 10, 20)
_HELP = (
    "Each arm is trained once with each seed. 1 proves nothing, 3 show large effects, 5 to 10 are "
    "usual: 5 are taken where they need 10 minutes or less here, else 3."
)


def chosen_seeds() -> int | None:
    """The number that the user chose; None where the usual one is taken."""
    chosen: int | None = st.session_state.get(_CHOSEN)
    return chosen


def ask_seeds(plan: lab.StudyPlan | None) -> int:
    """Ask for the number of seeds, and say what it costs and finds, and what that rests on.

    Args:
        plan: of the study as the form has it; None where it isn't possible.
    """
    usual = lab.USUAL_SEEDS if plan is None else plan.usual_seeds
    seeds = chosen_seeds() or usual
    # Where it is the same already, to set it would take back what somebody types meanwhile.
    if st.session_state.get(_SEEDS) != seeds:
        st.session_state[_SEEDS] = seeds
    st.number_input(
        "How many seeds",
        min_value=1,
        max_value=MOST_SEEDS,
        key=_SEEDS,
        help=_HELP,
        on_change=_choose,
    )
    note_drawn(_SEEDS)
    if plan is not None:
        row = plan.at(seeds)
        st.markdown(f":material/timer: {_time(plan, row)}  \n:material/search: {_effect(row)}")
        st.caption(escaped(plan.words, limit=400))
    return seeds


def _choose() -> None:
    if is_choice(_SEEDS):
        st.session_state[_CHOSEN] = int(st.session_state[_SEEDS])


def render_more_seeds(plan: lab.StudyPlan, seeds: int) -> None:
    """Time and smallest effect of other numbers, and a pilot that tells."""
    told = sorted({*_TOLD, seeds})
    with st.expander("What more seeds buy"):
        lines = ["| Seeds | Runs | Time | Finds in 80 % |", "|---|---|---|---|"]
        for count in told:
            other = plan.at(count)
            took = "–" if other.seconds is None else duration(other.seconds)
            bold = "**" if count == seeds else ""
            lines.append(
                f"| {bold}{count}{bold} | {other.runs} | {took} | {escaped(other.words)} |"
            )
        st.markdown("\n".join(lines))
    if plan.tells_effect and not plan.is_known:
        _offer_pilot(plan)


def _time(plan: lab.StudyPlan, row: lab.PlanRow) -> str:
    if row.seconds is None:
        return "*Check before training* below says how long it takes."
    how = "measured" if plan.is_measured else "estimated, within a factor of two"
    return f"About **{duration(row.seconds)}** for all {row.runs} runs ({how})"


def _effect(row: lab.PlanRow) -> str:
    if row.seeds < FEWEST_PAIRS:
        return "Fewer than 3 seeds show curves, but no verdict can be told."
    if row.effect is None:
        return "Which differences it would find isn't known."
    return f"Smallest difference found in 80 % of cases: **{escaped(row.words)}**"


def _offer_pilot(plan: lab.StudyPlan) -> None:
    seconds = plan.seconds
    took = ""
    if seconds is not None:
        share = 2 / len(plan.study.arms)
        took = f", about {duration(lab.PILOT_SEEDS * seconds * share)}"
    if st.button(
        f"Run a pilot: {lab.PILOT_SEEDS} seeds of two arms{took}",
        key="start_pilot",
        icon=":material/rocket_launch:",
        **for_editors(
            help="A small study of the reference and the first arm, with seeds of its own. It "
            "tells how much runs of this dataset vary, and with that which differences this plan "
            "would find."
        ),
    ):
        pilot = lab.launch_study(lab.pilot_of(plan.study))
        st.switch_page(page_file("study"), query_params={"study": pilot.id})
