"""What has to be known of a run to write its program."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.data.value_range import ValueRange


@dataclass(frozen=True)
class Recipe:
    """What has to be known of a run to write its program.

    Attributes:
        config: of the run as it was launched, with a batch size that is a number.
        run: its id.
        name: what it is called.
        class_names: in the order of the outputs.
        is_plain: whether all of its pictures are ordinary ones, with 8 bits a channel and without
            transparency, so that a short function prepares them.
        value_range: which values of images with more than 8 bits are black and white.
        frozen: names of the layers whose weights stay.
        statistics_passes: in how many passes batch norm's statistics are measured; 0 where no
            batch norm is trained.
        said: what happened to the run that its config doesn't say, a clause each.
        versions: of the packages that trained it, by their names for pip.
    """

    config: RunConfig
    run: str
    name: str
    class_names: tuple[str, ...]
    is_plain: bool = True
    value_range: ValueRange | None = None
    frozen: tuple[str, ...] = ()
    statistics_passes: int = 0
    said: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def channels(self) -> int:
        """Of an image: 3, or 1 for grayscale."""
        return self.config.image.channels

    @property
    def shown_name(self) -> str:
        """The run's name as it can stand in a text of Python."""
        told = "".join(one if one.isprintable() else " " for one in self.name)
        told = " ".join(told.replace("\\", "/").replace('"', "'").split())
        return told if len(told) <= _MOST_CHARACTERS else f"{told[:_MOST_CHARACTERS]}..."


_MOST_CHARACTERS = 60
