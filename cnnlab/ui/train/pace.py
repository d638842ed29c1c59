"""How long a run is: in steps, which are what a network learns by, and in time."""

import math

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.recipes.good_model import LEAST_UPDATES
from cnnlab.domain.words import counted, rough_duration
from cnnlab.ui.train.reading import Reading


def pace_words(config: RunConfig, reading: Reading) -> str:
    """Steps, epochs, about how much time, and what ends it earlier; in Markdown.

    Args:
        config: what is launched.
        reading: of the form, with the images of each part.
    """
    epochs = f"**{counted(config.training.epochs, 'epoch')}**"
    said = f"**{counted(steps_of(config, reading), 'step')}** in {epochs}"
    if config.training.batch_size == "auto":
        said = f"{epochs}, batch size found at the start"
    if seconds := _seconds(config, reading):
        said += f": estimated at about **{rough_duration(seconds)}**"
    if stopping := config.regularization.early_stopping:
        epochs_of_patience = counted(stopping.patience_epochs, "epoch")
        less = "less once" if seconds else "fewer once"
        said += f", {less} validation hasn't improved for {epochs_of_patience}"
    return f"{said}."


def foot_lines(reading: Reading) -> list[str] | None:
    """What stands beside a phone's button: epochs, about how much time; None where none can start.

    Args:
        reading: of the form.
    """
    if (config := reading.config) is None:
        return None
    lines = [counted(config.training.epochs, "epoch")]
    if seconds := _seconds(config, reading):
        lines.append(f"about {rough_duration(seconds)}")
    return lines


def too_few_words(config: RunConfig, reading: Reading) -> str:
    """That so few steps mostly teach nothing, and how many epochs would be enough; else empty."""
    steps, epochs = steps_of(config, reading), config.training.epochs
    is_set = config.training.batch_size != "auto" and not config.architecture.phases
    if not is_set or steps >= LEAST_UPDATES or config.architecture.pretrained is not None:
        return ""
    enough = math.ceil(LEAST_UPDATES * epochs / steps)
    return (
        f"{counted(steps, 'step')} are few: from random weights most networks need "
        f"{LEAST_UPDATES:,}. Set {enough:,} epochs, or take 'Good model'."
    )


def steps_of(config: RunConfig, reading: Reading) -> int:
    """Updates of the weights in all epochs."""
    images = reading.splits["train"]
    return config.training.epochs * math.ceil(images / config.training.images_per_step)


def _seconds(config: RunConfig, reading: Reading) -> float | None:
    return lab.expected_seconds(
        config,
        reading.classes,
        train_images=reading.splits["train"],
        other_images=reading.splits["validation"],
    )
