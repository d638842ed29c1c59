"""What the browser's modules take over from Python: words, and the types of the records.

`.venv/bin/python -m tests.browser.generated` writes both files anew; a test compares.
"""

import inspect
import json
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import (
    Any,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from cnnlab.documents.story.slides import Story
from cnnlab.domain.records.prediction import PredictAnswer
from cnnlab.domain.records.stream import ChartData, StreamNews
from cnnlab.domain.run import Status
from cnnlab.server.streams.channel import MOST_STEPS
from cnnlab.ui.components.account.account import AccountData
from cnnlab.ui.components.bar.bar import BarData
from cnnlab.ui.components.class_cards.class_cards import ClassCardsData
from cnnlab.ui.components.cloud.cloud import CloudData
from cnnlab.ui.components.confusion.confusion import ConfusionData
from cnnlab.ui.components.formats.formats import FormatsData
from cnnlab.ui.components.gallery.gallery import GalleryData
from cnnlab.ui.components.live.live import Watched
from cnnlab.ui.components.looks.looks import LooksData
from cnnlab.ui.components.network.network import NetworkData, NetworkEdit
from cnnlab.ui.components.page_check.page_check import PageCheckData
from cnnlab.ui.components.pictures.pictures import PicturesData
from cnnlab.ui.components.predict.predict import PredictData
from cnnlab.ui.components.presenter.presenter import PresenterData
from cnnlab.ui.components.run_table.run_table import RunTableData
from cnnlab.ui.components.table.table import TableData

SHARED = Path(__file__).parents[2] / "cnnlab" / "ui" / "components" / "shared"
ROOTS = (
    AccountData,
    StreamNews,
    ChartData,
    Watched,
    FormatsData,
    GalleryData,
    ClassCardsData,
    PicturesData,
    ConfusionData,
    CloudData,
    PresenterData,
    Story,
    PredictAnswer,
    PageCheckData,
    PredictData,
    LooksData,
    NetworkData,
    NetworkEdit,
    RunTableData,
    TableData,
    BarData,
)
"""The records that the browser is given; those within them follow."""

_HEAD = "// Made by tests/browser/generated.py from the program's Python: change it there.\n"
_PLAIN: dict[object, str] = {
    int: "number", float: "number", str: "string", bool: "boolean", type(None): "null",
    Any: "any",
}  # fmt: skip


def words() -> str:
    """The module with what both halves of the program say of a run."""
    ended = [str(status) for status in Status if status.is_ended]
    spoken = {str(status): str(status).capitalize() for status in Status}
    return (
        _HEAD
        + "\n/** Where a run stands, in words.\n * @type {Record<string, string>}\n */\n"
        + f"export const STATUS_WORDS = {_script(spoken)}\n"
        + "\n/** After these nothing happens to a run by itself; interrupted, it starts again. */\n"
        + f"export const ENDED = new Set({_script(ended)})\n"
        + "\n/** More points of a curve than these aren't sent and aren't drawn. */\n"
        + f"export const MOST_POINTS = {MOST_STEPS}\n"
    )


def records() -> str:
    """The TypeScript interfaces of the records."""
    return _HEAD + "".join(map(_interface, _all_records()))


FILES: dict[str, Callable[[], str]] = {"words.mjs": words, "records.d.ts": records}


def _script(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _all_records() -> Iterator[type]:
    """Every record that is reached from the roots, each once."""
    found, wanted = set(), list(ROOTS)
    while wanted:
        record = wanted.pop(0)
        if record in found:
            continue
        found.add(record)
        yield record
        hints = get_type_hints(record, include_extras=True)
        wanted.extend(part for hint in hints.values() for part in _records_in(hint))


def _records_in(hint: Any) -> Iterator[type]:
    if is_typeddict(hint):
        yield hint
    for part in get_args(hint):
        yield from _records_in(part)


def _interface(record: type) -> str:
    lines = [
        f"  {name}{'' if name in record.__required_keys__ else '?'}: {_type_of(hint)}\n"
        for name, hint in get_type_hints(record, include_extras=True).items()
    ]
    told = (inspect.getdoc(record) or "").partition("\n")[0]
    return f"\n/** {told} */\nexport interface {record.__name__} {{\n{''.join(lines)}}}\n"


def _type_of(hint: Any) -> str:
    """An annotation in TypeScript.

    Raises:
        TypeError: it's of a kind that no record has had yet.
    """
    if hint in _PLAIN:
        return _PLAIN[hint]
    if is_typeddict(hint):
        return hint.__name__
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (NotRequired, Required):
        return _type_of(parts[0])
    if origin is Literal:
        return " | ".join(map(json.dumps, parts))
    if origin in (Union, types.UnionType):
        return " | ".join(map(_type_of, parts))
    if origin is list:
        return (
            f"{_type_of(parts[0])}[]"
            if len(get_args(parts[0])) < 2
            else f"({_type_of(parts[0])})[]"
        )
    if origin is dict:
        return f"Record<{_type_of(parts[0])}, {_type_of(parts[1])}>"
    raise TypeError(f"{hint} has no TypeScript type yet: add it here.")


if __name__ == "__main__":
    for file, text in FILES.items():
        (SHARED / file).write_text(text(), encoding="utf-8")
