"""What else a study's arms differ in, what its runs share, and the runs themselves."""

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from cnnlab import lab
from cnnlab.domain.arms import change_words
from cnnlab.domain.config.dotted import value_at
from cnnlab.domain.records.training import ComparedMetric
from cnnlab.domain.run import Run
from cnnlab.domain.study import Kind, Study
from cnnlab.domain.words import counted, percent, points
from cnnlab.figures.answers import effects
from cnnlab.figures.study import arm_styles
from cnnlab.figures.traces import Figure
from cnnlab.study.kinds.worth_wording import worth_words
from cnnlab.study.measures import measured_wording as words
from cnnlab.study.measures.measured import weight_layers
from cnnlab.study.wording import judged_words
from cnnlab.ui.components.figure.figure import render_figure
from cnnlab.ui.components.table.table import Column, render_table
from cnnlab.ui.layer_names import layer_names
from cnnlab.ui.page_files import page_file
from cnnlab.ui.runs_table.cells import STATUS_ICONS
from cnnlab.ui.study.closer.measuring import render_landscape, render_units
from cnnlab.ui.study.closer.robustness import render_robustness_table
from cnnlab.ui.study.closer.same_pictures import render_same_pictures
from cnnlab.ui.text import escaped, plain

_LABEL_NOISE = "split.label_noise_fraction"
_HEIGHTS = {"robustness": 500, "calibration": 420, "weights": 460, "memory": 320}
"""In px; panels above each other need room for their titles, and on a phone for a long legend."""


def render_same_start(view: lab.StudyView) -> None:
    """That the arms begin alike, as their runs noted it."""
    starts = lab.shared_starts(view)
    if not starts:
        return
    alike = sum(len(start.same_weights) + len(start.other_network) for start in starts)
    ordered = sum(len(start.same_order) for start in starts)
    others = {arm for start in starts for arm in start.other_network}
    if alike == len(starts):  # the references themselves
        st.markdown(":gray-badge[same start] nothing to compare with yet: one arm alone has begun")
        return
    badge = ":green-badge[:material/verified: same start]"
    words = f" {len(starts)} of {counted(len(view.study.seeds), 'seed')} checked by checksum"
    if view.study.kind is Kind.WORTH:
        words += "; arms of one size read the images in the same order"
    elif ordered < alike:
        badge = ":orange-badge[:material/warning: another order of images]"
    if others:
        named = ", ".join(escaped(arm, limit=40) for arm in sorted(others))
        words += f"; {named}: another network, shared layers begin alike"
    st.markdown(f"{badge}{words}")


def render_answer(view: lab.StudyView) -> None:
    """What a study of strengths or of sizes was made for: its curve, and what it says in words."""
    styles = arm_styles(view.study)
    doses = lab.doses_of(view)
    if doses is not None:
        st.header("Dose and response", anchor=False)
        st.markdown(escaped(doses.words, limit=600))
        with st.container(key="dose_chart"):
            _draw(effects.dose_figure(doses, styles[view.study.arms[-1].name]), "dose", 340)
    worth = lab.worth_of(view)
    if worth is not None:
        st.header("Worth in images", anchor=False)
        plain_arm, changed_arm = view.study.arms[:2]
        change = change_words(plain_arm, changed_arm)
        st.markdown(escaped(worth_words(worth, change), limit=600))
        figure = effects.worth_figure(
            worth, styles[plain_arm.name], styles[changed_arm.name], change
        )
        with st.container(key="worth_chart"):
            _draw(figure, "worth", 360)
        st.caption(
            f"Large dots: means; small ones: seeds. The line without {escaped(change)} is a fit "
            "that never falls with more images."
        )


def render_details(look: Callable[[], lab.StudyView]) -> None:
    """Parts of one study's page: what its runs measured, what is measured on request, the runs.

    Args:
        look: at the study.

    Raises:
        NotFoundError: it was deleted.
    """
    view = look()
    st.header("Look closer", anchor=False)
    parts = {
        "Robustness": _render_robustness,
        "Calibration": _render_calibration,
        "Weights": _render_weights,
        **({"Wrong labels": _render_memory} if _has_wrong_labels(view.study) else {}),
        "Units removed": render_units,
        "Landscape": render_landscape,
        "Same pictures": render_same_pictures,
        "Same start": _render_shared_start,
        "Runs": _render_runs,
    }
    chosen = st.segmented_control(
        "Part",
        list(parts),
        default="Robustness",
        key="study_part",
        required=True,
        label_visibility="collapsed",
    )
    parts[chosen](view)


def _render_robustness(view: lab.StudyView) -> None:
    evaluations = lab.study_evaluations(view)
    render_robustness_table(view.study, evaluations)
    figure = effects.robustness_figure(evaluations, arm_styles(view.study))
    if _draw(figure, "robustness", _HEIGHTS["robustness"]):
        st.caption(
            "Accuracy of the kept models on distorted validation images, the same ones for every "
            f"run{' of a seed' if view.study.is_split_anew else ''} and at most 200 of them. "
            "Kept is usually the model of a run's best epoch, so at strength 0 it can lie far from "
            "the accuracy above, which is judged as the rules say."
        )


def _render_calibration(view: lab.StudyView) -> None:
    evaluations = lab.study_evaluations(view)
    figure = effects.reliability_figure(evaluations, arm_styles(view.study))
    if _draw(figure, "calibration", _HEIGHTS["calibration"]):
        _say(view, lambda arm, reference: words.calibration_words(evaluations, arm, reference))


def _render_weights(view: lab.StudyView) -> None:
    histories = lab.study_histories(view)
    layers = weight_layers(histories.values())
    if not layers:
        st.caption("Known after the first finished epoch.")
        return
    names = layer_names(next(iter(of_arm.values())) for of_arm in view.runs.values() if of_arm)
    layer = st.selectbox(
        "Layer",
        layers,
        key="weights_layer",
        index=len(layers) - 1,
        format_func=lambda name: names.get(name, name),
    )
    figure = effects.weights_figure(histories, arm_styles(view.study), layer)
    if _draw(figure, "weights", _HEIGHTS["weights"]):
        _say(view, lambda arm, reference: words.weights_words(histories, layer, arm, reference))


def _has_wrong_labels(study: Study) -> bool:
    """Whether any arm trains with labels that are wrong on purpose: else there is none to learn."""
    shared = value_at(study.base, _LABEL_NOISE)
    return any(arm.changes.get(_LABEL_NOISE, shared) for arm in study.arms)


def _render_memory(view: lab.StudyView) -> None:
    histories = lab.study_histories(view)
    figure = effects.memorization_figure(histories, arm_styles(view.study))
    if _draw(figure, "memory", _HEIGHTS["memory"]):
        _say(view, lambda arm, reference: words.memorization_words(histories, arm, reference))


def _draw(figure: Figure | None, name: str, height: int) -> bool:
    if figure is None:
        st.caption("Known as soon as runs of this study have finished.")
        return False
    render_figure(figure, key=f"study_{name}_figure", alt=f"{name} by arm", height=height)
    return True


def _say(view: lab.StudyView, sentence: Any) -> None:  # noqa: ANN401 - a function of two names
    reference = view.study.reference.name
    said = (sentence(arm.name, reference) for arm in view.study.arms if arm.name != reference)
    for line in filter(None, said):
        st.markdown(f"- {escaped(line, limit=400)}")


def _render_shared_start(view: lab.StudyView) -> None:
    starts = lab.shared_starts(view)
    if not starts:
        st.caption("Known after the first finished epoch.")
        return
    rows = []
    for start in starts:
        other = "; ".join(
            f"{plain(arm)}: {len(layers)} layers alike"
            for arm, layers in start.other_network.items()
        )
        rows.append(
            {
                "Seed": start.seed,
                "Initial weights": start.checksum[:12],
                "Begin with them": plain(", ".join(start.same_weights), limit=200),
                "Another network": other or "–",
                "Same order of images": plain(", ".join(start.same_order), limit=200),
            }
        )
    render_table(rows, key="shared_starts", name="Which runs start alike")
    st.caption(
        "Checksums of the weights before the first step, and of the order in which the training "
        "images are read, as each run noted them. Where an arm has another network, each layer "
        "that both have begins with the same weights."
    )


def _render_runs(view: lab.StudyView) -> None:
    runs = view.all_runs
    st.caption(
        f"Choose a run to open it. Accuracy, cross-entropy and gap {judged_words(view.study)}, as "
        "far as they count in the verdicts."
    )
    chosen = render_table(
        [_run_row(view, run) for run in runs],
        key="study_runs",
        name="Runs of this study",
        columns=_RUN_COLUMNS,
        ids=[run.id for run in runs],
        page="runs?run=",
    )
    if chosen:
        st.switch_page(page_file("runs"), query_params={"run": chosen})


_RUN_COLUMNS = {
    "arm": Column("Arm"),
    "seed": Column("Seed", "number"),
    "status": Column("Status"),
    "best": Column("Best epoch", "number"),
    "accuracy": Column("Validation accuracy", "number", percent),
    "cross_entropy": Column("Cross-entropy", "number", "{:.3g}".format),
    "gap": Column("Gap", "number", partial(points, signed=True)),
    "curve": Column("Curve", "curve"),
}


def _run_row(view: lab.StudyView, run: Run) -> dict[str, Any]:
    arm, seed = run.arm or "", run.config["training"]["seed"]
    accuracy, cross_entropy, gap = (
        view.values[metric].get(arm, {}).get(seed) for metric in _JUDGED
    )
    return {
        "arm": plain(arm),
        "seed": seed,
        "status": STATUS_ICONS[run.status],
        "best": None if run.best_epoch is None else run.best_epoch + 1,
        "accuracy": accuracy,
        "cross_entropy": cross_entropy,
        "gap": gap,
        "curve": run.sparkline,
    }


_JUDGED: tuple[ComparedMetric, ...] = ("val_accuracy", "val_cross_entropy", "gap")
