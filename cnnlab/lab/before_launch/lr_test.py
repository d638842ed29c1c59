"""The learning-rate test: have a worker find a rate for a config; what is known is kept."""

from collections.abc import Callable

from cnnlab.domain.config.optimizer import USUAL_LEARNING_RATES
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.config.training import Training
from cnnlab.domain.course.phases import span_with_run_rate
from cnnlab.domain.errors import RunStateError
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.lr_test import LrTestOutcome
from cnnlab.jobs.kinds.lr_test import KIND, LrTestRequest
from cnnlab.jobs.state import JobState
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.before_launch.class_balance import check_sampling
from cnnlab.lab.before_launch.kept_work import KeptWork
from cnnlab.lab.pretrained import check_pretrained
from cnnlab.lab.work import wait_for
from cnnlab.lab.workplace import named_dataset

LrTestState = JobState[LrTestOutcome]
_WORK = KeptWork(KIND, "This learning-rate test")


def without_rate(config: RunConfig) -> RunConfig:
    """The part of a config that a learning-rate test depends on; the rest is at its usual.

    So what was found still holds once the rate is taken, and with another schedule or length.
    """
    usual = {"learning_rate": USUAL_LEARNING_RATES[config.optimizer.name], "schedule": None}
    parts = {
        "optimizer": config.optimizer.model_copy(update=usual),
        "regularization": config.regularization.model_copy(update={"early_stopping": None}),
    }
    if not config.architecture.phases:  # else it is the sum of theirs
        length = {"epochs": Training().epochs}
        parts["training"] = config.training.model_copy(update=length)
    return config.model_copy(update=parts)


@asks(Action.EDIT)
def start_lr_test(config: RunConfig, *, again: bool = False) -> str:
    """Have a worker look for a learning rate; what is known already isn't found out again.

    Args:
        config: with `dataset` set.
        again: try again where it failed, as after making room on the disk.

    Returns:
        The key by which `read_lr_test` tells how it goes.

    Raises:
        ConfigError: no dataset is named, the pretrained weights aren't there, the sampling can't
            draw every class, or no phase takes the run's learning rate.
        NotFoundError: there is no such dataset.
        StorageError: the disk is full.
    """
    named_dataset(config.dataset)
    check_pretrained(config)
    check_sampling(config)
    span_with_run_rate(config)
    values = without_rate(config).model_dump(mode="json")
    return _WORK.start(_WORK.key(values), LrTestRequest(values), again=again)


@asks(Action.VIEW)
def read_lr_test(key: str) -> LrTestState:
    """Where a learning-rate test stands.

    Raises:
        NotFoundError: there is no test with this key (any more).
    """
    return _WORK.read(key)


@asks(Action.EDIT)
def cancel_lr_test(key: str) -> None:
    """End a test that nobody wants any more; it can be asked for again.

    Raises:
        StorageError: the disk is full.
    """
    _WORK.cancel(key)


@asks(Action.EDIT, is_noted=False)
def wait_for_lr_test(
    config: RunConfig, *, on_phase: Callable[[str], object] = lambda text: None
) -> LrTestOutcome:
    """Find a learning rate, and wait for it.

    Args:
        config: with `dataset` set.
        on_phase: is told what is being done.

    Raises:
        CnnlabError: what `start_lr_test` raises.
        RunStateError: it came to nothing; the message says why.
    """
    key = start_lr_test(config, again=True)
    state = wait_for(lambda: read_lr_test(key), on_phase)
    if state is None or state.answer is None:
        raise RunStateError((state and state.problem) or "The learning-rate test came to nothing.")
    return state.answer
