"""The jobs that measure a study's solutions: on real runs, against what these noted themselves."""

import shutil

import numpy as np
import pytest

from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import CancelledError
from cnnlab.files import read_json
from cnnlab.jobs.kinds.landscape import LandscapeRequest
from cnnlab.jobs.kinds.train import TrainRequest
from cnnlab.jobs.kinds.units import UnitsRequest
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.attempts.journal import read_journal
from cnnlab.storage.home import open_home
from cnnlab.storage.job_folder import JobFolder
from cnnlab.worker.solutions.landscape import PLACES, measure_landscape
from cnnlab.worker.solutions.loaded import Solutions, held
from cnnlab.worker.solutions.units import SHARES, measure_units
from cnnlab.worker.train import train
from tests.worker.conftest import CONFIG, do

ARMS = {
    "L2": {"regularization": {"l2": 0.001}},
    "norm": {"regularization": {"batch_norm": True}},
    "norm, L2": {"regularization": {"batch_norm": True, "l2": 0.001}},
}


def test_the_two_that_were_used_last_are_kept():
    kept, made = {}, []
    for key in ("a", "b", "a", "c", "a", "b"):
        assert held(kept, key, lambda key=key: made.append(key) or key) == key
    assert made == ["a", "b", "c", "b"] and kept.keys() == {"a", "b"}


@pytest.fixture(scope="module")
def runs(run, tmp_path_factory):
    """The run of all tests here, and arms that were trained on the same."""
    home = tmp_path_factory.mktemp("arms") / "home"
    shutil.copytree(open_home().root, home)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CNNLAB_HOME", str(home))
        dataset = Attempt(open_home().attempt("a", 1)).read_config()["dataset"]
        for name, changes in ARMS.items():
            attempt = Attempt(open_home().attempt(name, 1))
            config = load_config({"dataset": dataset, **CONFIG, **changes})
            attempt.create(config.model_dump(mode="json"))
            do(train, TrainRequest(writes_model=False), attempt)
        yield [asked("baseline", "a"), *(asked(name, name) for name in ARMS)]


def asked(arm, run, seed=0):
    return {"arm": arm, "seed": seed, "run": run, "attempt": 1}


def kept_record(run, epoch):
    return Attempt(open_home().attempt(run, 1)).history()[epoch]


def folder(tmp_path):
    found = JobFolder(tmp_path / "job")
    found.folder.mkdir(exist_ok=True)
    return found


def test_the_ends_of_a_line_have_the_losses_that_the_runs_noted(runs, tmp_path):
    plain = do(measure_landscape, LandscapeRequest(runs[:2], "baseline"), folder(tmp_path))
    (line,) = plain["lines"]
    epochs = {one["run"]: one["epoch"] for one in plain["widths"]}
    for run, place in (("a", 0.0), ("L2", 1.0)):
        record, at = kept_record(run, epochs[run]), PLACES.index(place)
        assert line["train"][at] == pytest.approx(record["clean_cross_entropy"], abs=2e-5)
        assert line["validation"][at] == pytest.approx(record["val_cross_entropy"], abs=2e-5)
    for width in plain["widths"]:
        record = kept_record(width["run"], width["epoch"])
        assert width["cross_entropy"] == pytest.approx(record["clean_cross_entropy"], abs=2e-5)
        assert width["rises"][-1] > width["rises"][0]
        assert not width["measured_norms"]
    assert [one["arm"] for one in plain["slices"]] == ["baseline", "L2"]
    for one, width in zip(plain["slices"], plain["widths"], strict=True):
        grid = np.array(one["cross_entropy"])
        assert grid[5, 5] == pytest.approx(width["cross_entropy"], abs=2e-5)


def test_batch_norm_is_measured_anew_and_the_ends_are_still_what_was_noted(runs, tmp_path):
    found = do(measure_landscape, LandscapeRequest(runs[2:], "norm"), folder(tmp_path))
    (line,) = found["lines"]
    epochs = {one["run"]: one["epoch"] for one in found["widths"]}
    for run, place in (("norm", 0.0), ("norm, L2", 1.0)):
        record, at = kept_record(run, epochs[run]), PLACES.index(place)
        assert line["train"][at] == pytest.approx(record["clean_cross_entropy"], abs=1e-4)
        assert line["validation"][at] == pytest.approx(record["val_cross_entropy"], abs=1e-4)
    assert all(one["measured_norms"] for one in found["widths"])


def test_between_other_networks_there_is_no_line_and_that_is_said(runs, tmp_path):
    two = [runs[0], runs[2]]
    found = do(measure_landscape, LandscapeRequest(two, "baseline"), folder(tmp_path))
    assert found["lines"] == [] and len(found["widths"]) == 2
    assert list(found["no_line"]) == ["norm"]
    assert "Its network isn't that of the reference" in found["no_line"]["norm"]


def test_without_removed_units_a_model_is_as_right_as_its_run_noted(runs, tmp_path):
    found = do(measure_units, UnitsRequest(runs), folder(tmp_path))
    assert [one["arm"] for one in found["runs"]] == ["baseline", *ARMS]
    for one in found["runs"]:
        record = kept_record(one["run"], one["epoch"])
        for removed in one["removed"].values():
            assert removed["accuracy"][0] == [pytest.approx(record["val_accuracy"])]
            assert removed["cross_entropy"][0] == [
                pytest.approx(record["val_cross_entropy"], abs=1e-4)
            ]
            assert [len(row) for row in removed["accuracy"]] == [1] + [3] * (len(SHARES) - 1)
        assert one["removed"]["last"]["units"] < one["removed"]["all"]["units"]
        assert one["guessing"] == pytest.approx(1 / 3)
        fewest = np.mean(one["removed"]["all"]["accuracy"][-1])
        assert fewest < np.mean(one["removed"]["all"]["accuracy"][0])


@pytest.mark.parametrize(
    ("measure", "request_of", "kept", "list_of"),
    [
        (measure_units, UnitsRequest, "units.json", "runs"),
        (
            measure_landscape,
            lambda runs: LandscapeRequest(runs, "baseline"),
            "landscape.json",
            "widths",
        ),
    ],
)
def test_what_an_earlier_try_measured_is_taken_over_and_what_is_gone_is_left_out(
    runs, tmp_path, monkeypatch, measure, request_of, kept, list_of
):
    files, loaded = folder(tmp_path), []
    load = Solutions._load

    def load_and_note(self, run):
        loaded.append(run)
        return load(self, run)

    monkeypatch.setattr(Solutions, "_load", load_and_note)
    first = do(measure, request_of(runs[:1]), files)
    assert loaded == ["a"]
    told = [row["text"] for row in read_journal(files.steps) if row["kind"] == "phase"]
    assert told[1] == "Preparing the images"
    assert told[-1] == told[0] and "baseline, seed 0" in told[0]
    more = [*runs[:1], asked("L2", "gone", seed=1)]
    again = do(measure, request_of(more), files)
    assert loaded == ["a", "gone"]
    assert again[list_of] == first[list_of] == read_json(files.folder / kept)[list_of]
    assert [(one["run"], one["why"]) for one in again["left_out"]] == [
        ("gone", "The run was deleted.")
    ]


def test_nobody_wants_it_any_more(runs, tmp_path):
    files = folder(tmp_path)
    files.ask_to_stop()
    with pytest.raises(CancelledError):
        do(measure_units, UnitsRequest(runs), files)
    assert not (files.folder / "units.json").exists()
