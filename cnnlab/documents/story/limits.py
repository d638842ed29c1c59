"""What a study's answer rests on, and where it ends."""

from cnnlab.documents.story.slides import Limit
from cnnlab.domain.study import Kind, Study
from cnnlab.domain.words import counted
from cnnlab.study.chance.paired import FEWEST_PAIRS
from cnnlab.study.rules_wording import level_words, margin_words
from cnnlab.study.verdicts import METRICS


def limits(
    study: Study, alpha: float, validation_images: int | None, counted_runs: int
) -> list[Limit]:
    """A few limits, each with a short `head` and a sentence or two of `text`.

    Args:
        study: as it was launched.
        alpha: chance of any false claim that its verdicts allow.
        validation_images: how many judge each run; None if that isn't known.
        counted_runs: number of runs that count in the verdicts.
    """
    found = [_seeds(study, counted_runs), _certainty(study, alpha)]
    if validation_images:
        found.insert(1, _images(study, validation_images))
    missing = len(study.pairs) - counted_runs
    if missing > 0:
        words = f"{counted_runs} of {counted(len(study.pairs), 'run')} count so far."
        found.append({"head": "Not complete", "text": f"{words} The verdicts may still change."})
    found += [_margin(study), _not_claimed(study)]
    return found


def _seeds(study: Study, counted_runs: int) -> Limit:
    count = len(study.seeds)
    if count < FEWEST_PAIRS:
        text = f"That proves nothing: no claim is made below {FEWEST_PAIRS}."
    else:
        is_complete = counted_runs >= len(study.pairs)
        text = f"Each arm {'was' if is_complete else 'is to be'} trained {count} times."
        text += " More seeds make a verdict sharper."
    return {"head": counted(count, "seed"), "text": text}


def _images(study: Study, images: int) -> Limit:
    text = f"They judge. One image is {100 / images:.2g} points of accuracy."
    if study.judged_at == "best":
        text += " They also choose each run's best epoch, which flatters noisier arms."
    return {"head": counted(images, "validation image"), "text": text}


def _margin(study: Study) -> Limit:
    return {
        "head": f"Up to {margin_words(study)}",
        "text": "count as no difference. 'Can't tell' isn't 'no difference': there the runs "
        "would fit a difference as well as none.",
    }


def _not_claimed(study: Study) -> Limit:
    others = "another network or other strengths."
    if study.scope == "new_images":
        text = "The verdicts are about images that come as these came. Nothing is claimed of other "
        return {"head": "New images of this kind", "text": f"{text}kinds, {others}"}
    if study.is_split_anew:
        text = (
            "The verdicts are about this dataset's images, however they are split. Nothing is said "
            f"of new images, {others}"
        )
        return {"head": "Only this dataset", "text": text}
    text = (
        "The verdicts are about them; what the runs say of new images is shown beside, and no "
        f"claim. Nothing is said of {others}"
    )
    return {"head": "Only these images", "text": text}


def _certainty(study: Study, alpha: float) -> Limit:
    arms = len(study.arms) // 2 if study.kind is Kind.WORTH else len(study.arms) - 1
    text = (
        f"If no arm had any effect, at most {100 * alpha:.2g} in 100 such studies would claim one"
    )
    text += ", all comparisons taken together." if arms > 1 else "."
    if len(study.looks) > 1:
        text += f" This is look {len(study.looks)}, so a claim needs more proof."
    else:
        text += f" That holds for {METRICS[study.primary].label}, chosen before the launch."
    return {"head": f"What {level_words(1 - alpha)} means", "text": text}
