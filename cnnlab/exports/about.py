"""What is to be known of a model that is taken along, besides its weights."""

from dataclasses import dataclass
from typing import Any

from cnnlab.domain.config.run_config import Image
from cnnlab.domain.data.value_range import ValueRange


@dataclass(frozen=True)
class About:
    """What is to be known of a model besides its weights.

    Attributes:
        class_names: in the order of the outputs.
        image: what images are turned into before the model sees them.
        value_range: which values of images with more than 8 bits are black and white; None where
            the dataset has none.
        temperature: by which its logits are divided, so that its confidence is truer; None where
            they are as they were trained.
        threshold: probability of the likeliest class from which on the model was right often
            enough on its validation images; None where that isn't known.
    """

    class_names: tuple[str, ...]
    image: Image
    value_range: ValueRange | None = None
    temperature: float | None = None
    threshold: float | None = None

    def to_json(self) -> dict[str, Any]:
        """What a file says of itself, as JSON values: also `model.json` beside every file."""
        told: dict[str, Any] = {
            "class_names": list(self.class_names),
            "image": self.image.model_dump(mode="json"),
            "values": "0 to 255, scaled inside the model",
        }
        if self.value_range is not None:
            told["value_range"] = list(self.value_range)
        if self.temperature is not None:
            told["temperature"] = self.temperature
        if self.threshold is not None:
            told["threshold"] = self.threshold
        return told
