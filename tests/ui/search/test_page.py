"""One search and the list of all as scripts, of trials that were made; nothing is trained."""

import re

import pytest

from cnnlab import lab
from cnnlab.domain.records.importance import SearchImportance
from cnnlab.domain.run import Status
from cnnlab.domain.search import Decisions, SearchStatus
from cnnlab.lab.workplace import workplace
from cnnlab.searching.closing import closing_study
from cnnlab.storage.searches import SearchStore
from cnnlab.ui.search import table
from cnnlab.ui.search.charts import importance_words
from tests.made_searches import made_search, made_trial_run
from tests.made_studies import made_study
from tests.ui.apps import errors, go_to, open_page, tables
from tests.ui.apps import words as said_on

RATE, DROPOUT = "optimizer.learning_rate", "regularization.dropout"
TRIALS = [
    ({RATE: 0.001, DROPOUT: 0.0}, 0.7),
    ({RATE: 0.01, DROPOUT: 0.2}, 0.9),
    ({RATE: 0.0002, DROPOUT: 0.4}, 0.6),
]
PRUNED = "Worse than the median at epoch 3."


def words(app):
    return said_on(app).replace("\\", "")


@pytest.fixture
def search(base):
    """A search that is under way: one trial is at work, one was ended early."""
    ranges = [lab.search_ranges()[RATE], lab.search_ranges()[DROPOUT]]
    made = lab.new_search(base, ranges, trials=40)
    made_search(made, TRIALS, Decisions(seconds=90, pruned={3: PRUNED}))
    values = {RATE: 0.02, DROPOUT: 0.1}
    made_trial_run(made, 3, values, 0.4, seed=5, epochs=3, status=Status.STOPPED)
    made_trial_run(made, 4, values, 0.8, seed=5, epochs=2, status=Status.RUNNING)
    return made


def decide(search, status, **changes):
    SearchStore(workplace().home).decide(
        search.id, Decisions(status, seconds=90, pruned={3: PRUNED}, **changes)
    )


def end(search):
    """As the supervisor leaves it after a stop."""
    running = next(run for run in lab.search_runs(search.id) if not run.status.is_ended)
    workplace().runs.update(running.id, status=Status.STOPPED)


def confirmed(search):
    """With its closing study, whose runs have finished."""
    end(search)
    decide(search, SearchStatus.STOPPED)
    winner = lab.view_search(search.id).best
    study = closing_study(search, winner, "s20261201-000000-aaaa", "2026-12-01T00:00:00+00:00")
    made_study(study, {"start": 0.7, "winner": 0.8})
    decide(search, SearchStatus.FINISHED, winner=winner.number, study=study.id)
    return study


def test_a_search_under_way_says_how_far_it_is_and_what_is_best(search):
    app = open_page("search", search=search.id)
    assert not app.error
    shown = words(app)
    assert "Validation accuracy over Learning rate 0.0001 to 0.03 (log), Dropout 0 to 0.6" in shown
    assert "At work: Trial 4, epoch 2 of 6." in shown
    assert "Learning rate 0.01 (was 0.001)" in shown and "Dropout 0.2 (was 0)" in shown
    assert "partly luck" in shown
    assert "At the end the winner trains again with 5 fresh seeds" in shown
    assert "Can't tell yet: 3 complete trials" in shown
    there = {button.key for button in app.button}
    assert "stop_search" in there and not there & {"resume_search", "delete_search"}


def test_the_table_says_who_was_ended_early_and_why(search):
    app = open_page("search", search=search.id)
    told = {row["Trial"]: row for row in tables(app)["All trials"]}
    assert list(told) == ["Trial 4", "Trial 3", "Trial 2", "Trial 1", "Start setting"]
    third = told["Trial 3"]
    assert (third["State"], third["Why"], third["Epochs"]) == ("✂ ended early", PRUNED, "3")
    assert told["Trial 1"]["Learning rate"] == "0.01"
    assert third["Validation accuracy"] == "–"


def test_a_search_is_stopped_and_goes_on(search):
    app = open_page("search", search=search.id)
    app.button(key="stop_search").click().run()
    end(search)
    assert lab.view_search(search.id).status is SearchStatus.STOPPED
    app = open_page("search", search=search.id)
    assert "Stopped by hand" in words(app)
    app.button(key="resume_search").click().run()
    assert not app.exception
    assert lab.view_search(search.id).status is SearchStatus.SEARCHING


@pytest.mark.parametrize("file", ["search.json", "decisions.json"])
def test_a_search_that_cannot_be_read_can_be_stopped_and_deleted(search, file):
    (workplace().home.search(search.id) / file).write_text("{}")
    app = open_page("search", search=search.id)
    assert any("damaged" in said for said in errors(app))
    app.button(key="stop_search").click().run()
    end(search)
    app = open_page("search", search=search.id)
    app.button(key="delete_search").click().run()
    app.button(key="confirm_delete_search").click().run()
    assert lab.list_runs() == []


def test_runs_of_a_search_that_failed_can_be_stopped(search):
    decide(search, SearchStatus.FAILED)
    app = open_page("search", search=search.id)
    there = {button.key for button in app.button}
    assert "stop_search" in there and "delete_search" not in there
    end(search)
    app = open_page("search", search=search.id)
    there = {button.key for button in app.button}
    assert "stop_search" not in there and "delete_search" in there


def test_a_search_is_renamed_and_deleted(search):
    end(search)
    decide(search, SearchStatus.STOPPED)
    app = open_page("search", search=search.id)
    app.button(key="rename_search").click().run()
    app.text_input(key="new_search_name").set_value("better")
    app.button(key="confirm_rename_search").click().run()
    assert lab.load_search(search.id).name == "better"
    app.button(key="rename_search").click().run()
    app.text_input(key="new_search_name").set_value("")
    app.button(key="confirm_rename_search").click().run()
    assert "A name needs 1 to 160" in errors(app)[0]
    app.button(key="delete_search").click().run()
    app.button(key="confirm_delete_search").click().run()
    assert not app.exception
    assert lab.list_searches() == [] and lab.list_runs() == []


def test_the_best_is_cloned_to_the_train_page(search):
    app = open_page("search", search=search.id)
    assert app.button(key="clone_best").proto.type == "secondary"
    end(search)
    decide(search, SearchStatus.FINISHED, winner=lab.view_search(search.id).best.number)
    app = open_page("search", search=search.id)
    assert app.button(key="clone_best").proto.type == "secondary"  # nothing has judged it yet
    app.button(key="clone_best").click().run()
    go_to(app, "train")
    assert app.number_input(key="learning_rate").value == 0.01
    assert app.slider(key="reg_dropout").value == 0.2


def test_a_finished_search_gets_more_trials(search):
    study = confirmed(search)
    app = open_page("search", search=search.id)
    app.button(key="extend_search").click().run()
    assert "a new closing study tests it: 10 runs on top" in words(app)
    app.button(key="confirm_extend_search").click().run()
    assert not app.exception and not app.error
    assert lab.load_search(search.id).trials == 25
    assert lab.view_search(search.id).status is SearchStatus.SEARCHING
    app = open_page("search", search=search.id)
    assert "earlier closing study tested other winners" in words(app)
    assert "extend_search" not in {button.key for button in app.button}
    assert [one.id for one in lab.list_studies()] == [study.id]


def test_the_end_says_the_verdict_and_how_much_was_luck(search):
    study = confirmed(search)
    app = open_page("search", search=search.id)
    shown = words(app)
    assert "helps" in shown
    assert re.search(r"Winner \*\*7\d\.\d\u00a0%\*\* · start setting 6\d\.\d\u00a0%", shown)
    assert app.button(key="clone_best").proto.type == "primary"
    assert "In the search the winner had" in shown and "of it were luck of its seeds" in shown
    assert shown.count("only the test images tell") == 1
    assert shown.count("In the search the winner had") == 1
    app.button(key="open_closing_study").click().run()
    assert app.query_params["study"] in (study.id, [study.id])


def test_the_list_says_where_each_search_stands(search):
    confirmed(search)
    app = open_page("search")
    [row] = tables(app)["Your searches"]
    assert (row["Search"], row["Status"]) == (search.name, "✓ finished")
    assert (row["Trials"], row["Closing study"]) == ("5 of 40, 1 ended early", "10 of 10 runs")
    assert row["Winner"] != "–"


def test_with_a_second_objective_both_are_shown(base):
    ranges = [lab.search_ranges()["architecture.filters"]]
    made = lab.new_search(base, ranges, trials=40, second="parameters")
    tried = [({"architecture.filters": count}, 0.7 + count / 1000) for count in (8, 16, 32)]
    made_search(made, tried)
    app = open_page("search", search=made.id)
    assert "Why" not in tables(app)["All trials"][0]  # where none has a reason to tell
    shown = words(app)
    assert "Both objectives" in shown or "No other trial is at least as good in both" in shown


def test_a_search_that_is_not_there_is_said(base):
    assert any("There is no search" in said for said in errors(open_page("search", search="o1")))


def test_importances_that_overlap_are_not_ranked():
    def found(low):
        shares = {
            RATE: {"share": 0.6, "low": low, "high": 0.8},
            DROPOUT: {"share": 0.2, "low": 0.0, "high": 0.4},
        }
        return SearchImportance(trials=30, fields=shares)

    assert importance_words(found(0.5)).endswith("Learning rate mattered most.")
    assert "can't be told: the intervals of Learning rate, Dropout overlap" in importance_words(
        found(0.3)
    )


def test_importances_are_ranked_against_all_others_and_only_where_there_is_something():
    def words(**shares):
        names = {"rate": RATE, "dropout": DROPOUT, "size": "image.size"}
        fields = {
            names[name]: {"share": share, "low": low, "high": high}
            for name, (share, low, high) in shares.items()
        }
        return importance_words(SearchImportance(trials=30, fields=fields))

    wide = words(rate=(0.6, 0.5, 0.7), dropout=(0.2, 0.1, 0.3), size=(0.1, 0.0, 0.55))
    assert "the intervals of Learning rate, Image size overlap" in wide
    assert words(rate=(0.6, 0.5, 0.7)).endswith("so there is nothing to compare it with.")
    none = words(rate=(0.0, 0.0, 0.0), dropout=(0.0, 0.0, 0.0))
    assert none.endswith("None of them explains anything: all trials are worth about the same.")


def test_a_closing_study_that_was_deleted_is_said(search):
    study = confirmed(search)
    for run in lab.study_runs(study.id):
        lab.delete_run(run.id)
    lab.delete_study(study.id)
    shown = words(open_page("search", search=search.id))
    assert "The closing study was deleted." in shown and "go on with the search" not in shown
    decide(search, SearchStatus.FINISHED, winner=1, study=study.id, message="All were tried.")
    assert "All were tried. The closing study was deleted." in words(
        open_page("search", search=search.id)
    )


def test_a_stopped_search_is_not_said_to_have_found_nothing(base):
    made = lab.new_search(base, [lab.search_ranges()[RATE]], trials=40)
    made_search(made, [({RATE: 0.001}, 0.9), ({RATE: 0.01}, 0.7)], Decisions(SearchStatus.STOPPED))
    shown = words(open_page("search", search=made.id))
    assert "go on with the search to get one" in shown and "nothing to confirm" not in shown


def test_the_list_moves_while_only_a_closing_study_runs(search, monkeypatch):
    end(search)
    decide(search, SearchStatus.CONFIRMING, winner=1, study="s1")
    asked = []
    real = table.st.fragment
    monkeypatch.setattr(
        table.st, "fragment", lambda *given, **named: asked.append(named) or real(*given, **named)
    )
    open_page("search")
    assert asked[-1]["run_every"]
    decide(search, SearchStatus.FINISHED, winner=1, study="s1")
    open_page("search")
    assert asked[-1]["run_every"] is None
