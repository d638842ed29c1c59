"""The form of a new study: what is asked, the base, the arms, the seeds, and the start button."""

from typing import Any

import streamlit as st

from cnnlab import lab
from cnnlab.domain.arms import DOSES, READY_ARMS, USUAL_ARMS, ready_arms
from cnnlab.domain.config.augmentation import Augmentation
from cnnlab.domain.config.regularization import Regularization
from cnnlab.domain.config.run_config import RunConfig, describe_changes, load_config
from cnnlab.domain.config.wording.labels import in_labels
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.default_names import LONGEST_STUDY, default_name
from cnnlab.domain.errors import BadInputError, DamagedError
from cnnlab.domain.study import Arm, Kind, Study
from cnnlab.domain.words import counted, rough_duration
from cnnlab.fields import extra, walk
from cnnlab.ui.changing import for_editors
from cnnlab.ui.data.dataset_view import ask_dataset, render_no_dataset
from cnnlab.ui.data.judged_by_few import render_judged_by_few
from cnnlab.ui.form.state import ensure_form, read_form
from cnnlab.ui.page_files import page_file
from cnnlab.ui.study.overfit import BARE
from cnnlab.ui.study.own_arms import ask_own_arms
from cnnlab.ui.study.plan import render_plan, render_size
from cnnlab.ui.study.rules import ask_rules, render_rules
from cnnlab.ui.study.seeds import ask_seeds, chosen_seeds, render_more_seeds
from cnnlab.ui.study.shared import ask_shared
from cnnlab.ui.study.splits import ask_splits
from cnnlab.ui.text import escaped, plain
from cnnlab.ui.train.foot import START_ANCHOR, render_foot

_NAME = "study_name"
_QUESTIONS = {
    Kind.COMPARE: "What helps?",
    Kind.DOSE: "How much of it?",
    Kind.WORTH: "Worth how many images?",
}
_ABOUT = {
    Kind.COMPARE: "Arms that each change one thing, on the same images, from the same start.",
    Kind.DOSE: "One regularizer at several strengths, from none to too much.",
    Kind.WORTH: "Smaller and larger training sets, each without and with augmentation, trained for "
    "the same number of steps: how many images does augmentation stand for?",
}
_SIZES = (5, 10, 20, 50, 100, 200, 500, 1000)
_SIZES_TRIED = 4


def render_study_form() -> None:
    """The whole form, or the way to a dataset where there is none."""
    datasets = lab.list_datasets()
    if not datasets:
        render_no_dataset()
        return
    ensure_form("study")
    left, right = st.columns([3, 2], gap="large")
    with left:
        with st.container(border=True):
            dataset = ask_dataset(datasets)
            kind = st.segmented_control(
                "Question",
                list(_QUESTIONS),
                key="study_kind",
                default=Kind.COMPARE,
                format_func=_QUESTIONS.__getitem__,
                required=True,
                persist_state="session",
            )
            st.caption(_ABOUT[kind])
        with st.container(border=True):
            st.header("Arms", anchor=False)
            choice = _ASK[kind](dataset)
        with st.container(border=True):
            st.header("What all arms share", anchor=False)
            ask_shared(dataset)
    with right, st.container(key="train_side"):
        _render_start(dataset, kind, choice)


def _ask_ready(_: Dataset) -> dict[str, Any]:
    chosen = st.multiselect(
        "Ready-made arms",
        [name for name in READY_ARMS if name != "baseline"],
        default=_usual(),
        key="arms",
        format_func=lambda name: READY_ARMS[name].label,
        help="Each is compared with the baseline, which is always there. "
        + " ".join(f"{arm.label}: {arm.help}" for arm in READY_ARMS.values()),
        persist_state="session",
    )
    if chosen != _usual():
        st.button(
            "Take the usual five", key="usual_arms", on_click=_set_usual, icon=":material/undo:"
        )
    return {"ready": chosen, "own": ask_own_arms()}


def _usual() -> list[str]:
    """Without the baseline, which is in every study."""
    return [name for name in USUAL_ARMS if name != "baseline"]


def _set_usual() -> None:
    st.session_state["arms"] = _usual()


def _ask_dose(_: Dataset) -> dict[str, Any]:
    infos = dict(walk(RunConfig))
    field = st.selectbox(
        "Regularizer",
        list(DOSES),
        key="dose_field",
        format_func=lambda name: extra(infos[name], "label"),
        persist_state="session",
    )
    strengths = st.multiselect(
        "Strengths",
        sorted({*DOSES[field], *st.session_state.get(f"doses_{field}", [])}),
        default=list(DOSES[field]),
        key=f"doses_{field}",
        format_func=lambda value: f"{value:g}",
        help=f"{infos[field].description} The lowest one is the reference; type a number to add "
        "one.",
        accept_new_options=True,
    )
    return {"field": field, "strengths": strengths}


def _ask_sizes(dataset: Dataset) -> dict[str, Any]:
    try:
        most = max(lab.training_images(read_form(dataset.id)))
    except (BadInputError, DamagedError):  # which the start says, as of every other study
        return {"sizes": []}
    offered = [*(size for size in _SIZES if size < most), most]
    sizes = st.multiselect(
        "Training images of each class",
        offered,
        default=offered[-_SIZES_TRIED:],
        key=f"sizes_{most}",
        help="Two or more. The largest one without augmentation is the reference.",
    )
    return {"sizes": sizes}


_ASK = {Kind.COMPARE: _ask_ready, Kind.DOSE: _ask_dose, Kind.WORTH: _ask_sizes}


def _render_start(dataset: Dataset, kind: Kind, choice: dict[str, Any]) -> None:
    with st.container(border=True, key="start_panel"):
        st.header("Start", anchor=START_ANCHOR)
        # What both hold is known once the rest of the form is read.
        seeds_place = st.container(key="seeds_place")
        start_place = st.container(key="start_place")
        name_place = st.container()
        splits = ask_splits(dataset)
        rules = ask_rules()
        options = rules | splits | {"seeds": chosen_seeds() or lab.USUAL_SEEDS}
        options["name"] = st.session_state.get(_NAME, "")
        study, problem = _study(dataset, kind, choice, options)
        plan, problem = (None, problem) if study is None else _plan(study)
        with seeds_place:
            seeds = ask_seeds(plan)
        if plan is None:
            study = None
        elif seeds != len(plan.study.seeds):
            study, problem = _study(dataset, kind, choice, options | {"seeds": seeds})
        with name_place:
            _ask_name(study, dataset)
        with start_place:
            _render_button(study, problem, plan)
        if study is not None and plan is not None:
            render_rules(study)
            render_more_seeds(plan, seeds)
            render_plan(study)


def _ask_name(study: Study | None, dataset: Dataset) -> None:
    """Ask for a name; where there is none, what it is called then stands in its place."""
    unnamed = "Made from its arms"
    if study is not None:
        taken = [one.name for one in lab.list_studies()]
        unnamed = default_name(study.name, dataset.name, taken, LONGEST_STUDY)
    st.text_input("Study name", key=_NAME, max_chars=LONGEST_STUDY, placeholder=unnamed)


def _render_button(study: Study | None, problem: str | None, plan: lab.StudyPlan | None) -> None:
    """The start, right below what it costs, after whatever speaks against it.

    Args:
        study: what is started; None where something has to be mended first.
        problem: why it can't be.
        plan: what is known of the study, with any number of seeds.
    """
    if problem:
        st.error(escaped(problem, limit=1000), icon=":material/error:")
    if study is not None:
        render_judged_by_few(load_config(study.base))
        render_size(study)
    with st.container(key="start_row"):
        is_asked = st.button(
            "Start the study",
            key="launch_study",
            type="primary",
            icon=":material/science:",
            width="stretch",
            **for_editors(disabled=study is None),
        )
        render_foot(_foot_lines(study, plan))
    if is_asked and study is not None:
        _launch(study)


def _foot_lines(study: Study | None, plan: lab.StudyPlan | None) -> list[str] | None:
    """Runs and about how much time, for a phone's foot; None where none can start."""
    if study is None or plan is None:
        return None
    seconds = plan.at(len(study.seeds)).seconds
    time = [] if seconds is None else [f"about {rough_duration(seconds)}"]
    return [counted(len(study.pairs), "run"), *time]


def _launch(study: Study) -> None:
    """Launch it, or say why it can't be: a later seed's split may not be possible."""
    try:
        lab.launch_study(study)
    except BadInputError as error:
        st.error(escaped(in_labels(error), limit=1000), icon=":material/error:")
        return
    st.switch_page(page_file("study"), query_params={"study": study.id})


def _study(
    dataset: Dataset, kind: Kind, choice: dict[str, Any], options: dict[str, Any]
) -> tuple[Study | None, str | None]:
    """The study as the form has it, or what is wrong with it."""
    try:
        base = read_form(dataset.id)
        lab.check_pretrained(base)
        if st.session_state.get(BARE, True):
            bare = {"augmentation": Augmentation(), "regularization": Regularization()}
            base = base.model_copy(update=bare)
        if kind is Kind.DOSE:
            strengths = _as_numbers(choice["strengths"])
            return lab.compare_doses(base, choice["field"], strengths, **options), None
        if kind is Kind.WORTH:
            return lab.compare_sizes(base, choice["sizes"], **options), None
        return lab.compare_arms(base, _arms(choice), **options), None
    except (BadInputError, DamagedError) as error:
        return None, in_labels(error)


def _plan(study: Study) -> tuple[lab.StudyPlan | None, str | None]:
    """What it costs and finds, or why its images can't be shared out as asked."""
    try:
        return lab.plan_study(study), None
    except (BadInputError, DamagedError) as error:
        return None, in_labels(error)


def _as_numbers(strengths: list[Any]) -> list[float]:
    try:
        return [float(value) for value in strengths]
    except ValueError as error:
        raise BadInputError(f"A strength must be a number. Received: {error}") from error


def _arms(choice: dict[str, Any]) -> list[Arm]:
    return [*ready_arms(choice["ready"]), *choice["own"]]


def base_words(study: Study) -> str:
    """What isn't at its default in the base, in words."""
    base = RunConfig.model_validate(study.base)
    epochs = counted(base.training.epochs, "epoch")
    if study.kind is Kind.WORTH:
        each = {int(arm.changes["training.epochs"]) for arm in study.arms}
        epochs = f"{min(each)} to {max(each)} epochs, for equally many steps with fewer images"
    return plain(", ".join([epochs, *describe_changes(base)]), limit=300)
