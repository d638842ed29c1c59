"""Simulated studies: how often their verdicts are wrong, and how often they find an effect."""

import numpy as np
from scipy import special

from cnnlab.domain.study import RecordedLook
from cnnlab.study.chance.looks import ALPHA, alpha_of_look
from cnnlab.study.chance.paired import paired_estimate
from cnnlab.study.chance.seeds_to_go import seeds_needed
from cnnlab.study.chance.two_way import two_way_estimate
from tests.study.made_studies import IMAGES, SEED_SD
from tests.study.made_truths import accuracies, flips
from tests.study.vectorized import HELPS, HURTS, MARGIN, SAME, decide, decide_first, decide_watched

NOISE = SEED_SD * np.sqrt(2)
"""Standard deviation of a paired difference of the symmetric kind."""
CHUNK = 500


def false_claims(draw, arms, seeds, studies, rule=decide, resolution=1 / IMAGES, *, together=False):
    """Share of studies without effect in which any arm is said to help or hurt.

    Args:
        draw: of accuracies, from `kind_of`.
        arms: with the reference.
        seeds: of each.
        studies: how many.
        rule: what judges.
        resolution: of the accuracies.
        together: whether arms are judged together, by flips of images that don't say exactly how
            much each arm wavers.
    """
    rng = np.random.default_rng([arms, seeds])
    claims = 0
    for start in range(0, studies, CHUNK):
        drawn = draw(rng, (min(CHUNK, studies - start), arms, seeds))
        options = {"flips": flips(rng, drawn[:, 1:].shape[:2])} if together else {}
        found = rule(drawn[:, 1:] - drawn[:, :1], resolution=resolution, **options)
        claims += int(((found == HELPS) | (found == HURTS)).any(axis=1).sum())
    return claims / studies


def kind_of(name):
    """The draw of a kind, as `false_claims` takes it."""
    return lambda rng, shape: accuracies(name, rng, shape)


def mixed_false_claims(arms, seeds, studies, *, together=False):
    """The largest share of studies with any false claim where true differences are mixed.

    Some arms differ by nothing, some by exactly the margin: there most can be said falsely. The
    noise is such that the margin is one to four and a half standard errors.
    """
    rng = np.random.default_rng([arms, seeds, 1])
    wrong = []
    for truths in ([0.0, 0.02], [0.0, 0.02, 0.02, 0.02], [0.0, 0.0, 0.0, -0.02], [0.02]):
        truth = np.resize(truths, arms - 1)
        for errors in (1, 2, 3, 4.5):
            noise = 0.02 * np.sqrt(seeds / 2) / errors
            drawn = noise * rng.standard_normal((studies, arms, seeds))
            told_by = flips(rng, (studies, arms - 1)) if together else None
            found = decide(drawn[:, 1:] - drawn[:, :1] + truth[:, None], flips=told_by)
            side = np.isin(found, (HELPS, HURTS)) & (found != np.sign(truth))
            same = (found == SAME) & (np.abs(truth) >= MARGIN)
            wrong.append((side | same).any(axis=1).mean())
    return max(wrong)


def power(arms, seeds, effect, studies):
    """Shares that find one better arm.

    Returns:
        Of an oracle that knows the standard deviation, arms judged together, each alone, and the
        rule of the first versions.
    """
    rng = np.random.default_rng([arms, seeds, 2])
    drawn = accuracies("symmetric", rng, (studies, arms, seeds))
    drawn[:, 1] += effect * NOISE
    differences = drawn[:, 1:] - drawn[:, :1]
    z = differences[:, 0].mean(axis=-1) / NOISE * np.sqrt(seeds)
    oracle = (z > special.ndtri(1 - ALPHA / (arms - 1) / 2)).mean()
    told_by = flips(rng, (studies, arms - 1))
    told = decide(differences, flips=told_by), decide(differences), decide_first(differences)
    return [oracle, *((found[:, 0] == HELPS).mean() for found in told)]


def told_alike(seeds, studies, noise):
    """Share in which a second arm without any effect is told to make no difference."""
    rng = np.random.default_rng([seeds, 3])
    return (decide(noise * rng.standard_normal((studies, 1, seeds))) == SAME).mean()


def looked_again(first, last, studies, *, watches):
    """False claims of a study that is stopped for a look, then gone on with, and looked at again.

    Args:
        first: seeds at the early look; at `last` all that are planned have finished.
        last: seeds that are planned.
        studies: how many.
        watches: whether it is stopped where the means look best, instead of at `first`.
    """
    rng = np.random.default_rng([first, last])
    drawn = accuracies("symmetric", rng, (studies, 2, last))
    differences = drawn[:, 1:] - drawn[:, :1]
    early = alpha_of_look((), "", is_planned=False)
    planned = alpha_of_look((RecordedLook("a", early),), "b", is_planned=True)
    ever = decide(differences[..., :first], alpha=early) % SAME != 0
    if watches:
        t = np.stack(
            [np.abs(_t(differences[:, 0, :seeds])) for seeds in range(first, last)], axis=1
        )
        best = first + t.argmax(axis=1)
        for seeds in range(first, last):
            stopped = best == seeds
            if stopped.any():
                seen = differences[stopped][..., :seeds]
                ever[stopped] = decide(seen, alpha=early) % SAME != 0
    final = decide(differences, alpha=planned) % SAME != 0
    return (ever | final).any(axis=1).mean()


def _t(differences):
    return differences.mean(axis=-1) / differences.std(axis=-1, ddof=1)


def followed_advice(studies, rounds, effect=0.0):
    """How a study of five arms ends that adds seeds as advised, each look with its own alpha.

    Returns:
        Share of false claims; shares of studies and arms where advice was given at the first look;
        share of those in which the arm was told at the next.
    """
    rng = np.random.default_rng([rounds, round(10 * effect)])
    false, advised, told_next = 0, 0, 0
    for _ in range(studies):
        drawn = accuracies("symmetric", rng, (1, 2, 50))
        drawn[:, 1] += effect * NOISE
        difference, looks, seeds = drawn[0, 1] - drawn[0, 0], (), 3
        for number in range(rounds + 1):
            alpha = alpha_of_look(looks, str(seeds), is_planned=not number)
            looks = (*looks, RecordedLook(str(seeds), alpha, is_planned=not number))
            told = decide(difference[None, None, :seeds], alpha=alpha)[0, 0]
            is_claim = told in (HELPS, HURTS)
            told_next += number == 1 and is_claim
            if is_claim or told == SAME:
                false += is_claim
                break
            coming = alpha_of_look(looks, "", is_planned=False)
            needed = seeds_needed(difference[:seeds], coming)
            if needed is None or seeds == 50:
                break
            advised += number == 0
            seeds = max(seeds + 1, needed[1])
    return false / studies, advised / studies, told_next / max(1, advised)


def advice(arms, seeds, effect, studies):
    """How often 'about N more seeds' is said, and how often the look after them tells."""
    rng = np.random.default_rng([arms, seeds, 4])
    drawn = effect + rng.standard_normal((studies, 50))
    level, coming = (
        ALPHA / (arms - 1),
        alpha_of_look((RecordedLook("a", ALPHA, "", True),), "", is_planned=False),
    )
    coming /= arms - 1
    shown = told = 0
    for values in drawn:
        found = paired_estimate(values[:seeds]).p
        if found <= level or (needed := seeds_needed(values[:seeds], coming)) is None:
            continue
        shown += 1
        told += paired_estimate(values[: max(seeds + 1, needed[1])]).p <= coming
    return shown / studies, told / max(1, shown)


def coverage(seeds, images, studies, *, of_image):
    """Shares of 95 % intervals that hold the truth about new images: by seeds alone, two-way.

    Args:
        seeds: of the study.
        images: that judge.
        studies: how many.
        of_image: standard deviation of what an image gains by the arm, against a rest of .3: a
            paired difference on one image is a rounded probability.
    """
    rng = np.random.default_rng([seeds, images])
    held = np.zeros(2)
    for _ in range(studies):
        rate = np.clip(0.85 + 0.25 * rng.standard_normal(images), 0.02, 0.98)
        gain = of_image * rng.standard_normal(images)
        luck = 0.015 * rng.standard_normal((2, seeds, 1))
        base = rng.random((seeds, images)) < rate + luck[0]
        arm = rng.random((seeds, images)) < np.clip(rate + gain, 0, 1) + luck[1]
        differences = arm.astype(float) - base
        truth = _new_image_truth(of_image)
        alone = paired_estimate(differences.mean(axis=1).tolist(), resolution=1 / images)
        for number, found in enumerate(
            (alone, two_way_estimate(differences, resolution=1 / images))
        ):
            _, low, high = found.interval(0.95).estimate
            held[number] += low <= truth <= high
    return held / studies


def _new_image_truth(of_image, _known={}):  # noqa: B006 - computed once for each
    if of_image not in _known:
        rng = np.random.default_rng(9)
        rate = np.clip(0.85 + 0.25 * rng.standard_normal(4_000_000), 0.02, 0.98)
        gain = of_image * rng.standard_normal(rate.size)
        _known[of_image] = float((np.clip(rate + gain, 0, 1) - rate).mean())
    return _known[of_image]


def watched_claims(arms, seeds, studies, effect=0.0, *, naive=False):
    """Share of studies that ever claim one arm while they are looked at after every seed.

    Args:
        arms: with the reference.
        seeds: the last look; the first is at three.
        studies: how many.
        effect: of the first arm, in paired standard deviations; without one any claim counts.
        naive: whether the paired t test is looked at in the place of the e-value.
    """
    rng = np.random.default_rng([arms, seeds, 5])
    drawn = accuracies("symmetric", rng, (studies, arms, seeds))
    drawn[:, 1] += effect * NOISE
    ever = np.zeros((studies, arms - 1), bool)
    for now in range(3, seeds + 1):
        so_far = drawn[:, 1:, :now] - drawn[:, :1, :now]
        ever |= np.isin(decide(so_far) if naive else decide_watched(so_far), (HELPS, HURTS))
    return float((ever[:, 0] if effect else ever.any(axis=1)).mean())
