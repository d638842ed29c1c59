"""Files of weights that a command names: they are added to the home, and the config gets their ids.

Only the command line takes paths, as whoever types it may read these files anyway.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from cnnlab import lab
from cnnlab.domain.config.dotted import value_at, with_changes
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.study import Study

_FIELD = "architecture.pretrained"


def with_ids(config: RunConfig) -> RunConfig:
    """A config whose file of weights was added, if it names one.

    Raises:
        BadInputError: it names neither weights nor a file of them.
        StorageError: the disk is full.
    """
    return load_config(_with_id(config.model_dump(mode="json")))


def study_with_ids(study: Study) -> Study:
    """As `with_ids`, for the base and the arms of a study."""
    arms = tuple(
        replace(arm, changes=arm.changes | {_FIELD: _id_of(arm.changes[_FIELD])})
        if _FIELD in arm.changes
        else arm
        for arm in study.arms
    )
    return replace(study, arms=arms, base=_with_id(study.base))


def _with_id(values: dict[str, Any]) -> dict[str, Any]:
    return with_changes(values, {_FIELD: _id_of(value_at(values, _FIELD))})


def _id_of(asked: str | None) -> str | None:
    if asked is None or lab.names_weights(asked):
        return asked
    return lab.add_pretrained(Path(asked)).id
