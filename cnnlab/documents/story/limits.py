"""What a study's answer rests on, and where it ends."""

from cnnlab.documents.story.slides import Limit
from cnnlab.domain.study import Kind, Study
from cnnlab.domain.words import counted, exact_percent
from cnnlab.study.statistics import FEWEST_PAIRS
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
    found.append(
        {
            "head": "Only here",
            "text": "These images, this network, these strengths: others may answer otherwise.",
        }
    )
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
        text += " They also choose each run's best epoch, which flatters all arms."
    return {"head": counted(images, "validation image"), "text": text}


def _certainty(study: Study, alpha: float) -> Limit:
    arms = len(study.arms) // 2 if study.kind is Kind.WORTH else len(study.arms) - 1
    text = (
        f"If no arm had any effect, at most {100 * alpha:.2g} in 100 such studies would claim one"
    )
    text += f", all {arms} comparisons together." if arms > 1 else "."
    if study.stages > 1:
        text += " Seeds were added after a look, so a claim needs more proof."
    else:
        text += f" That holds for {METRICS[study.primary].label}, chosen before the launch."
    return {"head": f"What {exact_percent(1 - alpha)} means", "text": text}
