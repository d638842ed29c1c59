"""The formats of a model as a table in the browser; choosing several costs no run of the page."""

from typing import Literal, TypedDict

from cnnlab.ui.components.shared.component import browser_component, rerun

_formats = browser_component("formats")

FormatStage = Literal["none", "under_way", "verified", "unverified", "refused", "blocked"]


class FormatRow(TypedDict):
    """A format of a run, in words.

    Attributes:
        name: of the format.
        group: heading under which it is listed.
        stage: where it stands; `unverified` can be downloaded, too; `blocked` waits for something
            that a user has to do first, such as installing packages.
        words: the same for people, with the reason where there is one.
        bytes: of the download; 0 before there is one.
        agreement: how the file compares with the model; empty where it wasn't compared.
        accuracy: of the file beside that of the model; likewise.
        milliseconds: an image takes, likewise.
        memory: that its runtime took, likewise.
        needs: what runs it.
    """

    name: str
    title: str
    purpose: str
    group: str
    stage: FormatStage
    words: str
    bytes: int
    agreement: str
    accuracy: str
    milliseconds: str
    memory: str
    needs: str


class FormatsData(TypedDict):
    """The table.

    Attributes:
        rows: in the order of their groups.
        version: another text says that another run's formats are meant: none is ticked.
        chosen: name of the format that is shown closely.
        address: from which several are downloaded, up to their names; `rest` follows these.
    """

    rows: list[FormatRow]
    version: str
    chosen: str
    address: str
    rest: str


class FormatsAsked(TypedDict):
    """What a user wants of formats."""

    action: Literal["show", "prepare", "cancel"]
    names: list[str]


def ask_formats(data: FormatsData, *, key: str) -> FormatsAsked | None:
    """Show the table; what is asked for is returned once.

    Args:
        data: what it shows.
        key: the widget's key.
    """
    result = _formats(key=key, data=data, on_asked_change=rerun)
    asked: FormatsAsked | None = result.asked
    return asked
