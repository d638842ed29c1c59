"""What of a good model's settings is worth searching: near them, and few fields."""

from collections.abc import Iterator

from cnnlab.domain.config.dotted import value_at
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.recipes.good_model import AUGMENTATION
from cnnlab.domain.recipes.recipe import SetFacts
from cnnlab.domain.search import Range

_RATE_FACTOR = 5.0
_MOST_SMOOTHING, _MOST_DROPOUT = 0.2, 0.5
_STRONGER = 2.5


def refined_ranges(config: RunConfig, facts: SetFacts) -> tuple[Range, ...]:
    """The learning rate, both regularizers and the strengths of what is augmented.

    Args:
        config: of the good model.
        facts: what it was picked by. Where an augmentation was found to change what images show,
            the range ends with what doesn't; else at 2.5 times the good model's strength, further
            than anything has looked: what is too strong costs validation accuracy.
    """
    rate = config.optimizer.learning_rate
    return (
        Range("optimizer.learning_rate", rate / _RATE_FACTOR, rate * _RATE_FACTOR, log=True),
        Range("regularization.dropout", 0.0, _MOST_DROPOUT),
        Range("regularization.label_smoothing", 0.0, _MOST_SMOOTHING),
        *_augmentations(config, facts),
    )


def _augmentations(config: RunConfig, facts: SetFacts) -> Iterator[Range]:
    for name in AUGMENTATION:
        strength = value_at(config, name)
        most = min(_STRONGER * strength, float(facts.unsafe.get(name, _STRONGER * strength)))
        if most > 0:
            yield Range(name, 0.0, round(most, 4))
