"""Length, batches, loss, randomness and device of a run."""

from typing import Literal

from pydantic import field_validator, model_validator

from cnnlab.fields import ConfigModel, knob

AUTO_BATCH_SIZE = 32
MOST_EPOCHS = 10_000


class Training(ConfigModel):
    """How long, in which batches, by which loss and where a run is trained."""

    epochs: int = knob(
        20,
        "Epochs",
        "How often the network sees every training image. Usual: 10 to 100. With phases the sum of "
        "theirs, whatever is set here.",
        ge=1,
        le=MOST_EPOCHS,
        increment=1,
    )
    batch_size: int | Literal["auto"] = knob(
        32,
        "Batch size",
        "Images per weight update, 1 to 4096. Usual: 16 to 64; larger is steadier and needs more "
        "memory. auto takes what suits the device and fits its memory.",
    )
    seed: int = knob(
        0,
        "Seed",
        "Decides initial weights, order and augmentation: same config and seed give the same "
        "run. Try 3 or more seeds before believing a difference.",
        ge=0,
        le=2**31 - 1,
        increment=1,
    )
    class_weights: Literal["none", "balanced"] = knob(
        "none",
        "Class weights",
        "balanced makes rare classes count as much as common ones in the loss, and leaves the "
        "batches as they are. Try it where some classes have far fewer images.",
    )
    sampling: Literal["natural", "balanced"] = knob(
        "natural",
        "Sampling",
        "balanced draws every class equally often: images of rare classes come several times an "
        "epoch, some of common ones not in every epoch, and an epoch has as many steps as before. "
        "It goes with augmentation, which makes each repetition another picture; not with class "
        "weights.",
    )
    loss: Literal["cross_entropy", "focal"] = knob(
        "cross_entropy",
        "Loss",
        "focal (arXiv:1708.02002) counts images less the surer the network is of them already, for "
        "sets with many easy images. It makes probabilities less sure, and rare classes count no "
        "more by it: balance them, too. Charts stay cross-entropy.",
    )
    focal_gamma: float = knob(
        2.0,
        "Focal gamma",
        "How strongly focal loss leaves out what is easy; 0 is cross-entropy, and cross-entropy "
        "ignores it. Usual: 1 to 3.",
        ge=0,
        le=10,
        increment=0.5,
    )
    device: str = knob(
        "auto",
        "Device",
        "auto takes a GPU where TensorFlow sees one that works; or cpu, gpu:0, gpu:1, ..., or "
        "all_gpus, which share each batch out (not repeatable to the bit).",
    )
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = knob(
        "float32",
        "Precision",
        "The mixed ones are faster and smaller on recent GPUs, mixed_bfloat16 also on some CPUs: "
        "'Check before training' measures how much. Weights stay float32.",
    )

    @field_validator("batch_size")
    @classmethod
    def _batch_size_in_range(cls, value: int | str) -> int | str:
        if isinstance(value, int) and not 1 <= value <= 4096:
            raise ValueError("must be 1 to 4096 or 'auto'")
        return value

    @field_validator("device")
    @classmethod
    def _device_is_known(cls, value: str) -> str:
        kind, _, index = value.partition(":")
        known = value in ("auto", "cpu", "gpu", "all_gpus")
        if known or (kind == "gpu" and index.isdigit()):
            return value
        raise ValueError("must be auto, cpu, all_gpus, or one GPU such as gpu:0")

    @model_validator(mode="after")
    def _balances_once(self) -> "Training":
        if self.class_weights == "balanced" and self.sampling == "balanced":
            raise ValueError(
                "training.class_weights and training.sampling can't both be balanced, because rare "
                "classes would count twice: switch one of them back"
            )
        return self

    @property
    def images_per_step(self) -> int:
        """The batch size as a number; for `auto` what a run expects, until it has chosen."""
        return AUTO_BATCH_SIZE if self.batch_size == "auto" else int(self.batch_size)
