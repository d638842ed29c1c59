"""What somebody else wrote, held against the types of records."""

from typing import TypedDict, get_type_hints

from cnnlab.storage.bundles import typed
from cnnlab.storage.bundles.typed import misfit


class Row(TypedDict):
    """A record with one number."""

    number: int


def test_the_types_of_a_record_are_found_once_for_all_of_its_kind(monkeypatch):
    """They cost far more than the comparison, and a bundle has thousands of records."""
    found = []
    monkeypatch.setattr(
        typed, "get_type_hints", lambda kind: found.append(kind) or get_type_hints(kind)
    )
    rows = [{"number": number} for number in range(50)]
    assert misfit(rows, list[Row], "rows") is None
    assert misfit([*rows, {"number": "7"}], list[Row], "rows") == "has '7' for rows[50].number"
    assert found == [Row]
