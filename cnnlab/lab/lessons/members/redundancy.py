"""Dropout forces redundant representations."""

from cnnlab.domain.arms import ready_arms
from cnnlab.domain.study import Kind, Study
from cnnlab.domain.words import percent
from cnnlab.figures.answers.claims import ClaimRow
from cnnlab.figures.answers.solutions import units_figure
from cnnlab.figures.study import arm_styles
from cnnlab.lab.lessons.evidence import borne_out, differences, judged, mean, points_between
from cnnlab.lab.lessons.lesson import UNSURE, Answer, Chart, Lesson, Measurement, Next
from cnnlab.lab.lessons.setting import Setting
from cnnlab.lab.lessons.telling import BAND, answer_of, seeds_chart, share_chart
from cnnlab.lab.study.designs import compare_arms
from cnnlab.lab.study.measuring import (
    cancel_units,
    start_units,
    study_units,
    units_state,
    unmeasured_units,
)
from cnnlab.lab.study.view import StudyView
from cnnlab.study.chance.claims import JudgedClaim, Outcome
from cnnlab.study.measures.units import kept_shares, undamaged

_SEEDS = 5
_MATTERS = 0.02
"""Two points of the accuracy more: less is no redundancy that matters."""
_NEVER_FAR = 5 * _MATTERS
_UNITS_PX = 400


def plan(setting: Setting) -> Study:
    """The same network without and with dropout."""
    name = "Lesson: does dropout make a network redundant?"
    return compare_arms(setting.base, ready_arms(("baseline", "dropout")), seeds=_SEEDS, name=name)


def watch(view: StudyView) -> Chart:
    """Validation accuracy while it trains; units are removed afterwards."""
    return share_chart(
        view,
        "val_accuracy",
        "validation accuracy",
        title="Validation accuracy over the epochs",
        alt="Validation accuracy without and with dropout over the epochs",
        then="Once all have trained, units are taken out of the finished networks.",
    )


def tell(view: StudyView) -> Answer:
    """Which part of its accuracy each network keeps while units are taken away."""
    found = study_units(view)
    kept = {} if found is None else kept_shares(found, "last")
    plain, dropped = (arm.name for arm in view.study.arms)
    if found is None or not kept.get(plain) or not kept.get(dropped):
        return Answer(Outcome.CANNOT_TELL, "No network could be asked with units taken away.")
    more = differences(kept[dropped], kept[plain])
    claim = judged(more, view, matters=_MATTERS, never_far=_NEVER_FAR)
    styles = arm_styles(view.study)
    row = ClaimRow(dropped, more, claim, styles[dropped])
    most = percent(found["shares"][-1], decimals=0)
    means = {name: percent(mean(kept[name]), decimals=0) for name in (plain, dropped)}
    words = (
        f"While 0 to {most} of the units that the last layers read are taken away, a network with "
        f"dropout keeps {means[dropped]} of its accuracy on average, without {means[plain]}: "
        f"{_size(claim)}."
    )
    charts = [
        seeds_chart(
            [row],
            "more kept than without dropout (points)",
            title="How much more is kept, seed by seed",
            alt="How much more of its accuracy the network with dropout keeps, a dot for each seed",
            against="the network without dropout of the same seed",
        )
    ]
    if figure := units_figure(found, styles):
        accuracy = Chart(
            "Accuracy while units are taken away",
            figure,
            "Accuracy over the share of units removed, without and with dropout",
            f"{BAND} Dotted: always saying the commonest class. Dropout acts on the units that the "
            "last layers read.",
            _UNITS_PX,
        )
        charts.insert(0, accuracy)
    whole = {name: percent(share) for name, share in undamaged(found).items()}
    further = (
        f"What dropout does to validation accuracy: {view.verdicts[dropped].words}",
        f"With all its units the one with dropout is right on {whole[dropped]}, the other on "
        f"{whole[plain]}: of a lower accuracy guessing alone keeps a larger part.",
        "Units are chosen at random, the same in both networks of a seed, and nothing is trained "
        "again.",
    )
    bears_out = borne_out(claim, _MATTERS, above="more", within="same", below="less")
    return answer_of(claim, words, bears_out, further, charts)


def _size(claim: JudgedClaim) -> str:
    if claim.mean is None or claim.low is None or claim.high is None:
        return "the difference can't be judged"
    if claim.low < 0 < claim.high:
        return f"a difference of {points_between(claim)} that may be chance"
    return f"{points_between(claim)} {'more' if claim.mean > 0 else 'less'}"


LESSON = Lesson(
    name="redundancy",
    fields=("regularization.dropout",),
    title="Dropout makes a network redundant",
    icon=":material/content_copy:",
    claim="Dropout forces a network to hold what it knows in several places.",
    source="Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), Dropout: a simple "
    "way to prevent neural networks from overfitting; Goodfellow, Bengio and Courville, Deep "
    "Learning (2016), section 7.12",
    background="With dropout half of the units before the last layers are switched off at every "
    "training step, others each time. None of them can rely on a single other one, so what is "
    "learned should end up in several. Then a finished network should mind less if units are "
    "missing.",
    method="The same network is trained without and with dropout 0.5, from the same start with "
    "each of five seeds. Then units are taken out of the finished networks, more and more of them, "
    "at random, and they are asked about the validation images.",
    question="Which network keeps more of its accuracy while units are taken away?",
    expectations={
        "more": "The one that was trained with dropout",
        "same": "Both about the same (within 2 points)",
        "less": "The one that was trained without",
        UNSURE: "I don't know",
    },
    fewest_images=5,
    plan=plan,
    watch=watch,
    tell=tell,
    measurement=Measurement(
        "Taking units out of the finished networks",
        start_units,
        units_state,
        cancel_units,
        unmeasured_units,
        run_seconds=2,
    ),
    next_steps=(
        Next("Does what makes it redundant also close the gap?", lesson="gap"),
        Next("And does dropout lead to a wider minimum?", lesson="wide_minimum"),
        Next(
            "How much dropout is too much: all strengths.",
            kind=Kind.DOSE,
            fields={"dose_field": "regularization.dropout"},
        ),
    ),
)
