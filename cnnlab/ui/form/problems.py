"""What is wrong with the form, said at the fields that it is about."""

import re
from collections.abc import Mapping

import streamlit as st

from cnnlab.domain.config.wording.labels import in_labels
from cnnlab.domain.errors import CnnlabError, ConfigError
from cnnlab.ui.text import escaped

_KEY = "form_problems"
"""Session key: what is wrong, by the dotted names of fields."""

_DOTTED = re.compile(r"\b[a-z_]+\.[a-z0-9_]+(?:\.[a-z0-9_]+)*\b")


def problems_by_field(error: CnnlabError) -> dict[str, str]:
    """What an error says of each field; of several that don't go together, the same at each.

    Args:
        error: of a config.

    Returns:
        A sentence by dotted name; empty where the error names no field.
    """
    if not isinstance(error, ConfigError):
        return {}
    found: dict[str, str] = {}
    for problem in error.problems:
        named = [problem.field] if problem.field else _DOTTED.findall(problem.words)
        words = in_labels(problem.words)
        found |= {name: f"{words[:1].upper()}{words[1:]}" for name in named}
    if not error.problems:
        found = dict.fromkeys(_DOTTED.findall(str(error)), in_labels(error))
    return found


def note_problems(problems: Mapping[str, str]) -> None:
    """Have the fields that are drawn from now on say what is wrong with them.

    Args:
        problems: a sentence by dotted name.
    """
    st.session_state[_KEY] = dict(problems)


def is_wrong(name: str) -> bool:
    """Whether something is wrong with a field.

    Args:
        name: dotted; what lies below it counts as its own.
    """
    return bool(_words_at(name))


def render_problem(name: str) -> None:
    """Say what is wrong with a field, if anything.

    Args:
        name: dotted; what lies below it counts as its own.
    """
    for words in _words_at(name):
        st.markdown(f":red[:material/error: {escaped(words, limit=400)}]")


def _words_at(name: str) -> list[str]:
    problems: Mapping[str, str] = st.session_state.get(_KEY, {})
    return [said for at, said in problems.items() if at == name or at.startswith(f"{name}.")]
