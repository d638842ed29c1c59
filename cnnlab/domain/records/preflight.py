"""What a look at a run before its launch finds."""

from typing import NotRequired, TypedDict

from cnnlab.domain.records.training import DeviceFacts, LayerRow, PretrainedFacts


class MemoryNeeds(TypedDict):
    """Bytes that a training takes, by what takes them; `device_bytes` is a GPU's part of it."""

    weights_bytes: int
    gradients_bytes: int
    optimizer_bytes: int
    update_bytes: int
    activations_bytes: int
    evaluation_bytes: int
    states_bytes: int
    batches_bytes: int
    graphs_bytes: int
    process_bytes: int
    features_bytes: int
    total_bytes: int
    device_bytes: NotRequired[int]


class MemoryCheck(MemoryNeeds):
    """The same, with what is there; None where that isn't known."""

    limit_bytes: int | None


class LossCheck(TypedDict):
    """Losses before each of a few steps on one batch; None where one isn't finite.

    `with_dropout` says that dropout and the like was on.
    """

    values: list[float | None]
    with_dropout: bool


class PrecisionCheck(TypedDict):
    """The seconds of a step in another `precision` and in that of the config.

    `measured_before` says that an earlier check of such a network took them: what they have to each
    other holds, while the seconds are not of this check.
    """

    precision: str
    seconds_per_step_now: float
    seconds_per_step: float
    measured_before: NotRequired[bool]


class PreflightWarning(TypedDict):
    """What hinders no run but is hardly meant like this."""

    kind: str
    message: str


class PreflightTimes(TypedDict):
    """What a run takes; None where the memory won't suffice, so that nothing was measured.

    Attributes:
        compile_seconds: before the first step.
        features_seconds: likewise, for what frozen layers compute once; 0 where they do it anew.
        seconds_per_step: augmentation included.
        evaluation_seconds: of an epoch.
        seconds_per_epoch: with its evaluation; these three are of the last phase.
        total_seconds: of the run.
    """

    compile_seconds: float | None
    features_seconds: float | None
    seconds_per_step: float | None
    evaluation_seconds: float | None
    seconds_per_epoch: float | None
    total_seconds: float | None


class PreflightOutcome(DeviceFacts, PreflightTimes):
    """What a look at a run before its launch has found.

    Attributes:
        batch_size: images per step, and `batch_size_words` why.
        layers: of the network.
        pretrained: what was taken from weights that the config names; None where it names none.
        parameters: all of them, and `trainable_parameters` those that are trained.
        memory: what it takes, and what is there.
        steps_per_epoch: weight updates.
        loss: whether it falls; None where nothing was measured.
        other_precision: float32 where the config's is mixed, else mixed_bfloat16 on a CPU and the
            mixed one that a GPU has units for; None where there is none, where it wasn't tried,
            and where frozen layers are computed once or there is a `problem`.
        warnings: what is worth knowing.
        problem: what would make the run fail, in a sentence, or None.
    """

    batch_size: int
    batch_size_words: str
    layers: list[LayerRow]
    pretrained: NotRequired[PretrainedFacts | None]
    parameters: int
    trainable_parameters: int
    memory: MemoryCheck
    steps_per_epoch: int
    loss: LossCheck | None
    other_precision: NotRequired[PrecisionCheck | None]
    warnings: list[PreflightWarning]
    problem: str | None
