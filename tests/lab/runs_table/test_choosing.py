"""Which runs a view shows."""

import math

import pytest

from cnnlab import lab
from cnnlab.domain.run import Status
from cnnlab.lab.runs_table.fields import table_fields
from cnnlab.lab.runs_table.view import FieldRange, RunsView


def shown(**view):
    found = lab.choose_runs(lab.list_all_runs(), RunsView(**view))
    return [run.row.name for run in found]


@pytest.fixture
def some(put):
    put("weak", "regularization.dropout=0.1", accuracy=0.5)
    put("strong", "regularization.dropout=0.6", accuracy=0.9, dataset="e", starred=True)
    put("none", accuracy=0.7, tags=["phone", "approved"])
    put("of a study", study="s", arm="baseline")
    put("waiting", status=Status.QUEUED, tags=["phone"])


def test_each_filter_alone(some):
    assert shown() == ["waiting", "none", "strong", "weak"]
    assert shown(everything=True)[1] == "of a study"
    assert shown(datasets=("e",)) == ["strong"]
    assert shown(statuses=(Status.QUEUED,)) == ["waiting"]
    assert shown(starred=True) == ["strong"]
    assert shown(tags=("phone",)) == ["waiting", "none"]
    assert shown(tags=("phone", "approved")) == ["none"]
    assert shown(text="Dropout 0.6 STRONG") == ["strong"]
    assert shown(text="baseline", everything=True) == ["of a study"]
    assert shown(text="nothing like it") == []


def test_ranges_hold_with_their_bounds_and_for_settings_that_are_at_their_default(some):
    field = "regularization.dropout"
    assert shown(ranges=(FieldRange(field, 0.1, 0.6),)) == ["strong", "weak"]
    assert shown(ranges=(FieldRange(field, None, 0),)) == ["waiting", "none"]
    good = FieldRange("val_accuracy", 0.7, None)
    assert shown(ranges=(good,)) == ["none", "strong"]
    assert shown(ranges=(good, FieldRange(field, 0.5, None))) == ["strong"]


def test_what_is_unknown_comes_last_whichever_way(some):
    assert shown(sort="val_accuracy") == ["weak", "none", "strong", "waiting"]
    assert shown(sort="-val_accuracy") == ["strong", "none", "weak", "waiting"]
    assert shown(sort="name") == ["none", "strong", "waiting", "weak"]
    assert shown(sort="created") == ["weak", "strong", "none", "waiting"]


def test_every_field_can_be_shown_and_sorted_of_every_run(some):
    for name, field in table_fields().items():
        assert len(shown(sort=name, everything=True)) == 5
        for run in lab.list_all_runs().runs:
            value = field.value(run)
            if field.is_number:
                assert lab.number(value) is None or math.isfinite(value)


def test_a_value_of_the_wrong_kind_is_no_number():
    assert [lab.number(value) for value in (True, "auto", math.nan, None, 2)] == [None] * 4 + [2.0]
