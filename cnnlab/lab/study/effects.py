"""What a study shows beyond its curves: the answer of its kind, and what its runs measured."""

from collections.abc import Mapping

from cnnlab.domain.people.person import Action
from cnnlab.domain.records.result import Evaluation
from cnnlab.domain.study import Study
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.study.designs import training_images
from cnnlab.lab.study.run_records import run_evaluation
from cnnlab.lab.study.verdicts import counts
from cnnlab.lab.study.view import StudyView
from cnnlab.study.kinds.doses import DoseResponse, dose_response, turned_by
from cnnlab.study.kinds.worth import WorthInImages, sizes_of, worth_in_images, worth_so_far
from cnnlab.study.verdicts import METRICS


@asks(Action.VIEW)
def study_evaluations(view: StudyView) -> dict[str, dict[int, Evaluation]]:
    """Evaluations by arm and seed, of the runs that count in the verdicts."""
    return {
        arm.name: {
            seed: evaluation
            for seed, run in view.runs[arm.name].items()
            if counts(run) and (evaluation := run_evaluation(run))
        }
        for arm in view.study.arms
    }


def doses_of(view: StudyView) -> DoseResponse | None:
    """The response to the strengths of one regularizer; None where the study turns none.

    While planned runs are missing it has means alone.
    """
    turned = turned_by(view.study)
    if turned is None:
        return None
    primary = view.study.primary
    return dose_response(
        turned,
        view.values[primary],
        METRICS[primary],
        resolution=_resolution(view),
        alpha=view.alpha,
        is_open=view.is_open,
    )


@asks(Action.VIEW)
def worth_of(view: StudyView) -> WorthInImages | None:
    """How many images a change is worth; None where the study has no sizes or too little yet.

    While planned runs are missing it has means alone.
    """
    sizes, values = sizes_of(view.study), view.values[view.study.primary]
    plain, changed = (
        {size: values[name] for name, (size, with_it) in sizes.items() if with_it is wanted}
        for wanted in (False, True)
    )
    if not changed:
        return None
    totals = _totals(view.study, {size for size, _ in sizes.values()})
    metric = METRICS[view.study.primary]
    worth = worth_in_images(
        plain, changed, totals, metric, resolution=_resolution(view), alpha=view.alpha
    )
    return worth_so_far(worth) if worth and view.is_open else worth


def _resolution(view: StudyView) -> float:
    images = view.validation_images
    return 1 / images if images and view.study.primary == "val_accuracy" else 0.0


def _totals(study: Study, sizes: set[int]) -> Mapping[int, int]:
    """Training images in all, by images per class."""
    counts = training_images(study.config(study.reference, 0))
    return {size: sum(min(count, size) for count in counts) for size in sizes}
