"""The loss converges, and what a too large step does."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from cnnlab.diagnosis.course import Course, course_of
from cnnlab.domain.run import Status
from cnnlab.domain.study import Arm, Study
from cnnlab.domain.words import counted, listed, percent
from cnnlab.figures.answers.claims import courses_figure
from cnnlab.figures.study import arm_styles
from cnnlab.lab.lessons.evidence import guessing_nats, is_broken
from cnnlab.lab.lessons.lesson import UNSURE, Answer, Chart, Lesson, Next
from cnnlab.lab.lessons.setting import Setting
from cnnlab.lab.lessons.telling import epochs_of
from cnnlab.lab.study.designs import compare_arms
from cnnlab.lab.study.run_records import run_history
from cnnlab.lab.study.view import StudyView, study_histories
from cnnlab.study.chance.claims import JudgedClaim, Outcome, judge_share

_FIELD = "optimizer.learning_rate"
_USUAL, _LARGE, _SMALL = 1e-3, 0.3, 2e-5
_SEEDS = 6
"""So many have to agree for a claim about single trainings (`judge_share`)."""
_TIMES_EPOCHS = 1.25
"""A loss has to have the time to level off."""
Pair = tuple[bool | None, bool | None]
"""Whether the usual step converges with a seed, and whether the large one does."""
_CLAIMED: Pair = (True, False)
_OTHERS: Mapping[str, Pair] = {"both": (True, True), "neither": (False, False)}
"""The other expectations, as what has to be so with a seed."""
_SAID = {
    Course.CONVERGED: "fell and levelled off",
    Course.FALLING: "was still falling at the end",
    Course.SWINGING: "fell, but still jumped up and down",
    Course.NOT_LEARNED: "never stayed below guessing",
    Course.BROKEN: "was no longer a number",
    Course.TOO_SHORT: "had too few epochs to tell",
}


def plan(setting: Setting) -> Study:
    """The usual step, one 300 times as large, one 50 times smaller."""
    base = setting.longer(_TIMES_EPOCHS)
    optimizer = base.optimizer.model_copy(update={"learning_rate": _USUAL})
    base = base.model_copy(update={"optimizer": optimizer})
    arms = (
        Arm(f"usual step ({_USUAL:g})", {}),
        Arm(f"300 times as large ({_LARGE:g})", {_FIELD: _LARGE}),
        Arm(f"50 times smaller ({_SMALL:g})", {_FIELD: _SMALL}),
    )
    return compare_arms(base, arms, seeds=_SEEDS, name="Lesson: does the loss converge?")


def watch(view: StudyView) -> Chart:
    """The training loss of every run."""
    figure = courses_figure(
        study_histories(view),
        arm_styles(view.study),
        epochs=epochs_of(view),
        guessing=guessing_nats(view),
    )
    return Chart(
        "Training loss, every run",
        figure,
        "Training loss of every run over the epochs, by size of the step",
        "A line for each seed. What leaves the chart at the top went far above guessing.",
        380,
    )


def tell(view: StudyView) -> Answer:
    """Of how many seeds it is true that the usual step converges and the large one doesn't."""
    guessing = guessing_nats(view)
    courses = {
        arm.name: {
            seed: course_of(run_history(run), guessing, has_failed=is_broken(run))
            for seed, run in view.runs[arm.name].items()
            if run.status is Status.FINISHED or is_broken(run)
        }
        for arm in view.study.arms
    }
    usual, large, small = (courses[arm.name] for arm in view.study.arms)
    seeds = sorted(usual.keys() & large.keys())
    pairs = [(_converges(usual[seed]), _converges(large[seed])) for seed in seeds]
    claim = _judge(pairs, view.alpha)
    words = (
        f"With the usual step the training loss {_courses_words(usual)}. With a step 300 times as "
        f"large it {_courses_words(large)}."
    )
    more = [
        _share_words(claim, pairs),
        f"With a step 50 times smaller it {_courses_words(small)}: a too small step isn't wrong, "
        "it only needs far more epochs.",
        f"Guessing gives a loss of {guessing:.2f} here. 'Levelled off' means that the last third "
        "of the epochs brought less than a tenth of the whole fall.",
    ]
    return Answer(
        claim.outcome,
        words,
        _bears_out(claim, pairs, view.alpha),
        tuple(more),
        (watch(view),),
        seeds=claim.seeds,
        confidence=claim.confidence,
    )


def _converges(course: Course) -> bool | None:
    """Whether a loss converges; None where that is open, as more epochs might have shown it."""
    if course in (Course.FALLING, Course.TOO_SHORT):
        return None
    return course is Course.CONVERGED


def _judge(pairs: Sequence[Pair], alpha: float) -> JudgedClaim:
    """The claim; it doesn't hold only where it doesn't whatever the open ones would have done."""
    found = judge_share([pair == _CLAIMED for pair in pairs], alpha=alpha)
    at_best = judge_share([not _is_false(pair) for pair in pairs], alpha=alpha)
    is_open = found.outcome is Outcome.DOES_NOT_HOLD and at_best.outcome is not found.outcome
    return replace(found, outcome=Outcome.CANNOT_TELL) if is_open else found


def _is_false(pair: Pair) -> bool:
    usual, large = pair
    return usual is False or large is True


def _courses_words(courses: dict[int, Course]) -> str:
    """Such as 'fell and levelled off with 5 of 6 seeds, and was still falling with 1'."""
    seeds = len(courses)
    found = Counter(courses.values()).most_common()
    if not found:
        return "isn't known, as no run has finished"
    if len(found) == 1:
        return f"{_SAID[found[0][0]]} with all {counted(seeds, 'seed')}"
    return listed([f"{_SAID[course]} with {times} of {seeds} seeds" for course, times in found])


def _share_words(claim: JudgedClaim, pairs: Sequence[Pair]) -> str:
    if claim.low is None or claim.high is None:
        return f"Nothing can be told: {claim.why_not}."
    true = round((claim.mean or 0) * claim.seeds)
    return (
        f"The claim is about single trainings, and it was true of {true} of {claim.seeds}. So it "
        f"is true of {100 * claim.low:.0f} to {percent(claim.high, decimals=0)} of such "
        f"trainings; it holds where that is more than half of them for sure.{_open_words(pairs)}"
    )


def _open_words(pairs: Sequence[Pair]) -> str:
    """Of how many seeds it is open; empty for none."""
    left = sum(pair != _CLAIMED and not _is_false(pair) for pair in pairs)
    if not left:
        return ""
    return f" Of {counted(left, 'seed')} it is open: a loss was still falling, or too short."


def _bears_out(claim: JudgedClaim, pairs: Sequence[Pair], alpha: float) -> str:
    """The expectation that is true of more than half of such trainings; empty where none is."""
    if claim.outcome is Outcome.HOLDS:
        return "breaks"
    for name, wanted in _OTHERS.items():
        if judge_share([pair == wanted for pair in pairs], alpha=alpha).outcome is Outcome.HOLDS:
            return name
    return ""


LESSON = Lesson(
    name="convergence",
    fields=("optimizer.learning_rate",),
    title="The loss converges",
    icon=":material/trending_down:",
    claim="With a fitting learning rate the training loss falls and levels off; with a far too "
    "large one it doesn't.",
    source="Goodfellow, Bengio and Courville, Deep Learning (2016), sections 4.3 and 8.3; LeCun, "
    "Bottou, Orr and Müller (1998), Efficient BackProp",
    background="Training walks downhill: at each step all weights move a little against the slope "
    "of the loss. The learning rate says how far. Too far, and a step jumps over the valley to "
    "where it is higher; too short, and the way takes for ever.",
    method="The same network is trained with the usual learning rate, with one 300 times as large "
    "and one 50 times smaller, from the same start with each of six seeds. A rule looks at each "
    "curve of the training loss: did it get below guessing, did it level off?",
    question="What will a learning rate 300 times as large do?",
    expectations={
        "breaks": "The usual one converges, the large one doesn't",
        "both": "Both converge",
        "neither": "Neither converges",
        UNSURE: "I don't know",
    },
    fewest_images=5,
    plan=plan,
    watch=watch,
    tell=tell,
    takes_broken=True,
    next_steps=(
        Next(
            "A loss that has converged says nothing about new images: look at the gap.",
            lesson="gap",
        ),
        Next(
            "Where does it break? A study with rates of your own, and other optimizers. Take "
            "'Add an arm of your own' there.",
        ),
    ),
)
