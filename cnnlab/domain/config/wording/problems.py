"""What is wrong with the values of a config: one problem for each field, said from its table."""

import difflib
import reprlib
from collections.abc import Mapping

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from cnnlab.domain.errors import FieldProblem
from cnnlab.fields import find_field, legal_number, walk

_NUMBER_PROBLEMS = ("greater_than", "less_than", "int_", "float_", "finite_number")
_TAGGED_BY = {
    "kind": "kind, such as conv, max_pool or dense",
    "name": "name, such as cosine or step",
}
"""What tells apart the kinds of a layer, and those of a schedule."""

_MOST_CHARACTERS = 80
_SHORT = reprlib.Repr()  # what somebody brings may be deep or long beyond measure
_SHORT.maxlevel, _SHORT.maxstring, _SHORT.maxother = 3, _MOST_CHARACTERS, _MOST_CHARACTERS


def problems_of(error: ValidationError, model: type[BaseModel]) -> list[FieldProblem]:
    """The problems that a validation found.

    Args:
        error: what pydantic says.
        model: the config that was validated.
    """
    return [_problem(details, model) for details in error.errors(include_url=False)]


def _problem(details: ErrorDetails, model: type[BaseModel]) -> FieldProblem:
    found = find_field(model, details["loc"])
    said, received = _message(details), details["input"]
    if isinstance(received, Mapping | list) and details["type"] == "value_error":
        # several fields together, which the sentence names; or a list that it counts
        return FieldProblem("" if isinstance(received, Mapping) else found.name, said)
    if details["type"] == "extra_forbidden":
        return FieldProblem(
            found.name, f"is not a field of the config{did_you_mean(found.name, model)}"
        )
    if details["type"] == "union_tag_invalid":
        kinds = details["ctx"]["expected_tags"].replace("'", "")
        tag = _SHORT.repr(details["ctx"]["tag"])
        return FieldProblem(found.name, f"can't be {tag:.{_MOST_CHARACTERS}}. Take one of: {kinds}")
    if found.info and details["type"].startswith(_NUMBER_PROBLEMS):
        legal = legal_number(found.info)
        said = f"must be {legal}" if legal else said
    return FieldProblem(
        found.name, f"{said}. Received: {_SHORT.repr(received):.{_MOST_CHARACTERS}}"
    )


def _message(details: ErrorDetails) -> str:
    if details["type"] in ("model_type", "model_attributes_type"):
        return "must be a JSON object"
    if details["type"] == "tuple_type":
        return "must be a list"
    if details["type"] == "union_tag_not_found":
        by = details["ctx"]["discriminator"].replace("'", "")
        return f"must have a {_TAGGED_BY[by]}"
    if details["type"] == "too_long":
        return f"can have at most {details['ctx']['max_length']} entries"
    if details["type"] == "too_short":
        return f"needs at least {details['ctx']['min_length']} entries"
    return details["msg"].removeprefix("Value error, ").removeprefix("Input ")


def did_you_mean(name: str, model: type[BaseModel]) -> str:
    """`; did you mean training.epochs?` of a field that isn't there; empty where none is alike."""
    known = [field for field, _ in walk(model)]
    namesakes = [field for field in known if _last(field) == _last(name)]
    if len(namesakes) == 1:
        return f"; did you mean {namesakes[0]}?"  # of another group
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if not close or not difflib.get_close_matches(_last(name), [_last(close[0])], cutoff=0.6):
        return ""  # alike by their group alone
    return f"; did you mean {close[0]}?"


def _last(name: str) -> str:
    return name.rpartition(".")[2]
