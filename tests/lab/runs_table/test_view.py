"""A view and its address."""

from urllib.parse import parse_qs

from hypothesis import given
from hypothesis import strategies as st

from cnnlab.domain.run import Status
from cnnlab.lab.runs_table.fields import table_fields
from cnnlab.lab.runs_table.saved import query_text
from cnnlab.lab.runs_table.view import (
    CHARTS,
    DEFAULT_COLUMNS,
    FieldRange,
    RunsView,
    range_words,
    view_from,
)

NAMES = sorted(name for name in table_fields() if name != "name")
NUMBERS = [name for name, field in table_fields().items() if field.is_number]
TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)
LIMIT = st.none() | st.integers(-10_000, 10_000).map(lambda number: number / 16)


@st.composite
def views(draw):
    def some(values, most=4):
        return tuple(draw(st.lists(values, max_size=most, unique=True)))

    ranges = {
        field: FieldRange(field, draw(LIMIT), draw(LIMIT))
        for field in some(st.sampled_from(NUMBERS))
    }
    return RunsView(
        text=draw(TEXT | st.just("")),
        datasets=some(TEXT),
        statuses=some(st.sampled_from([*Status])),
        tags=some(TEXT),
        starred=draw(st.booleans()),
        everything=draw(st.booleans()),
        ranges=tuple(one for one in ranges.values() if (one.low, one.high) != (None, None)),
        sort=draw(st.sampled_from(["", "-"])) + draw(st.sampled_from(NAMES)),
        columns=some(st.sampled_from(NAMES)),
        chart=draw(st.sampled_from(CHARTS)),
        axes=some(st.sampled_from(NAMES)),
        page=draw(st.integers(1, 100_000)),
    )


@given(views())
def test_an_address_restores_the_view(view):
    assert view_from(parse_qs(query_text(view))) == (view, [])


def test_the_usual_view_has_no_parameters():
    assert RunsView().to_address() == {}
    assert view_from({}) == (RunsView(), [])


def test_the_address_can_be_read():
    view = RunsView(
        statuses=(Status.FAILED, Status.STOPPED),
        ranges=(FieldRange("optimizer.learning_rate", 0.001, None),),
    )
    told = "status=failed,stopped&range=optimizer.learning_rate:0.001.."
    assert query_text(view) == told


def test_what_an_address_names_and_nobody_knows_is_said_and_left_out():
    view, wrong = view_from(
        {
            "status": ["failed,lazy"],
            "sort": ["-mood"],
            "columns": ["gap,mood,gap"],
            "range": ["gap:a..b", "dataset:1..2", "gap", "gap:nan..", "epochs:2..9"],
            "chart": ["pie"],
            "axes": ["gap,<b>"],
            "page": ["-3"],
        }
    )
    assert (view.statuses, view.columns, view.axes) == ((Status.FAILED,), ("gap",), ("gap",))
    assert (view.sort, view.chart, view.page) == ("-created", "none", 1)
    assert view.ranges == (FieldRange("epochs", 2, 9),)
    said = " ".join(wrong)
    assert len(wrong) == 9
    assert "status names 'lazy', which isn't known here: it is left out." in said
    assert said.count("range must look like optimizer.learning_rate:0.001..0.01") == 4
    assert "chart must be one of none, scatter, parallel" in said


def test_an_endless_address_is_cut_with_a_sentence():
    ranges = [f"{name}:1..2" for name in NUMBERS[:30]]
    view, wrong = view_from({"q": ["x" * 9999], "range": ranges, "columns": [",".join(NAMES)]})
    assert (len(view.text), len(view.ranges), len(view.columns)) == (200, 20, 30)
    assert "An address has at most 20 ranges: the others are left out." in wrong


def test_no_column_at_all_is_a_view_too():
    view = RunsView(columns=())
    assert view.to_address() == {"columns": "-"}
    assert view_from({"columns": ["-"]})[0].columns == ()
    assert RunsView().columns == DEFAULT_COLUMNS


def test_a_newer_range_of_a_field_takes_the_place_of_the_one_before():
    view = RunsView(ranges=(FieldRange("gap", 0, None),), page=4)
    narrowed = view.narrowed([FieldRange("gap", 0.1, 0.2), FieldRange("epochs", 1, 2)])
    assert narrowed.ranges == (FieldRange("gap", 0.1, 0.2), FieldRange("epochs", 1, 2))
    assert narrowed.page == 1


def test_ranges_in_words_are_in_the_unit_of_the_screen():
    fields = table_fields()
    share = FieldRange("best.val_accuracy", 0.5, 0.75)
    words = range_words(share, fields[share.field])
    assert words == "Validation accuracy, best epoch (%) 50 to 75"
    assert range_words(FieldRange("gap", None, 0.05), fields["gap"]) == "Gap (points) at most 5"
    assert range_words(FieldRange("epochs", 3, None), fields["epochs"]) == "Epochs at least 3"
