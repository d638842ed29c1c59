"""In which order a study's slides are shown, which are hidden, and what their presenter notes."""

from collections.abc import Mapping, Sequence
from typing import Any, get_type_hints

from cnnlab.documents.story.slides import SlideChoice, Story
from cnnlab.domain.study import Kind, Study
from cnnlab.study.kinds.doses import turned_by

TITLES = {
    "question": "The question",
    "data": "The data",
    "expect": "What do you expect?",
    "curves": "The curves",
    "gap": "The gap",
    "verdict": "The verdict",
    "dose": "Dose and response",
    "worth": "Worth in images",
    "robustness": "Robustness",
    "mistakes": "What they get wrong",
    "limits": "What this rests on",
}
"""The slides, each with a name, in the order in which they are told unless another was chosen."""

MOST_NOTE_CHARACTERS = 4000
_FOR_ALL = get_type_hints(Story).keys() - TITLES.keys()


def read_deck(raw: object) -> list[SlideChoice]:
    """Every slide once, as somebody chose it, of whatever was stored or sent.

    What is odd in it is left out, such as a slide of another version. A slide that it doesn't name
    comes behind the one that it follows in the usual order.

    Args:
        raw: a list of choices, or anything else.
    """
    deck: dict[str, SlideChoice] = {}
    for entry in raw if isinstance(raw, list) else ():
        choice = _choice(entry)
        if choice is not None:
            deck.setdefault(choice["slide"], choice)
    order = list(deck)
    before = ""
    for name, title in TITLES.items():
        if name not in deck:
            order.insert(order.index(before) + 1 if before else 0, name)
            deck[name] = {"slide": name, "title": title, "is_hidden": False, "note": ""}
        before = name
    return [deck[name] for name in order]


def _choice(entry: object) -> SlideChoice | None:
    if not isinstance(entry, Mapping):
        return None
    slide, note = entry.get("slide"), entry.get("note")
    if not isinstance(slide, str) or slide not in TITLES:
        return None
    return {
        "slide": slide,
        "title": TITLES[slide],
        "is_hidden": entry.get("is_hidden") is True,
        "note": _sendable(note[:MOST_NOTE_CHARACTERS]) if isinstance(note, str) else "",
    }


def _sendable(note: str) -> str:
    """Half of an emoji, as cut by an editor, is legal in JSON and can't be sent as UTF-8."""
    return note.encode("utf-8", "replace").decode()


def stored(deck: Sequence[SlideChoice]) -> list[dict[str, Any]]:
    """What is to be kept of a deck: `read_deck` makes it again."""
    return [
        {"slide": each["slide"], "is_hidden": each["is_hidden"], "note": each["note"]}
        for each in deck
    ]


def deck_of(study: Study, raw: object) -> list[SlideChoice]:
    """The slides that a study can have, as somebody chose them; its kind decides on some."""
    never = set() if study.kind is Kind.WORTH else {"worth"}
    if turned_by(study) is None:
        never.add("dose")
    return [each for each in read_deck(raw) if each["slide"] not in never]


def for_audience(deck: Sequence[SlideChoice]) -> list[SlideChoice]:
    """What everybody may know: no hidden slide, no note."""
    return [{**each, "note": ""} for each in deck if not each["is_hidden"]]


def parts_of(story: Mapping[str, Any], deck: Sequence[SlideChoice]) -> dict[str, Any]:
    """What of a story the slides of a deck need."""
    wanted = _FOR_ALL | {each["slide"] for each in deck}
    return {name: part for name, part in story.items() if name in wanted}
