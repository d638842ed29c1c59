"""Which version of the program made a run, and what follows where several did."""

from dataclasses import dataclass

import cnnlab
from cnnlab.domain.config.dotted import value_at
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.training import Nothing, WorkerFacts
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.runs import RunView, view_run
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.attempt import Attempt


@dataclass(frozen=True)
class Program:
    """A version of the program.

    Attributes:
        version: such as `0.1.0`.
        bits: its `BITS_VERSION`; None where the run is older than that.
    """

    version: str
    bits: int | None

    def __str__(self) -> str:
        """In words: `cnnlab 0.1.0 (bits 1)`."""
        return f"cnnlab {self.version}" + ("" if self.bits is None else f" (bits {self.bits})")

    def computes_like(self, other: "Program") -> bool:
        """Whether both give the same numbers for the same config and seed."""
        if self.bits is None or other.bits is None:
            return self.version == other.version
        return self.bits == other.bits


@asks(Action.VIEW)
def version_note(view: RunView) -> str | None:
    """What is to be known of the version that made a run, in a sentence; None if nothing is.

    A run that was resumed, or forked, under another version than it was begun by says so, and so
    does one that this version wouldn't repeat, or whose batch norm was judged by running averages.
    """
    return (
        " ".join(note for note in (_version_words(view), _statistics_words(view)) if note) or None
    )


def _version_words(view: RunView) -> str | None:
    own = _program(view.facts)
    if own is None:
        return None
    began = _program(_first_facts(view))
    if began and began != own:
        return f"Begun by {began} and gone on with by {own}: {_consequence(began, own)}"
    parent = _program(_parent_facts(view))
    if parent and parent != own:
        return f"Made by {own}, forked from a run of {parent}: {_consequence(parent, own)}"
    now = Program(cnnlab.__version__, cnnlab.BITS_VERSION)
    if not own.computes_like(now):
        return (
            f"Made by {own}; this is {now}, which may give the same config and seed other numbers."
        )
    return None


def _statistics_words(view: RunView) -> str | None:
    """What early versions did with batch norm: its statistics weren't measured for the weights."""
    frozen = value_at(view.run.config, "architecture.frozen_layers") or 0
    if _kept_averages(view.facts, frozen):
        return (
            "An early version judged its batch norm by running averages, which may be far off "
            "after some hundred steps: clean train, validation and the model may lie far below "
            "what this network can do. Repeat the run."
        )
    if any(_kept_averages(facts, frozen) for facts in (_first_facts(view), _parent_facts(view))):
        return (
            "Its first epochs are of an early version, which judged batch norm by running "
            "averages: clean train and validation of those may be too low."
        )
    return None


def _kept_averages(facts: WorkerFacts | Nothing | None, frozen: int) -> bool:
    """Whether these are of a version that didn't measure batch norm's statistics, and has any.

    Those among the first `frozen` layers with weights are the initial ones, whoever judges.
    """
    if not facts or "statistics_images" in facts:
        return False
    weighted = [row for row in facts.get("layers", []) if row["parameters"]]
    return any(row["kind"] == "BatchNormalization" for row in weighted[frozen:])


def _consequence(first: Program, second: Program) -> str:
    if first.computes_like(second):
        return "both give the same numbers."
    return "they may give different numbers, so no version is sure to repeat it."


def _program(facts: WorkerFacts | Nothing | None) -> Program | None:
    """Who wrote these facts; early versions didn't say."""
    if not facts or "versions" not in facts:
        return None
    version = facts["versions"].get("cnnlab")
    return Program(version, facts.get("bits_version")) if version else None


def _first_facts(view: RunView) -> WorkerFacts | None:
    """Those of the oldest attempt that is still there."""
    home = workplace().home
    for number in range(1, view.run.attempt):
        if facts := Attempt(home.attempt(view.run.id, number)).started():
            return facts
    return None


def _parent_facts(view: RunView) -> WorkerFacts | Nothing | None:
    if not view.run.origin:
        return None
    try:
        return view_run(view.run.origin["run"]).facts
    except CnnlabError:  # deleted, or damaged: nothing is known then
        return None
