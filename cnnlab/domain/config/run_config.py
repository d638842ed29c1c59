"""The config: everything that decides a run, frozen, with bounds and help on every field."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic.fields import FieldInfo

from cnnlab.domain.config.architecture import IMAGENET, Architecture
from cnnlab.domain.config.augmentation import Augmentation
from cnnlab.domain.config.dotted import value_at, with_changes
from cnnlab.domain.config.optimizer import Optimizer
from cnnlab.domain.config.presets import layers_of
from cnnlab.domain.config.regularization import Regularization
from cnnlab.domain.config.training import MOST_EPOCHS, Training
from cnnlab.domain.config.wording.problems import problems_of
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.words import counted, with_unit
from cnnlab.fields import ConfigModel, extra, knob, walk


class Image(ConfigModel):
    """What every image is turned into before training."""

    size: int = knob(
        48,
        "Image size",
        "Side of the square that every image is resized to. Larger shows more detail; the time "
        "per epoch grows with its square. Usual: 32 to 128.",
        ge=8,
        le=512,
        unit="px",
        increment=8,
    )
    color: Literal["rgb", "grayscale"] = knob(
        "rgb", "Colour", "Grayscale is a little faster and right where colour says nothing."
    )
    resize: Literal["crop", "pad", "stretch"] = knob(
        "crop",
        "Fit",
        "How other shapes become a square: crop cuts the edges off, pad adds bars, stretch "
        "distorts.",
    )

    @property
    def channels(self) -> int:
        """Values of a pixel."""
        return 3 if self.color == "rgb" else 1

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a prepared image."""
        return self.size, self.size, self.channels


class SplitFractions(ConfigModel):
    """How images are shared out, and what is done to the training part on purpose.

    The shares are ignored for the parts that the upload brought itself; a draw or folds are refused
    where it brought a validation part.
    """

    validation: float = knob(
        0.2,
        "Validation share",
        "Share of the images that are kept aside to judge every epoch. Usual: 0.15 to 0.3.",
        ge=0.02,
        le=0.9,
        increment=0.01,
        share=True,
    )
    test: float = knob(
        0.0,
        "Test share",
        "Share of the images that is locked away: no weight is trained on them and no epoch chosen "
        "by them. You open them on the run's evaluation page, once all else is decided, and each "
        "look is counted. Usual: 0 to try things out, 0.1 to 0.2 for a number to quote.",
        ge=0,
        le=0.9,
        increment=0.01,
        share=True,
    )
    seed: int = knob(
        0, "Split seed", "Another seed gives another random split.", ge=0, le=2**31 - 1, increment=1
    )
    validation_draw: int = knob(
        0,
        "Validation draw",
        "Another number draws other validation images from those that train or validate; the test "
        "images stay. 0: as the split seed has it. Studies count it up to draw a split for each "
        "seed. With folds it says which fold.",
        ge=0,
        le=2**31,
        increment=1,
    )
    folds: int | None = knob(
        None,
        "Folds",
        "Empty: the validation share is drawn. A number divides the images that train or validate "
        "into so many equal parts, of which one validates (the validation draw says which) and the "
        "others train. Usual: 5 or 10.",
        ge=2,
        le=20,
        increment=1,
    )
    images_per_class: int | None = knob(
        None,
        "Images per class",
        "Most training images that are taken of each class; empty takes all. Fewer make "
        "overfitting visible. Usual: 10 to 200.",
        ge=1,
        le=100_000,
        increment=1,
    )
    label_noise_fraction: float = knob(
        0.0,
        "Label noise",
        "Share of the training images whose label is changed at random to another class, to see "
        "how much the network memorizes; validation labels stay right. Usual: 0, or 0.1 to 0.4.",
        ge=0,
        le=1,
        increment=0.05,
        share=True,
        usual=0.2,
    )

    @model_validator(mode="after")
    def _leaves_training_images(self) -> "SplitFractions":
        if self.validation + self.test > 0.95:
            raise ValueError(
                "split.validation + split.test must leave at least 0.05 for training. Received: "
                f"{self.validation} + {self.test}"
            )
        return self


class RunConfig(ConfigModel):
    """Everything that decides a run."""

    dataset: str = knob("", "Dataset", "The id of the imported dataset.")
    image: Image = Image()
    split: SplitFractions = SplitFractions()
    augmentation: Augmentation = Augmentation()
    architecture: Architecture = Architecture()
    regularization: Regularization = Regularization()
    optimizer: Optimizer = Optimizer()
    training: Training = Field(Training(), validate_default=True)

    @field_validator("training")
    @classmethod
    def _phases_add_up(cls, training: Training, info: ValidationInfo) -> Training:
        """Whatever was set: so a config that is changed by its dotted fields stays legal."""
        architecture = info.data.get("architecture")
        if architecture is None or not architecture.phases:
            return training
        epochs = sum(phase.epochs for phase in architecture.phases)
        if epochs > MOST_EPOCHS:
            raise ValueError(
                f"architecture.phases can have {MOST_EPOCHS:,} epochs in all. They have {epochs:,}"
            )
        return training.model_copy(update={"epochs": epochs})

    @model_validator(mode="after")
    def _network_fits_the_image(self) -> "RunConfig":
        layers_of(self.architecture, self.image.size)
        return self

    @model_validator(mode="after")
    def _augmentations_go_together(self) -> "RunConfig":
        if len(blends := self.augmentation.blends()) > 1:
            named = " and ".join(f"augmentation.{name}" for name in blends)
            raise ValueError(f"{named} can't both be on: set one of them to 0")
        return self


def load_config(values: Mapping[str, Any]) -> RunConfig:
    """Check `values` (as read from JSON) and return the config.

    Raises:
        ConfigError: with every unknown or out-of-range field in one message.
    """
    try:
        return RunConfig.model_validate(values)
    except ValidationError as error:
        raise ConfigError(problems=problems_of(error, RunConfig)) from error


def load_stored(values: Mapping[str, Any]) -> RunConfig | None:
    """The config of a stored run; None where it was legal in another version and isn't in this."""
    try:
        return load_config(values)
    except ConfigError:
        return None


def change_config(values: Mapping[str, Any], changes: Iterable[str]) -> dict[str, Any]:
    """Return a copy of `values` with changes of the form `a.b=value` made.

    Args:
        values: a config as read from JSON; missing parts mean their defaults.
        changes: each a dotted field name, `=`, and JSON or plain text.

    Raises:
        ConfigError: a change has no `=` or names a field below something that isn't an object.
    """
    changed: dict[str, Any] = dict(values)
    for change in changes:
        name, equals, text = change.partition("=")
        if not equals or not name.strip():
            raise ConfigError(
                f"A change must look like training.epochs=10. Received: change={change!r}"
            )
        changed = with_changes(changed, {name.strip(): _json_or_text(text)})
    return changed


def describe_changes(config: RunConfig) -> list[str]:
    """Every field that isn't at its default, in words: `Rotation 15°`, `L2 0.001`.

    The dataset and the length of the run are left out.
    """
    return list(described_changes(config).values())


def described_changes(config: RunConfig) -> dict[str, str]:
    """The same by the fields' dotted names."""
    changed, default = config.model_dump(), RunConfig().model_dump()
    return {
        name: words
        for name, info in walk(RunConfig)
        if name not in NOT_DESCRIBED
        and value_at(changed, name) != value_at(default, name)
        and (words := field_words(name, info, value_at(changed, name)))
    }


NOT_DESCRIBED = {"dataset", "training.epochs"}


def field_words(name: str, info: FieldInfo, value: Any) -> str:  # noqa: ANN401 - any config value
    """A field with a value that switches it on, in words: `Rotation 15°`, `L2 0.001`."""
    label: str = extra(info, "label")
    if value is True:
        return label
    if isinstance(value, dict):  # a schedule goes by its name, early stopping by its label
        return f"{label} {value['name'].replace('_', ' ')}" if "name" in value else label
    if isinstance(value, list | tuple):
        return counted(len(value), "own layer" if name == "architecture.layers" else "phase")
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    if value == IMAGENET:
        shown = "ImageNet"
    return f"{label} {with_unit(shown, extra(info, 'unit'))}"


def _json_or_text(text: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
