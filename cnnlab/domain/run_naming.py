"""What a run is called that nobody has named: `Digits, small CNN, dropout 0.3`."""

from collections.abc import Mapping, Sequence
from typing import Any

from cnnlab.domain.config.run_config import RunConfig, described_changes
from cnnlab.domain.config.wording.choice_words import choice_words

_MOST_LETTERS = 200
_MOST_CHANGES = 3
_OF_NETWORK = ("architecture.preset", "architecture.layers")
_FIRST = ("regularization.", "augmentation.")
"""Parts of the config that a name tells of before all others: what a user compares."""


def run_words(config: RunConfig, dataset: str) -> str:
    """A name in words: dataset, network, and at most three things that aren't at their default.

    Of a dataset with a long name it tells as much as a run's name may.

    Args:
        config: of the run.
        dataset: name of its dataset.
    """
    architecture = config.architecture
    told = setting_words(architecture.preset, architecture.layers, described_changes(config))
    return f"{dataset}, {told}"[:_MOST_LETTERS]


def setting_words(preset: str, layers: Sequence[Any] | None, changes: Mapping[str, str]) -> str:
    """Likewise, without the dataset.

    Args:
        preset: of the network; `layers` are its own ones, which go before it.
        layers: as the config has them.
        changes: what isn't at its default, in words, by dotted name.
    """
    network = "own network" if layers else lowered(choice_words(preset))
    parts = [(name, words) for name, words in changes.items() if name not in _OF_NETWORK]
    parts.sort(key=lambda part: _place(part[0]))
    told = [lowered(words) for _, words in parts]
    more = [f"{len(told) - _MOST_CHANGES} more"] if len(told) > _MOST_CHANGES else []
    return ", ".join([network, *told[:_MOST_CHANGES], *more])


def _place(name: str) -> int:
    return next((at for at, part in enumerate(_FIRST) if name.startswith(part)), len(_FIRST))


def lowered(words: str) -> str:
    """Words within a sentence; names that are written their own way keep it: `L2`, `CutMix`."""
    return words[0].lower() + words[1:] if words.split()[0][1:].islower() else words
