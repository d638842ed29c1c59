"""L2 makes the weights smaller."""

import math
from collections.abc import Mapping
from dataclasses import replace

from cnnlab.domain.records.training import EpochRecord
from cnnlab.domain.study import Kind, Study
from cnnlab.domain.words import percent, percent_range
from cnnlab.figures.answers.claims import ClaimRow, means_figure
from cnnlab.figures.study import arm_styles
from cnnlab.lab.lessons.evidence import borne_out, differences, judged
from cnnlab.lab.lessons.lesson import UNSURE, Answer, Chart, Lesson, Next
from cnnlab.lab.lessons.setting import Setting
from cnnlab.lab.lessons.telling import BAND, answer_of, epochs_of, seeds_chart
from cnnlab.lab.study.designs import compare_doses
from cnnlab.lab.study.run_records import History
from cnnlab.lab.study.view import StudyView, study_histories
from cnnlab.study.chance.claims import JudgedClaim

_FIELD, _USUAL, _STRONG = "regularization.l2", 1e-3, 1e-2
_SEEDS = 5
_MATTERS = -math.log(0.95)
"""A twentieth less: smaller differences of size don't matter."""
_NEVER_FAR = 5 * _MATTERS
_PLAIN, _CLAIMED = 0, 1
"""Places of the arms that the claim compares."""


def plan(setting: Setting) -> Study:
    """No L2, the usual strength and ten times as much."""
    name = "Lesson: does L2 make the weights smaller?"
    return compare_doses(setting.base, _FIELD, (0.0, _USUAL, _STRONG), seeds=_SEEDS, name=name)


def total_norm(record: EpochRecord) -> float:
    """Root of the sum of the squares of all weights of all kernels; NaN where it isn't known."""
    rows = record.get("weights") or []
    return math.sqrt(math.fsum(row["norm"] ** 2 for row in rows)) if rows else math.nan


def _logs_at_end(
    histories: Mapping[int, History], counted: Mapping[int, float]
) -> dict[int, float]:
    """Logarithm of the total norm at the last epoch, of the seeds that count in the verdicts."""
    found = {seed: total_norm(histories[seed][-1]) for seed in counted if histories[seed]}
    return {seed: math.log(norm) for seed, norm in found.items() if norm > 0}


def watch(view: StudyView) -> Chart:
    """The norm of all weights over the epochs, for each strength."""
    norms = {
        arm: {
            seed: [{"norm": total_norm(one)} for one in records] for seed, records in of_arm.items()
        }
        for arm, of_arm in study_histories(view).items()
    }
    return Chart(
        "Size of all weights together",
        means_figure(
            norms,
            "norm",
            arm_styles(view.study),
            "norm (L2) of all weights",
            epochs=epochs_of(view),
        ),
        "Norm of all weights over the epochs, for each strength of L2",
        f"{BAND} The norm is the root of the sum of all squared weights.",
    )


def tell(view: StudyView) -> Answer:
    """How much smaller the weights are at the end, as a ratio over paired seeds."""
    histories, arms = study_histories(view), view.study.arms
    counted = view.values[view.study.primary]
    logs = {arm.name: _logs_at_end(histories[arm.name], counted[arm.name]) for arm in arms}
    plain = logs[arms[_PLAIN].name]
    shrunk = {arm.name: differences(plain, logs[arm.name]) for arm in arms[_CLAIMED:]}
    claims = {
        name: judged(values, view, matters=_MATTERS, never_far=_NEVER_FAR)
        for name, values in shrunk.items()
    }
    name = arms[_CLAIMED].name
    claim, styles = claims[name], arm_styles(view.study)
    rows = [_as_shares(ClaimRow(arm, shrunk[arm], claims[arm], styles[arm])) for arm in shrunk]
    seeds = seeds_chart(
        rows,
        "smaller than without L2 (%)",
        title="How much smaller, seed by seed",
        alt="How much smaller the weights are at each strength, a dot for each seed",
        against="the same start without L2",
        unit="%",
    )
    others = [f"With {other}: {_size(claims[other])}." for other in list(claims)[1:]]
    accuracy = [
        f"What {arm.name} does to validation accuracy: {view.verdicts[arm.name].words}"
        for arm in arms[_CLAIMED:]
    ]
    words = f"With {name} the weights are {_size(claim)} than without."
    more = (*others, *accuracy)
    bears_out = borne_out(claim, _MATTERS, above="smaller", within="same", below="larger")
    return answer_of(claim, words, bears_out, more, (watch(view), seeds))


def _as_shares(row: ClaimRow) -> ClaimRow:
    """The row with logarithms of ratios as shares by which the weights are smaller."""
    claim = row.claim
    low, mean, high = (None if end is None else _share(end) for end in _ends(claim))
    shares = {seed: _share(value) for seed, value in row.values.items()}
    return replace(row, values=shares, claim=replace(claim, low=low, mean=mean, high=high))


def _ends(claim: JudgedClaim) -> tuple[float | None, float | None, float | None]:
    return claim.low, claim.mean, claim.high


def _share(log: float) -> float:
    return 1 - math.exp(-log)


def _size(claim: JudgedClaim) -> str:
    """Such as '12 % smaller (10 to 14 %)'."""
    if claim.mean is None or claim.low is None or claim.high is None:
        return "not known to be of another size"
    low, mid, high = (_share(end) for end in (claim.low, claim.mean, claim.high))
    if low < 0 < high:
        return f"between {percent(-low)} larger and {percent(high)} smaller"
    near, far = sorted((abs(low), abs(high)))
    side = "smaller" if mid > 0 else "larger"
    return f"{percent(abs(mid))} {side} ({percent_range(near, far)})"


LESSON = Lesson(
    name="small_weights",
    fields=("regularization.l2",),
    title="L2 makes weights smaller",
    icon=":material/compress:",
    claim="A penalty on the squared weights keeps the weights of a network small.",
    source="Goodfellow, Bengio and Courville, Deep Learning (2016), section 7.1.1; Krogh and Hertz "
    "(1991), A simple weight decay can improve generalization",
    background="A network can learn its training images by heart with large weights that answer to "
    "every detail. L2 adds the sum of all squared weights, times a strength, to the loss that the "
    "training makes small: large weights then have to be worth it.",
    method="The same network is trained without L2, with the usual strength 0.001 and with ten "
    "times as much, from the same start with each of five seeds. At the end all weights are "
    "measured; what counts is the ratio to the network without L2 of the same seed.",
    question="What will L2 0.001 do to the weights?",
    expectations={
        "smaller": "They get smaller",
        "same": "They stay about as large (within 5 %)",
        "larger": "They get larger",
        UNSURE: "I don't know",
    },
    fewest_images=5,
    plan=plan,
    watch=watch,
    tell=tell,
    next_steps=(
        Next("Smaller weights are a means. Do they close the gap?", lesson="gap"),
        Next(
            "How much L2 helps and how much hurts: all strengths from none to far too much.",
            kind=Kind.DOSE,
            fields={"dose_field": _FIELD},
        ),
        Next(
            "L1 also keeps weights small, in another way: compare both.",
            fields={"arms": ["l1", "l2"]},
        ),
    ),
)
