"""What a run is called that nobody has named: `Digits, small CNN, dropout 0.3`."""

from collections.abc import Mapping, Sequence
from typing import Any

from cnnlab.augmentations import table
from cnnlab.domain.config.run_config import RunConfig, described_changes
from cnnlab.domain.config.wording.choice_words import choice_words
from cnnlab.domain.words import counted

_MOST_LETTERS = 200
_MOST_CHANGES = 3
_OF_NETWORK = ("architecture.preset", "architecture.layers")
_AUGMENTATION = "augmentation"
_FIRST = ("regularization.", _AUGMENTATION)
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
    """Likewise, without the dataset; where not all has room, augmentations are counted.

    Args:
        preset: of the network; `layers` are its own ones, which go before it.
        layers: as the config has them.
        changes: what isn't at its default, in words, by dotted name.
    """
    network = "own network" if layers else lowered(choice_words(preset))
    parts = [(name, lowered(words)) for name, words in changes.items() if name not in _OF_NETWORK]
    parts.sort(key=lambda part: _place(part[0]))
    if len(parts) <= _MOST_CHANGES:
        return ", ".join([network, *(words for _, words in parts)])
    parts = _with_augmentations_counted(parts)
    told = [words for _, words in parts[:_MOST_CHANGES]]
    more = [f"{len(parts) - _MOST_CHANGES} more"] if len(parts) > _MOST_CHANGES else []
    return ", ".join([network, *told, *more])


def _place(name: str) -> int:
    return next((at for at, part in enumerate(_FIRST) if name.startswith(part)), len(_FIRST))


def _with_augmentations_counted(parts: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Several of them as one part, and in any case among those that are told."""
    own = [part for part in parts if part[0].startswith(f"{_AUGMENTATION}.")]
    others = [part for part in parts if part not in own]
    names = [name for name, _ in own if name.partition(".")[2] not in table.DETAILS]
    if len(names) > 1:
        own = [(_AUGMENTATION, counted(len(names), _AUGMENTATION))]
    regularizers = sum(_place(name) == 0 for name, _ in others)
    at = min(regularizers, _MOST_CHANGES - 1)
    return [*others[:at], *own, *others[at:]]


def lowered(words: str) -> str:
    """Words within a sentence; names that are written their own way keep it: `L2`, `CutMix`."""
    return words[0].lower() + words[1:] if words.split()[0][1:].islower() else words
