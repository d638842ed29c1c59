"""Sentences about the config as the screen says them: by the labels of its fields.

The command line and the files name a field by its dotted name, the screen by what stands beside the
widget; both come from the same table.
"""

import re

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import CnnlabError, ConfigError, told_problems
from cnnlab.fields import find_field

_DOTTED = re.compile(r"\b[a-z_]+(?:\.[a-z0-9_]+)+\b")


def label_of(name: str) -> str:
    """What the screen calls a field: `Early stopping: Patience`; the name itself if there is none.

    Args:
        name: dotted.
    """
    found = find_field(RunConfig, name.split("."))
    return found.label if found.info is not None else name


def in_labels(said: str | CnnlabError) -> str:
    """An error, or what was said of a config before, with the labels of the fields that it names.

    Args:
        said: the error itself where it is at hand; a text that names fields by their dotted names.
    """
    if isinstance(said, ConfigError) and said.problems:
        return told_problems(
            [
                f"{label_of(problem.field)} {_labelled(problem.words)}".strip()
                for problem in said.problems
            ]
        )
    return _labelled(str(said))


def _labelled(text: str) -> str:
    return _DOTTED.sub(lambda found: label_of(found[0]), text)
