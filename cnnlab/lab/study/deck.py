"""How the slides of a study are shown: kept in the study's folder, as whoever presents chose it."""

import contextlib
from pathlib import Path
from typing import Any

from cnnlab.documents.story.deck import deck_of, stored
from cnnlab.documents.story.slides import SlideChoice
from cnnlab.domain.errors import StorageError
from cnnlab.domain.people.person import Action
from cnnlab.domain.study import Study
from cnnlab.files import read_json, write_json
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.study.studies import load_study
from cnnlab.lab.workplace import workplace

_DECK = "deck.json"


@asks(Action.VIEW)
def study_deck(study: Study) -> list[SlideChoice]:
    """Its slides in order; what is stored is read as far as it can be.

    A record that is damaged or can't be read at the moment is as good as none: the story can be
    told without.
    """
    return deck_of(study, kept_deck(study.id))


def kept_deck(study: str) -> Any:  # noqa: ANN401 - whatever JSON value is stored
    """What is stored of a study's slides; None where nothing is, or nothing that can be read."""
    path = _path(study)
    if not path.exists():
        return None
    with contextlib.suppress(StorageError, UnicodeDecodeError):
        return read_json(path)
    return None


@asks(Action.EDIT)
def save_deck(study: str, raw: object) -> list[SlideChoice]:
    """Keep how the slides of a study are shown; the last one who chooses is right.

    Args:
        study: its id.
        raw: a list of choices; what is odd in it is left out.

    Returns:
        All slides of the study as they are kept.

    Raises:
        NotFoundError: there is no such study.
        StorageError: the disk is full or can't be written.
    """
    deck = deck_of(load_study(study), raw)
    write_json(_path(study), stored(deck))
    return deck


def _path(study: str) -> Path:
    return workplace().home.study(study) / _DECK
