"""Images that judge a run and that trained the weights that it starts with."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from cnnlab.datasets.seen import seen_images
from cnnlab.domain.config.run_config import RunConfig, SplitFractions, load_stored
from cnnlab.domain.data.seen import Teacher, beside_accuracy_words, is_seen, seen_words
from cnnlab.domain.data.vault import SETTINGS
from cnnlab.domain.errors import DatasetError, NotFoundError, StorageError
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.training import SeenImages
from cnnlab.domain.run import Run
from cnnlab.domain.study import Study
from cnnlab.domain.words import counted, listed
from cnnlab.judging.words.looked_at_words import settings_words
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.data.gallery import open_index
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import workplace
from cnnlab.storage.pretrained.teachers import teachers_of


@dataclass(frozen=True)
class SeenByStart:
    """Images that would judge a run and that trained the weights that it would start with.

    Attributes:
        seen: how many.
        way_out: the split of one of the runs that trained them, with which fewer would; None where
            none does.
        left: how many would with it.
        arms: names of the arms of a study in which that is so; empty for all, or for a run.
    """

    seen: SeenImages
    way_out: SplitFractions | None = None
    left: int = 0
    arms: tuple[str, ...] = ()

    @property
    def images(self) -> int:
        """How many validate or test, together."""
        return _count(self.seen)

    @property
    def words(self) -> str:
        """That in sentences, with what can be done."""
        named = listed([f"'{name}'" for name in self.arms])
        where = f"In the {'arm' if len(self.arms) == 1 else 'arms'} {named}: " if named else ""
        said = f"{where}{seen_words(self.seen, is_planned=True)}"
        if not self.images:
            return said
        if self.way_out is None:
            return (
                f"{said} No split with which they were trained keeps the images apart: start with "
                "other weights."
            )
        settings = settings_words(self.way_out.model_dump(include=set(SETTINGS)))
        left = counted(self.left, "image") if self.left else "none"
        return f"{said} With {settings}, as when they were trained, {left} would be."


@asks(Action.VIEW)
def seen_by_start(config: RunConfig) -> SeenByStart | None:
    """What would be wrong with the numbers of a run that starts with another run's weights.

    Args:
        config: with `dataset` set.

    Returns:
        None where nothing would, or where no run is known that trained the weights.
    """
    teachers = _teachers(config.architecture.pretrained)
    if not teachers:
        return None
    try:
        seen = seen_images(config, teachers, open_index)
        if not is_seen(seen):
            return None
        tried = {split: _count(with_it) for split, with_it in _as_then(config, teachers)}
    except (NotFoundError, DatasetError, StorageError):  # of the dataset, which the launch says
        return None
    best = min(tried, key=lambda split: tried[split], default=None)
    if best is None or tried[best] >= _count(seen):
        return SeenByStart(seen)
    return SeenByStart(seen, best, tried[best])


@asks(Action.VIEW)
def seen_by_study(study: Study) -> SeenByStart | None:
    """The same of a study: of that arm in which the most would.

    Raises:
        ConfigError: an arm's changes aren't possible.
    """
    configs = {arm.name: study.config(arm, study.seeds[0]) for arm in study.arms}
    found = {name: one for name, config in configs.items() if (one := seen_by_start(config))}
    if not found:
        return None
    arms = () if len(found) == len(configs) else tuple(found)
    return replace(max(found.values(), key=lambda one: one.images), arms=arms)


@asks(Action.VIEW)
def run_seen(run: Run) -> SeenImages | None:
    """Which images that judge a run trained what it starts with; None where none are known to."""
    attempt = newest_attempt(run)
    if facts := attempt.started():
        start = facts.get("pretrained")
        return start.get("seen") if start else None
    config = load_stored(run.config)
    found = seen_by_start(config) if config else None
    return found.seen if found else None


@asks(Action.VIEW)
def run_seen_words(run: Run) -> str:
    """That a run's numbers are flattered by what it starts with; empty where they aren't."""
    return seen_words(run_seen(run))


@asks(Action.VIEW)
def accuracy_seen_words(run: Run) -> str:
    """The same in short, to be said beside a validation accuracy."""
    return beside_accuracy_words(run_seen(run))


def _teachers(asked: str | None) -> tuple[Teacher, ...]:
    if asked is None:
        return ()
    try:
        return teachers_of(workplace().home, workplace().runs.load(asked).id)
    except (NotFoundError, StorageError):  # ImageNet or a file; or a run that the launch refuses
        return ()


def _as_then(
    config: RunConfig, teachers: tuple[Teacher, ...]
) -> Iterator[tuple[SplitFractions, SeenImages]]:
    """The splits of the runs that trained the weights, with what would be seen with each."""
    for teacher in teachers:
        then = {name: teacher.split[name] for name in SETTINGS if name in teacher.split}
        split = config.split.model_copy(update=then)
        if split != config.split:
            as_then = config.model_copy(update={"split": split})
            yield split, seen_images(as_then, teachers, open_index)


def _count(seen: SeenImages) -> int:
    return seen["seen_validation"] + seen["seen_test"]
