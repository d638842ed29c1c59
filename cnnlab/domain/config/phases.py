"""Phases of a training: stretches of its epochs with their own layers that train."""

from cnnlab.fields import ConfigModel, knob

MOST_PHASES = 10


class Phase(ConfigModel):
    """Some epochs in which a part of the network trains, with a fresh optimizer."""

    epochs: int = knob(
        5, "Epochs", "How long the phase lasts. Usual: 3 to 30.", ge=1, le=10_000, increment=1
    )
    trainable_blocks: int | None = knob(
        None,
        "Blocks that train",
        "How many entries of the layer list that have weights train, counted from the end; the "
        "layer of the class probabilities always does. 0: only that; empty: all that "
        "frozen_layers leaves. Usual: 0 first, then 1 to 5.",
        ge=0,
        le=1000,
        increment=1,
    )
    learning_rate: float | None = knob(
        None,
        "Learning rate",
        "Of this phase; empty takes the optimizer's. Usual: a tenth of it where pretrained layers "
        "train.",
        gt=0,
        le=10,
    )
