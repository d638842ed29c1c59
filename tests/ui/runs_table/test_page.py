"""The Runs page: its view stands in the address, and several runs are dealt with at once."""

import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.errors import StorageError
from cnnlab.domain.run import Run, Status
from cnnlab.lab.runs_table.view import RunsView
from cnnlab.lab.workplace import workplace
from cnnlab.ui.runs_table import table
from tests.made_runs import epoch_record, no_supervisor
from tests.ui.apps import errors, open_page, words
from tests.ui.judge.pages import given
from tests.ui.runs_table.rows import column, column_names, rows


@pytest.fixture
def some(home, monkeypatch):
    no_supervisor(monkeypatch)
    for number, rate in enumerate((0.1, 0.01, 0.001)):
        config = RunConfig.model_validate({"dataset": "d", "optimizer": {"learning_rate": rate}})
        record = epoch_record(4, val_accuracy=0.5 + rate)
        run = Run(
            f"run-{number}", f"rate {rate}", "d", config.model_dump(mode="json"), Status.FINISHED,
            created_at=f"2026-01-01T00:00:0{number}", last=record, best=record,
        )  # fmt: skip
        workplace().runs.create(run)


def shown(app):
    return [row["name"] for row in rows(app)]


def address(app):
    """Parameters by name; of several values the first."""
    values = {
        name: [*map(str, [value] if isinstance(value, str) else value)]
        for name, value in app.query_params.items()
    }
    return {name: texts[0] for name, texts in values.items() if texts}


def tick(app, *runs):
    app.session_state["runs_ticked"] = dict.fromkeys(runs)
    app.run()


def test_once_the_last_run_has_ended_nothing_is_asked_again_and_again(some, monkeypatch):
    pauses, fragment, listed = [], table.st.fragment, lab.list_all_runs

    def noted(function, *, run_every=None):
        if function is table._render_rows:
            pauses.append(run_every)
        return fragment(function, run_every=run_every)

    def ended_after_one_look():
        listing = listed()
        workplace().runs.update("run-1", status=Status.FINISHED)
        return listing

    workplace().runs.update("run-1", status=Status.RUNNING)
    monkeypatch.setattr(table.st, "fragment", noted)
    monkeypatch.setattr(lab, "list_all_runs", ended_after_one_look)
    open_page("runs")
    assert pauses == [table._REFRESH_SECONDS, None]


def test_an_address_restores_filter_order_and_columns(some):
    app = open_page(
        "runs", range="optimizer.learning_rate:0.005..", sort="val_accuracy",
        columns="optimizer.learning_rate,val_accuracy", q="rate",
    )  # fmt: skip
    assert shown(app) == ["rate 0.01", "rate 0.1"]
    assert column_names(app) == ["optimizer.learning_rate", "val_accuracy"]
    assert column(app, "optimizer.learning_rate") == {"rate 0.01": "0.01", "rate 0.1": "0.1"}
    assert column(app, "val_accuracy") == {"rate 0.01": "51.0", "rate 0.1": "60.0"}
    assert "2 runs of 3." in words(app)
    assert app.text_input(key="runs_text").value == "rate"
    assert app.selectbox(key="runs_sort").value == "val_accuracy"
    assert errors(app) == []
    app.button(key="range_optimizer.learning_rate").click().run()
    assert len(rows(app)) == 3 and address(app)["q"] == "rate"
    app.button(key="clear_runs_filters").click().run()
    assert "q" not in address(app)
    assert app.text_input(key="runs_text").value == ""


def test_each_filter_is_written_into_the_address(some):
    app = open_page("runs")
    assert shown(app) == ["rate 0.001", "rate 0.01", "rate 0.1"]
    app.text_input(key="runs_text").set_value("rate 0.0").run()
    app.multiselect(key="runs_status").set_value([Status.FINISHED]).run()
    assert address(app) == {"q": "rate 0.0", "status": "finished"}
    app.selectbox(key="range_field").set_value("val_accuracy").run()
    app.number_input(key="range_high").set_value(50.5)
    app.button(key="add_range").click().run()
    assert address(app)["range"] == "val_accuracy:..0.505"
    assert shown(app) == ["rate 0.001"]
    app.toggle(key="runs_starred").set_value(True).run()
    assert rows(app) == [] and "No run fits these filters." in words(app)
    app.toggle(key="runs_descending").set_value(False).run()
    app.multiselect(key="runs_columns").set_value([]).run()
    assert (address(app)["sort"], address(app)["columns"]) == ("created", "-")


def test_what_an_address_asks_wrongly_is_said(some):
    app = open_page("runs", sort="mood", range="gap")
    told = " ".join(one.value.replace("\\", "") for one in app.warning)
    assert "sort names 'mood'" in told and "range must look like" in told
    assert len(rows(app)) == 3


def test_a_saved_view_is_opened_and_deleted(some):
    app = open_page("runs", q="0.01")
    app.text_input(key="view_name").set_value("Mine *")
    app.button(key="save_view").click().run()
    app.text_input(key="view_name").set_value("")
    app.button(key="save_view").click().run()
    assert "A view's name needs" in errors(app)[0]
    other = open_page("runs")
    (saved,) = lab.list_views()
    assert other.button(key=f"view_{saved.id}").label == "Mine \\*"
    other.button(key=f"view_{saved.id}").click().run()
    assert shown(other) == ["rate 0.01"] and address(other) == {"q": "0.01"}
    other.button(key=f"delete_view_{saved.id}").click().run()
    assert lab.list_views() == []


def test_all_that_the_filter_shows_are_chosen_and_exported(some):
    app = open_page("runs", q="rate 0.0")
    app.button(key="choose_shown").click().run()
    assert "**2 chosen**" in words(app)
    assert [row["ticked"] for row in rows(app)] == [True, True]
    link = next(one.proto.url for one in app.get("link_button") if "runs.csv" in one.proto.url)
    text = b"".join(lab.chosen_runs_csv(link.split("/")[-2])).decode()
    assert [line.split(",")[0] for line in text.splitlines()] == ["run", "run-2", "run-1"]
    app.button(key="choose_none").click().run()
    assert [row["ticked"] for row in rows(app)] == [False, False]


def test_chosen_runs_are_marked_at_once(some):
    app = open_page("runs")
    tick(app, "run-0", "run-2")
    app.button(key="star_runs").click().run()
    app.multiselect(key="tags_to_add").set_value(["approved"])
    app.button(key="tag_runs").click().run()
    assert [(row["id"], row["starred"]) for row in rows(app)] == [
        ("run-2", True), ("run-1", False), ("run-0", True),
    ]  # fmt: skip
    assert column(app, "tags") == {
        "rate 0.001": "approved",
        "rate 0.01": "",
        "rate 0.1": "approved",
    }
    app.multiselect(key="tags_to_add").set_value(["x" * 41])
    app.button(key="tag_runs").click().run()
    assert "A tag has at most 40 characters" in errors(app)[0]


def test_of_chosen_runs_that_the_filter_hides_is_told(some, monkeypatch):
    app = open_page("runs", q="rate 0.0")
    tick(app, "run-1", "run-0")
    assert "**2 chosen**, 1 of them not shown here" in words(app)
    app.button(key="delete_runs").click().run()
    told = words(app).replace("\\", "")
    assert "- rate 0.1, not shown here\n- rate 0.01" in told and "more" not in told
    monkeypatch.setattr("cnnlab.ui.runs_table.bulk._MOST_NAMED", 1)
    app = open_page("runs", q="rate 0.001")
    tick(app, "run-1", "run-0")
    assert "**2 chosen**, none of them shown here" in words(app)
    app.button(key="delete_runs").click().run()
    assert "- rate 0.01, not shown here\n- and 1 more" in words(app).replace("\\", "")


def refuse(*args, **kwargs):
    raise StorageError("The disk is full.")


def test_what_can_not_be_stored_is_said_where_it_was_asked(some, monkeypatch):
    asked = [{"action": "star", "of": "run-0"}]
    monkeypatch.setattr(
        "cnnlab.ui.runs_table.table.ask_run_table",
        lambda *args, **kwargs: asked.pop() if asked else None,
    )
    kept = lab.save_view("Mine", RunsView())
    for name in ("star_runs", "delete_view", "plan_deletion"):
        monkeypatch.setattr(lab, name, refuse)
    # A browser's click runs the fragment alone, of which only it may ask to be run again.
    monkeypatch.setattr("cnnlab.ui.runs_table.table.st.rerun", lambda **_: None)
    app = open_page("runs")
    assert errors(app.run()) == ["The disk is full."]
    assert errors(app.run()) == []
    app.button(key=f"delete_view_{kept.id}").click().run()
    assert errors(app) == ["The disk is full."]
    tick(app, "run-0")
    app.button(key="delete_runs").click().run()
    assert errors(app) == ["The disk is full."]


def test_the_runs_are_filtered_once_a_page(some, monkeypatch):
    done, choose = [], lab.choose_runs
    monkeypatch.setattr(lab, "choose_runs", lambda *given: done.append(1) or choose(*given))
    assert len(rows(open_page("runs", q="rate"))) == 3
    assert len(done) == 1


def test_deleting_asks_once_and_says_what_is_kept(some):
    workplace().runs.update("run-1", status=Status.QUEUED)
    app = open_page("runs")
    tick(app, "run-0", "run-1")
    app.button(key="delete_runs").click().run()
    assert "1 run has not ended: stop it first" in words(app).replace("\\", "")
    assert len(lab.list_all_runs().runs) == 3
    app.button(key="confirm_delete_runs").click().run()
    assert {run.id for run in lab.list_all_runs().runs} == {"run-1", "run-2"}


def test_of_runs_that_wait_the_place_in_the_queue_is_told(some):
    for run in ("run-0", "run-2"):
        workplace().runs.update(run, status=Status.QUEUED)
    app = open_page("runs", columns="status")
    assert list(column(app, "status").values()) == [
        "⏳ queued, place 2", "✓ finished", "⏳ queued, place 1",
    ]  # fmt: skip


def test_pages_of_the_table_follow_the_address(some, monkeypatch):
    monkeypatch.setattr("cnnlab.ui.runs_table.table.ROWS_OF_A_PAGE", 2)
    app = open_page("runs")
    assert len(rows(app)) == 2
    app.button(key="next_page").click().run()
    assert shown(app) == ["rate 0.1"] and address(app) == {"page": "2"}
    app.query_params["page"] = "99"
    assert shown(app.run()) == ["rate 0.1"]


def test_ten_thousand_tags_and_odd_names_do_no_harm(some):
    workplace().runs.update(
        "run-0", name="<b>\u202e\x07 *a*", tags=[f"{n} $" for n in range(10_000)]
    )
    app = open_page("runs")
    assert rows(app)[2]["name"] == "<b>   *a*"
    assert len(rows(app)[2]["cells"][column_names(app).index("tags")]) <= 160
    assert len(app.multiselect(key="runs_tags").options) == 500


def test_the_way_back_from_a_run_leads_to_the_view_that_was_left(some):
    app = open_page("runs", q="0.01")
    assert app.session_state["runs_address"] == RunsView(text="0.01").to_address()


def test_a_marked_part_of_a_chart_becomes_a_filter(some, monkeypatch):
    marked = {"runs_scatter": {"x": [0.005, 0.05], "y": [40, 55]}}
    monkeypatch.setattr(
        "cnnlab.ui.runs_table.charts.render_figure", lambda figure, key, **_: marked.pop(key, None)
    )
    app = open_page("runs", chart="scatter")
    assert shown(app) == ["rate 0.01"]
    told = app.query_params["range"]
    assert told == ["optimizer.learning_rate:0.005..0.05", "val_accuracy:0.4..0.55"]
    marked["runs_parallel"] = {"x": [-0.05, 0.4], "y": [-0.1, 0.2]}
    app = open_page("runs", chart="parallel")
    assert shown(app) == ["rate 0.001"]
    assert app.multiselect(key="chart_axes").value == ["optimizer.learning_rate", "val_accuracy"]


def test_a_chart_and_its_axes_stand_in_the_address(some):
    app = open_page("runs", chart="scatter", axes="epochs,gap")
    assert (app.selectbox(key="chart_x").value, app.selectbox(key="chart_y").value) == (
        "epochs",
        "gap",
    )
    app.selectbox(key="chart_x").set_value("best.loss").run()
    assert address(app)["axes"] == "best.loss,gap"
    app.segmented_control(key="runs_chart").set_value("none").run()
    assert address(app) == {} and given(app, "figure") is None


def test_runs_that_the_table_leaves_out_unasked_are_said_to_be_elsewhere(some):
    assert "3 runs. Press one" in words(open_page("runs"))
    workplace().runs.update("run-1", study="s20260101-000000-0001")
    assert "2 runs of 3; 1 belongs to studies and searches. Press one" in words(open_page("runs"))
    assert "3 runs. Press one" in words(open_page("runs", all="yes"))
