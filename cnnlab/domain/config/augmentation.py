"""Which random changes a training image goes through before the network sees it."""

from typing import TYPE_CHECKING

from pydantic import create_model

from cnnlab.augmentations.member import OFF
from cnnlab.augmentations.table import BLENDS, DETAILS, config_fields
from cnnlab.fields import ConfigModel

if TYPE_CHECKING:  # only `members` knows the fields: they are read by name, as in `active`
    _Fields = ConfigModel
else:
    _Fields = create_model("_Fields", __base__=ConfigModel, **config_fields())


class Augmentation(_Fields):
    """Strength of every augmentation; 0, `none` or false is off.

    All are applied to the training images only, anew for every image at every epoch, and never
    become part of the exported model. Named after what they do, in the unit of the name; the
    Keras layer that does the same stands in each help text. The fields are those of
    `cnnlab.augmentations.members`.
    """

    @property
    def is_on(self) -> bool:
        """Whether any augmentation is switched on."""
        return bool(self.active())

    def active(self) -> dict[str, float | str | bool]:
        """The fields that are switched on, with their values."""
        values = self.model_dump(exclude=set(DETAILS))
        return {name: value for name, value in values.items() if value not in OFF}

    def strengths(self) -> dict[str, float | str | bool]:
        """The fields that are switched on and those that say how, with their values."""
        return self.active() | self.model_dump(include=set(DETAILS))

    def blends(self) -> list[str]:
        """Those of the fields that are on which blend images and labels."""
        return [name for name in BLENDS if name in self.active()]
