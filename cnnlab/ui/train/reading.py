"""The form as a run would be launched with it, or why none can be."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.config.wording.labels import in_labels
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.errors import BadInputError, DamagedError
from cnnlab.domain.network.plan import LayerError
from cnnlab.ui.form.problems import problems_by_field
from cnnlab.ui.form.state import read_form


@dataclass(frozen=True)
class Reading:
    """What the form says.

    Attributes:
        seen: its config, which may not fit the dataset; None where it isn't legal.
        config: the one that can be launched; None where none can.
        splits: images of each part.
        classes: how many the dataset has.
        parameters: of the network.
        problem: why none can be launched.
        at: the same by dotted names of the fields that it is about, as far as it names some.
    """

    seen: RunConfig | None = None
    config: RunConfig | None = None
    splits: Mapping[str, int] = field(default_factory=dict)
    classes: int = 0
    parameters: int = 0
    problem: str = ""
    at: Mapping[str, str] = field(default_factory=dict)


def read_page(dataset: Dataset) -> Reading:
    """Read the form, and check it against the dataset."""
    seen = None
    try:
        seen = read_form(dataset.id)
        parameters = lab.check_network(seen, max(2, len(dataset.classes)))
        lab.check_pretrained(seen)
        lab.check_sampling(seen)
        splits = lab.count_splits(dataset.id, seen.split)
        return Reading(seen, seen, splits, len(dataset.classes), parameters)
    except LayerError as error:
        at = error.block
        said = (
            str(error) if at is None else f"Block {at + 1} ({error.name}) doesn't fit: see Network."
        )
        return Reading(seen, problem=said)
    except (BadInputError, DamagedError) as error:
        return Reading(seen, problem=in_labels(error), at=problems_by_field(error))
