"""The story by our route: what is new to whom, and keeping how its slides are shown."""

import json
import threading

import pytest

from cnnlab import lab
from cnnlab.documents.story.deck import MOST_NOTE_CHARACTERS
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.run import Status
from cnnlab.lab.workplace import workplace
from cnnlab.server.access import TOKEN_HEADER
from cnnlab.server.addresses import DECK, STORY, address
from cnnlab.server.streams import story_feed
from cnnlab.server.streams.story_feed import StoryFeed
from tests.made_studies import made_study, study_base, with_id

BEST = {"baseline": 0.8, "dropout": 0.9}
FEED, SLIDES = address(STORY, study="s1"), address(DECK, study="s1")


@pytest.fixture
def study(dataset):
    found = lab.compare_arms(study_base(dataset.id), ready_arms(["baseline", "dropout"]), seeds=4)
    return made_study(with_id(found, "s1"), BEST, seeds_done=2)


@pytest.fixture
def no_pause(monkeypatch):
    """Every question looks at the study, whenever the last one was."""
    monkeypatch.setattr(story_feed, "LOOK_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(story_feed, "_OF_THE_TIME", 0.0)


def rename():
    lab.rename_study("s1", f"{lab.load_study('s1').name} again")


def test_who_comes_first_gets_everything_and_then_only_what_has_changed(study, no_pause):
    feed = StoryFeed("s1")
    first = feed.news(is_audience=True)
    assert first["story"]["verdict"]["title"] == "So far: we can't tell yet"
    again = feed.news(first["version"], is_audience=True)
    assert again == {"version": first["version"], "story": {}}
    run = lab.study_runs("s1")[0]
    workplace().runs.update(run.id, changed_by_hand=True)  # so that it doesn't count
    later = feed.news(first["version"], is_audience=True)
    assert later["version"] != first["version"]
    assert {"verdict"} <= later["story"].keys()
    assert not {"data", "expect", "study", "arms"} & later["story"].keys()
    assert "deck" in later


@pytest.mark.parametrize("since", ["", "nonsense", "0-1", "deadbeef-99", "-", "１-１"])
def test_a_version_of_another_time_is_told_everything(study, since):
    assert "question" in StoryFeed("s1").news(since, is_audience=True)["story"]


def test_the_story_is_made_once_for_all_who_watch(study, monkeypatch):
    made = []
    monkeypatch.setattr(
        lab, "study_story", lambda study, tell=lab.study_story: made.append(study) or tell(study)
    )
    feed = StoryFeed("s1")
    threads = [threading.Thread(target=feed.news, kwargs={"is_audience": True}) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rename()
    feed.news(is_audience=True)
    assert made == ["s1"]  # what is news comes with the next look, a moment later


def test_what_becomes_visible_is_new_to_the_audience(study, no_pause):
    lab.save_deck("s1", [{"slide": "verdict", "is_hidden": True}])
    feed = StoryFeed("s1")
    before = feed.news(is_audience=True)
    assert "verdict" not in before["story"]
    assert "verdict" not in [each["slide"] for each in before["deck"]]
    lab.save_deck("s1", [])
    after = feed.news(before["version"], is_audience=True)
    assert after["story"]["verdict"]["title"] == "So far: we can't tell yet"


def test_notes_and_hidden_slides_are_for_who_presents(allowed, study):
    lab.save_deck("s1", [{"slide": "gap", "note": "secret"}, {"slide": "data", "is_hidden": True}])
    told = allowed.get(f"{FEED}?notes=1").json()
    assert {each["slide"]: each for each in told["deck"]}["gap"] == {
        "slide": "gap",
        "title": "The gap",
        "is_hidden": False,
        "note": "secret",
    }
    assert "data" in told["story"]
    answer = allowed.get(FEED)
    assert "secret" not in answer.text
    assert "data" not in answer.json()["story"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_only_a_page_of_ours_gets_notes_or_changes_anything(allowed, study):
    allowed.headers.pop(TOKEN_HEADER)
    assert allowed.get(f"{FEED}?notes=1").status_code == 403
    assert allowed.put(SLIDES, json=[]).status_code == 403
    assert allowed.get(FEED).status_code == 200
    allowed.cookies.clear()
    assert allowed.get(FEED).status_code == 401


def test_the_deck_is_kept_as_it_is_sent(allowed, study):
    deck = allowed.get(f"{FEED}?notes=1").json()["deck"]
    deck.insert(0, deck.pop())
    deck[0] |= {"note": "Pause here. 🦉", "is_hidden": True}
    kept = allowed.put(SLIDES, json=deck)
    assert kept.json() == deck
    told = allowed.get(f"{FEED}?notes=1").json()  # at once, although it was looked at just before
    assert told["deck"] == deck


def test_half_an_emoji_in_a_note_can_be_kept_and_read_again(allowed, study):
    sent = allowed.put(SLIDES, content=rb'[{"slide": "gap", "note": "so \ud83d far"}]')
    assert sent.status_code == 200
    told = allowed.get(f"{FEED}?notes=1").json()
    for deck in (sent.json(), told["deck"]):
        assert {each["slide"]: each for each in deck}["gap"]["note"] == "so ? far"


def test_a_version_with_thousands_of_digits_is_told_everything(study):
    feed = StoryFeed("s1")
    name = feed.news(is_audience=True)["version"].partition("-")[0]
    assert "question" in feed.news(f"{name}-{'9' * 5000}", is_audience=True)["story"]


def test_a_look_that_is_overtaken_by_a_change_does_not_count(study, monkeypatch):
    feed, changes = StoryFeed("s1"), [{"slide": "question", "note": "new"}]

    def read_and_be_overtaken(study, read=lab.study_deck):
        deck = read(study)
        if changes:
            lab.save_deck("s1", [changes.pop()])
            feed.expire()
        return deck

    monkeypatch.setattr(lab, "study_deck", read_and_be_overtaken)
    assert feed.news(is_audience=False)["deck"][0]["note"] == ""
    assert feed.news(is_audience=False)["deck"][0]["note"] == "new"  # at once


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[" * 100_000, 400),
        (b'"' + b"x" * (12 * 8 * MOST_NOTE_CHARACTERS) + b'"', 413),
        (b"null", 200),
        (json.dumps([{"slide": "gap", "note": {}}, 7]).encode(), 200),
    ],
)
def test_what_is_no_deck_harms_nothing(allowed, study, body, status):
    answer = allowed.put(SLIDES, content=body)
    assert answer.status_code == status
    if status != 200:
        assert answer.json()["error"].endswith((".", "reload the page."))
    assert len(allowed.get(FEED).json()["deck"]) == len(lab.study_deck(study))


def test_a_study_that_is_gone_is_said_to_be(allowed, study):
    assert allowed.get(FEED).status_code == 200
    for run in lab.study_runs("s1"):
        workplace().runs.update(run.id, status=Status.FINISHED)
    lab.delete_study("s1")
    story_feed.feed_of("s1").expire()
    assert allowed.get(FEED).status_code == 404
    assert allowed.put(SLIDES, json=[]).status_code == 404
    assert allowed.get(address(STORY, study="nobody")).status_code == 404
