"""What a report says in sentences: the answer, how to read it, and what limits it. All HTML."""

from collections.abc import Iterator

from cnnlab.diagnosis.curves import wilson_interval
from cnnlab.documents.content import Content
from cnnlab.documents.text import safe
from cnnlab.domain.study import Kind
from cnnlab.domain.words import counted, digits, listed, percent, percent_range
from cnnlab.study.chance.paired import FEWEST_PAIRS
from cnnlab.study.rules_wording import (
    ABOUT,
    level_words,
    look_words,
    margin_words,
    rules_words,
    split_anew_words,
)
from cnnlab.study.verdicts import Comparison, Verdict, summary
from cnnlab.study.wording import collapse_bound, judged_words

_CLAIMS = (Verdict.HELPS, Verdict.HURTS, Verdict.NO_DIFFERENCE)

HOW_TO_READ = (
    "Every arm was trained once with each seed. A <b>difference</b> is arm minus reference with "
    "the same seed, averaged over the seeds.",
    "An <b>interval</b> holds the differences that fit the runs. An arm <b>helps</b> or "
    "<b>hurts</b> where it leaves out zero, but <b>maybe too little to matter</b> where it reaches "
    "below the margin that was chosen before the launch (where its mean is far above, <b>how much "
    "is uncertain</b>); there is <b>no difference</b> where it lies within that margin; else the "
    "honest answer is 'can't tell'.",
    "In the curves a <b>line</b> is the mean over seeds, a band its 95 % interval, a dot the epoch "
    'of best accuracy of one seed.<span class="screen"> Click an arm\'s name to hide it.</span>',
    "The <b>gap</b> is accuracy on training images, everything that regularizes switched off, "
    "minus validation accuracy: a large gap is overfitting.",
)


def answer(content: Content) -> str:
    """The strongest verdict in one sentence, or that nothing can be told."""
    told = _with(content, Verdict.HELPS) or _with(content, Verdict.HURTS)
    alike = _with(content, Verdict.NO_DIFFERENCE)
    if not told and not alike:
        return _nothing_told(content)
    strongest = max(told or alike, key=lambda found: abs(found.mean or 0))
    claim = strongest.words.rstrip(".")
    said = f"<b>{safe(strongest.arm)}</b> {'' if told else 'makes '}"
    said += safe(claim[:1].lower() + claim[1:])
    if not told and len(alike) > 1:
        named = listed([f"<b>{safe(found.arm)}</b>" for found in alike])
        said = f"{named} make no difference larger than {margin_words(content.study)}"
    return (
        f"Against {_reference(content)}, {said}, judged by {content.primary.label} over "
        f"{counted(strongest.seeds, 'seed')} on {ABOUT[content.study.about]}."
    )


def _with(content: Content, verdict: Verdict) -> list[Comparison]:
    return [found for found in content.verdicts.values() if found.verdict is verdict]


def others(content: Content) -> str:
    """The verdicts of all arms in short, by what is said of them."""
    order = list(Verdict)
    told = [
        (order.index(found.verdict), found.too_little, found)
        for found in content.verdicts.values()
        if found.verdict not in (None, Verdict.REFERENCE)
    ]
    by_said: dict[str, list[str]] = {}
    for *_, found in sorted(told, key=lambda row: row[:2]):
        by_said.setdefault(found.said, []).append(safe(found.arm))
    parts = [f"<b>{said.capitalize()}</b>: {', '.join(names)}" for said, names in by_said.items()]
    return " · ".join(parts)


def _reference(content: Content) -> str:
    name = safe(content.compared_with)
    return name if content.study.kind is Kind.WORTH else f"<b>{name}</b>"


def _nothing_told(content: Content) -> str:
    runs, wanted = content.counted, len(content.study.pairs)
    if runs < wanted:
        return (
            f"Nothing is told yet: {runs} of {counted(wanted, 'run')} count so far. Verdicts come "
            "when all planned runs have finished; of a study that was ended before that, at a "
            "stricter level."
        )
    seeds = counted(len(content.study.seeds), "seed")
    if len(content.study.seeds) < FEWEST_PAIRS:
        return f"Nothing can be told: {seeds} prove nothing; run at least {FEWEST_PAIRS}."
    nearest = min(
        (found for found in content.verdicts.values() if found.more_seeds is not None),
        key=lambda found: found.more_seeds or 0,
        default=None,
    )
    return (
        f"Nothing can be told with {seeds}: no arm is shown to differ from {_reference(content)}, "
        f"and none to make no difference.{_advice(nearest)}"
    )


def _advice(nearest: Comparison | None) -> str:
    if nearest is None:
        return ""
    return (
        f" About {counted(nearest.more_seeds or 0, 'more seed')} would tell for "
        f"<b>{safe(nearest.arm)}</b>, if its difference is as large as it looks."
    )


def limits(content: Content) -> list[str]:
    """What a critical reader should know, one HTML paragraph each."""
    return [*_of_images(content), *_of_rules(content), *_of_choice(content), *_of_runs(content)]


def _of_images(content: Content) -> Iterator[str]:
    yield _of_scope(content)
    if content.flattered:
        yield f"<b>Known images.</b> {safe(content.flattered)}"
    if content.study.judged_at == "best":
        yield (
            "<b>Best epoch.</b> The best epoch of each run was picked on the same validation "
            "images, so the accuracies are a little optimistic, the more so the more epochs an arm "
            "trained and the more its accuracy jumps from epoch to epoch: noisier arms are "
            "flattered."
        )
    elif content.study.judged_at == "cross_fitted":
        yield (
            "<b>Cross-fitted epoch.</b> It was chosen on one half of the validation images and "
            "judged on the other, both ways. That takes away the luck of the images, not that of "
            "the weights: arms whose accuracy jumps from epoch to epoch are still flattered."
        )
    else:
        yield f"<b>No epoch was picked.</b> Runs are judged {judged_words(content.study)}."
    tests = content.splits.get("test", 0)
    yield "<b>Test split.</b> " + (
        f"No number here is of the {counted(tests, 'test image')}: all are of the training and "
        "validation images."
        if tests
        else "There is none in this study, so no image is left for a last, unbiased check of the "
        "arm that is chosen."
    )


def _of_scope(content: Content) -> str:
    """What the verdicts may be quoted for, and what they don't claim."""
    images = content.validation_images
    known = _known_to(content, images) if images else ""
    if content.study.scope == "new_images":
        return (
            "<b>About new images of this kind:</b> those that come as the validation images came. "
            "Other cameras, places or times are another kind, and nothing is claimed about them. "
            f"Seeds and images both count as luck.{known}"
        )
    if content.study.is_split_anew:
        return (
            f"<b>Seeds and splits are luck.</b> {split_anew_words(content.study)} The verdicts are "
            "about the images of this dataset, however they are split. Nothing is claimed about "
            f"new images: no image is judged by all runs.{known}"
        )
    return (
        "<b>Seeds aren't images.</b> The verdicts are about these validation images, which all "
        "arms share: seeds measure the luck of training (initial weights, order, augmentation). "
        "Nothing is claimed about new images; the second interval of each arm says what is known "
        f"of them.{known}"
    )


def _known_to(content: Content, images: int) -> str:
    accuracies = content.values["val_accuracy"].get(content.study.reference.name, {})
    mean = summary(accuracies).mean
    if mean is None:
        return ""
    low, high = wilson_interval(mean, images)
    half = digits(50 * (high - low), most_decimals=2)
    return (
        f" {images:,} images tell an accuracy of {percent(mean)} only to about ± {half} points "
        f"({percent_range(low, high)}, Wilson's 95 % interval)."
    )


def _of_rules(content: Content) -> Iterator[str]:
    study = content.study
    yield f"<b>Fixed before the launch.</b> {rules_words(study)} Nothing else is claimed."
    look = " at this look" if len(study.looks) > 1 else ""
    compared = sum(found.verdict is not Verdict.REFERENCE for found in content.verdicts.values())
    yield (
        f"<b>Several arms at once.</b> {counted(compared, 'arm')} against "
        f"{_reference(content)}, corrected for their number: the chance that a study without any "
        f"effect makes any claim{look} is at most {level_words(content.alpha)}. Each interval has "
        "the confidence at which its arm was judged."
    )
    yield (
        "<b>Whose luck is lopsided.</b> That holds for luck that is alike on both sides or alike "
        "in all arms. Where the runs of some arms lean to the bad side and those of others don't, "
        "7 to 12 % of simulated studies claim something false."
    )
    if words := look_words(study, content.alpha):
        yield f"<b>Looks.</b> {words}"
    if len(study.seeds) < FEWEST_PAIRS:
        yield (
            f"<b>Too few seeds.</b> Nothing is claimed below {FEWEST_PAIRS} seeds that both arms "
            "have."
        )
    yield from _of_verdicts(content)


def _of_verdicts(content: Content) -> Iterator[str]:
    """What the kinds of verdicts that were told don't say."""
    margin = margin_words(content.study)
    if _with(content, Verdict.NO_DIFFERENCE):
        yield (
            f"<b>'No difference' isn't zero.</b> It says that the difference is smaller than the "
            f"{margin} that were chosen before the launch; one within them may be there."
        )
    unclear = _with(content, Verdict.CANNOT_TELL)
    if unclear and not any(found.is_open for found in unclear):
        yield (
            "<b>'Can't tell' isn't 'no difference'.</b> The runs would fit a difference "
            "that matters as well as none; the verdict's words say what is ruled out."
        )
    told = [found for verdict in _CLAIMS for found in _with(content, verdict)]
    if told:
        yield f"<b>Collapses.</b> {collapse_bound(min(found.seeds for found in told))}"


def _of_choice(content: Content) -> Iterator[str]:
    yield (
        "<b>One strength each.</b> The arms have the values in the table of arms and the base's "
        "other settings; none was tuned for itself. Other strengths, longer training, another "
        "split or other images may answer differently."
    )
    told = [found for found in content.verdicts.values() if found.verdict is Verdict.HELPS]
    if told and len(content.verdicts) > 2:
        yield (
            "<b>The largest of several.</b> A difference that stands out among several is likely "
            "somewhat overstated, because it was the one to stand out."
        )


def _of_runs(content: Content) -> Iterator[str]:
    missing = len(content.study.pairs) - sum(run.status.is_ended for run in content.all_runs)
    if missing:
        yield (
            f"<b>Not complete.</b> {missing} of {counted(len(content.study.pairs), 'run')} weren't "
            "ended when this report was made."
        )
    if left_out := content.left_out:
        items = "".join(
            f"<li>{safe(run.arm or run.name)}, seed {run.config['training']['seed']}: "
            f"{safe(reason)}</li>"
            for run, reason in left_out
        )
        yield f"<b>Not counted:</b> {counted(len(left_out), 'run')}.<ul>{items}</ul>"
    yield from _of_machines(content)


def _of_machines(content: Content) -> Iterator[str]:
    devices = sorted(
        {str(facts["device"]) for facts in content.facts.values() if "device" in facts}
    )
    versions = sorted(
        {
            ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
            for facts in content.facts.values()
            if facts.get("versions")
        }
    )
    if devices:
        mixed = " Runs on different devices aren't equal to the bit." if len(devices) > 1 else ""
        yield f"<b>Device:</b> {safe(listed(devices))}.{mixed}"
    if versions:
        mixed = " The versions changed during the study." if len(versions) > 1 else ""
        yield f"<b>Versions:</b> {safe('; '.join(versions))}.{mixed}"
