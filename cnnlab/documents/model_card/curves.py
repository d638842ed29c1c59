"""What a run's report tells beyond its card: curves, diagnosis, every setting."""

from cnnlab.documents.model_card.blocks import (
    Block,
    Bullets,
    Chart,
    Section,
    Settings,
    Words,
)
from cnnlab.documents.model_card.content import CardContent
from cnnlab.domain.config.wording.labels import in_labels
from cnnlab.figures.judging import judged_reliability_figure
from cnnlab.figures.palette import PART_STYLES
from cnnlab.figures.run_curves import Measure, run_curves_figure
from cnnlab.judging.words.sentences import dots_words

_CURVES_PX, _RELIABILITY_PX = 340, 420
_TITLES: dict[Measure, str] = {"accuracy": "Accuracy", "cross_entropy": "Cross-entropy"}


def curves_section(content: CardContent) -> Section:
    """Accuracy and cross-entropy over the epochs, and the reliability diagram."""
    blocks: list[Block] = [
        Words(
            "Clean train: on a fixed part of the training images with everything off that "
            "regularizes. The mark is the epoch whose weights the model has."
        )
    ]
    for measure, title in _TITLES.items():
        figure = run_curves_figure(content.history, measure, marked=content.model_epoch)
        alt = f"{title} on clean training images and on validation images over the epochs"
        blocks.append(Chart(figure, _CURVES_PX, alt, f"{title} over the epochs"))
    judgement = content.judgement
    if judgement is not None and judgement["reliability"]:
        figure = judged_reliability_figure(judgement["reliability"], PART_STYLES["validation"])
        blocks.append(
            Chart(
                figure,
                _RELIABILITY_PX,
                "How often it is right against how sure it is",
                f"How sure it is. {dots_words(judgement['reliability'])} Below the dotted line it "
                "is too sure.",
            )
        )
    return Section("Curves", blocks)


def diagnosis_section(content: CardContent) -> Section:
    """What the curves show, most serious first."""
    items = [
        f"{found.title}: {in_labels(found.words)}"
        + (f" Next: {in_labels(found.remedy_words)}." if found.remedy_words else "")
        for found in content.diagnoses
    ]
    if not items:
        return Section("Diagnosis", [Words("Nothing can be said of these curves.")])
    return Section("Diagnosis", [Bullets(items)])


def settings_section(content: CardContent) -> Section:
    """Every field of the config, as the form calls it."""
    return Section("All settings", [Settings(content.run.config)])
