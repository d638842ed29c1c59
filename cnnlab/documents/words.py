"""What a report says in sentences: the answer, how to read it, and what limits it. All HTML."""

from collections.abc import Iterator

from cnnlab.diagnosis.curves import wilson_interval
from cnnlab.documents.content import Content
from cnnlab.documents.text import safe
from cnnlab.domain.study import Kind
from cnnlab.domain.words import counted, digits, exact_percent, listed, percent
from cnnlab.study.statistics import FEWEST_PAIRS
from cnnlab.study.verdicts import Comparison, Verdict, summary
from cnnlab.study.wording import SAID, judged_words

HOW_TO_READ = (
    "Every arm was trained once with each seed. A <b>difference</b> is arm minus reference with "
    "the same seed, averaged over the seeds.",
    "An <b>interval</b> holds the differences that fit the runs. A claim is made only where it "
    "leaves out zero: else the honest answer is 'can't tell'.",
    "In the curves a <b>line</b> is the mean over seeds, a band its 95 % interval, a dot the best "
    'epoch of one seed.<span class="screen"> Click an arm\'s name to hide it.</span>',
    "The <b>gap</b> is accuracy on training images, everything that regularizes switched off, "
    "minus validation accuracy: a large gap is overfitting.",
)


def answer(content: Content) -> str:
    """The strongest verdict in one sentence, or that nothing can be told."""
    told = [
        found
        for found in content.verdicts.values()
        if found.verdict in (Verdict.HELPS, Verdict.HURTS)
    ]
    if not told:
        return _nothing_told(content)
    helping = [found for found in told if found.verdict is Verdict.HELPS]
    strongest = max(helping or told, key=lambda found: abs(found.mean or 0))
    claim = strongest.words.rstrip(".")
    return (
        f"Against {_reference(content)}, <b>{safe(strongest.arm)}</b> "
        f"{safe(claim[:1].lower() + claim[1:])}, judged by {content.primary.label} over "
        f"{counted(strongest.seeds, 'seed')}."
    )


def others(content: Content) -> str:
    """The verdicts of all arms in short, by verdict."""
    parts = []
    for verdict in Verdict:
        if verdict is Verdict.REFERENCE:
            continue
        names = [safe(found.arm) for found in content.verdicts.values() if found.verdict is verdict]
        if names:
            parts.append(f"<b>{SAID[verdict].capitalize()}</b>: {', '.join(names)}")
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
        f"Nothing can be told with {seeds}: no arm differs from {_reference(content)} by more than "
        f"chance explains.{_advice(nearest)}"
    )


def _advice(nearest: Comparison | None) -> str:
    if nearest is None:
        return ""
    return (
        f" About {counted(nearest.more_seeds or 0, 'more seed')} would tell for "
        f"<b>{safe(nearest.arm)}</b>."
    )


def limits(content: Content) -> list[str]:
    """What a critical reader should know, one HTML paragraph each."""
    return [*_of_images(content), *_of_rules(content), *_of_choice(content), *_of_runs(content)]


def _of_images(content: Content) -> Iterator[str]:
    images = content.validation_images
    known = _known_to(content, images) if images else ""
    yield (
        "<b>Seeds aren't images.</b> Seeds measure the luck of training (initial weights, order, "
        f"augmentation), not that of the validation images, which all arms share.{known}"
    )
    if content.study.judged_at == "best":
        yield (
            "<b>Best epoch.</b> The best epoch of each run was picked on the same validation "
            "images, so the accuracies are a little optimistic, the more so the more epochs an arm "
            "trained."
        )
    else:
        yield f"<b>No epoch was picked.</b> Runs are judged {judged_words(content.study)}."
    tests = content.splits.get("test", 0)
    yield "<b>Test split.</b> " + (
        f"The {counted(tests, 'test image')} weren't looked at: every number here is of the "
        "training and validation images."
        if tests
        else "There is none in this study, so no image is left for a last, unbiased check of the "
        "arm that is chosen."
    )


def _known_to(content: Content, images: int) -> str:
    accuracies = content.values["val_accuracy"].get(content.study.reference.name, {})
    mean = summary(accuracies).mean
    if mean is None:
        return ""
    low, high = wilson_interval(mean, images)
    half = digits(50 * (high - low), most_decimals=2)
    return (
        f" {images:,} images know an accuracy of {percent(mean)} only to about ± {half} points "
        f"({percent(low)} to {percent(high)}, Wilson's 95 % interval)."
    )


def _of_rules(content: Content) -> Iterator[str]:
    study = content.study
    yield (
        f"<b>Fixed before the launch:</b> the primary metric ({content.primary.label}) and the "
        f"judged epoch ({judged_words(study)}). Verdicts are about nothing else."
    )
    look = " at this look" if study.stages > 1 else ""
    compared = sum(found.verdict is not Verdict.REFERENCE for found in content.verdicts.values())
    yield (
        f"<b>Several arms at once.</b> {counted(compared, 'arm')} against "
        f"{_reference(content)}, with Holm's procedure: the chance that a study without any effect "
        f"makes any claim{look} is at most {exact_percent(content.alpha)}. Each interval has "
        "the confidence at which its arm was judged."
    )
    if study.stages > 1:
        yield (
            f"<b>Seeds were added.</b> They were queued in {study.stages} stages, which users do "
            "after a look at the results. Each look is therefore judged at its share of the level, "
            f"{exact_percent(content.alpha)}."
        )
    if len(study.seeds) < FEWEST_PAIRS:
        yield (
            f"<b>Too few seeds.</b> Nothing is claimed below {FEWEST_PAIRS} seeds that both arms "
            "have."
        )


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
