"""Dropout leads to a wider minimum."""

from cnnlab.domain.arms import ready_arms
from cnnlab.domain.records.solutions import StudyLandscape
from cnnlab.domain.study import Study
from cnnlab.domain.words import counted, percent
from cnnlab.figures.answers.claims import ClaimRow, courses_figure
from cnnlab.figures.answers.solutions import line_figure, rise_figure, slices_figure
from cnnlab.figures.study import arm_styles
from cnnlab.lab.lessons.evidence import (
    BySeed,
    borne_out,
    differences,
    guessing_nats,
    judged,
    mean,
    points_between,
)
from cnnlab.lab.lessons.lesson import UNSURE, Answer, Chart, Lesson, Measurement, Next
from cnnlab.lab.lessons.setting import Setting
from cnnlab.lab.lessons.telling import BAND, answer_of, epochs_of, seeds_chart
from cnnlab.lab.study.designs import compare_arms
from cnnlab.lab.study.measuring import (
    cancel_landscape,
    landscape_state,
    start_landscape,
    study_landscape,
    unmeasured_landscape,
)
from cnnlab.lab.study.view import StudyView, study_histories
from cnnlab.study.chance.claims import JudgedClaim, Outcome
from cnnlab.study.measures.landscape import (
    RISE_NATS,
    barrier_words,
    barriers_of,
    cut_seeds,
    widths_of,
)

_SEEDS = 5
_MATTERS = 0.02
"""Of each filter's length: to go so much farther is nothing that matters."""
_NEVER_FAR = 10 * _MATTERS
_RISE_PX, _LINE_PX, _SLICES_PX = 340, 360, 320


def plan(setting: Setting) -> Study:
    """The same network without noise, with dropout, and with augmentation."""
    name = "Lesson: does dropout lead to a wider minimum?"
    arms = ready_arms(("baseline", "dropout", "augmentation"))
    return compare_arms(setting.base, arms, seeds=_SEEDS, name=name)


def watch(view: StudyView) -> Chart:
    """The way down to the minima, which are measured afterwards."""
    figure = courses_figure(
        study_histories(view),
        arm_styles(view.study),
        epochs=epochs_of(view),
        guessing=guessing_nats(view),
    )
    return Chart(
        "The way down: training loss, every run",
        figure,
        "Training loss of every run over the epochs",
        "A line for each seed, with dropout and augmentation on. Once all have trained, the loss "
        "is measured around the weights that they have found.",
    )


def tell(view: StudyView) -> Answer:
    """How far one may go from each minimum until the loss has risen."""
    found = study_landscape(view)
    widths = {} if found is None else widths_of(found)
    plain, dropped, *others = (arm.name for arm in view.study.arms)
    if found is None or not widths.get(plain) or not widths.get(dropped):
        return Answer(Outcome.CANNOT_TELL, "The loss could be measured around no solution.")
    wider = {
        name: differences(widths[name], widths[plain])
        for name in (dropped, *others)
        if widths.get(name)
    }
    claims = {
        name: judged(values, view, matters=_MATTERS, never_far=_NEVER_FAR)
        for name, values in wider.items()
    }
    claim, styles = claims[dropped], arm_styles(view.study)
    cut = cut_seeds(found)
    rows = [ClaimRow(name, wider[name], claims[name], styles[name]) for name in wider]
    words = (
        f"Around the solutions with dropout the loss has risen by {RISE_NATS:g} nats once every "
        f"filter has moved by {_far(widths[dropped], cut.get(dropped, 0))} of its length, without "
        f"by {_far(widths[plain], cut.get(plain, 0))}: {_size(claim)}."
    )
    charts = [
        seeds_chart(
            rows,
            "wider than without (points of a filter's length)",
            title="How much wider, seed by seed",
            alt="How much wider the minima of each arm are, a dot for each seed",
            against="the plain network of the same seed",
        )
    ]
    if figure := rise_figure(found, styles):
        charts.insert(0, Chart(
            "Around each solution",
            figure,
            "Rise of the training loss with the distance from a solution, for each arm",
            f"{BAND} Directions are random.",
            _RISE_PX,
        ))  # fmt: skip
    if figure := line_figure(found, styles, plain):
        charts.append(Chart(
            "Between two solutions",
            figure,
            "Loss on the straight line from the plain solution to each arm's",
            "Left the solution without regularization, right the arm's of the same seed: a hill "
            "between them says that they lie in different valleys.",
            _LINE_PX,
        ))  # fmt: skip
    if figure := slices_figure(found, styles):
        charts.append(Chart(
            "A slice through one solution of each arm",
            figure,
            "Training loss on a plane through one solution of each arm, as contours",
            "Two random directions; the solution lies at the centre. The stronger the colour, the "
            "lower the loss; each line is the same loss in all panels.",
            _SLICES_PX,
        ))  # fmt: skip
    more = (
        *(_cut_words(name, seeds, len(widths[name]), found) for name, seeds in cut.items()),
        *(f"With {name}: {_size(claims[name])}." for name in others if name in claims),
        *(barrier_words(name, one, plain) for name, one in barriers_of(found).items()),
        f"What dropout does to validation accuracy: {view.verdicts[dropped].words} A wide minimum "
        "is no proof of a good network: the same network can be written with other weights that "
        "lie in a narrow one (Dinh et al. 2017).",
    )
    bears_out = borne_out(claim, _MATTERS, above="wider", within="same", below="narrower")
    return answer_of(claim, words, bears_out, more, charts)


def _far(widths: BySeed, cut: int) -> str:
    """Mean width, which is at least so large where some were cut off."""
    return f"{'at least ' if cut else ''}{percent(mean(widths), decimals=0)}"


def _cut_words(arm: str, cut: int, seeds: int, found: StudyLandscape) -> str:
    most = percent(found["distances"][-1], decimals=0)
    return (
        f"With {arm} the loss of {cut} of {counted(seeds, 'solution')} hadn't risen so far even at "
        f"{most}, where measuring ends: its width there is at least {most}, and counts as that."
    )


def _size(claim: JudgedClaim) -> str:
    if claim.mean is None or claim.low is None or claim.high is None:
        return "the difference can't be judged"
    if claim.low < 0 < claim.high:
        return f"a difference of {points_between(claim)} that may be chance"
    return f"{'wider' if claim.mean > 0 else 'narrower'} by {points_between(claim)}"


LESSON = Lesson(
    name="wide_minimum",
    title="Noise leads to a wider minimum",
    icon=":material/landscape:",
    claim="Noise in training, such as dropout, leads to weights around which the loss is flat: to "
    "a wider minimum.",
    source="Goodfellow, Bengio and Courville, Deep Learning (2016), section 7.5: minima surrounded "
    "by flat regions; Hochreiter and Schmidhuber (1997), Flat minima; Keskar et al. (2017), On "
    "large-batch training",
    background="A trained network is a point in a landscape whose height is the loss. In a narrow "
    "valley a small change of the weights makes it much worse, in a wide one it hardly matters. "
    "Who is shaken while training should only be able to stay where it is wide.",
    method="The same network is trained without anything, with dropout 0.5 and with augmentation, "
    "from the same start with each of five seeds. Then the loss on training images is measured "
    "around the weights that were found, in random directions, and on the line between two "
    "solutions. How far can every filter move, as a part of its own length, until the loss has "
    "risen by half a nat?",
    question="Whose minima are wider?",
    expectations={
        "wider": "Those with dropout",
        "same": "Both are about as wide",
        "narrower": "Those without",
        UNSURE: "I don't know",
    },
    fewest_images=5,
    plan=plan,
    watch=watch,
    tell=tell,
    measurement=Measurement(
        "Measuring the loss around the solutions",
        start_landscape,
        landscape_state,
        cancel_landscape,
        unmeasured_landscape,
        run_seconds=5,
    ),
    next_steps=(
        Next("Dropout has another effect on what was learned: redundancy.", lesson="redundancy"),
        Next("Do wider minima go with a smaller gap?", lesson="gap"),
        Next(
            "Small batches are said to lead to wide minima, too. Fill the form, and add an arm of "
            "your own with another batch size; its study can measure the landscape.",
            fields={"arms": ["dropout"]},
        ),
    ),
)
