"""The commands about studies, with real training."""

import pytest

from tests.cli.test_cli import Shell
from tests.conftest import draw_zip, end_processes_of
from tests.waiting import wait_until

SMALL = (
    "--set",
    "image.size=16",
    "--set",
    "architecture.preset=tiny_cnn",
    "--set",
    "training.epochs=2",
)
MACHINE = {"seconds", "evaluation_seconds", "images_per_second"}


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """A home with a dataset, and what a study of two arms with two seeds said."""
    folder = tmp_path_factory.mktemp("studies")
    shell = Shell(folder / "home")
    shell.dataset = shell.json("import", draw_zip(folder / "shades.zip"))["dataset"]
    shell.words = ("study", shell.dataset, "--arms", "baseline,l2", "--seeds", 2, *SMALL, "--wait")
    shell.answer = shell.json(*shell.words)
    yield shell
    end_processes_of(folder / "home")


def _histories(shell, answer):
    shown = [shell.json("show", run) for arm in answer["arms"] for run in arm["runs"]]
    return [
        (
            run["facts"]["batch_order_checksum"],
            run["init_checksum"],
            run["weights_checksum"],
            [
                {name: record[name] for name in record if name not in MACHINE}
                for record in run["history"]
            ],
        )
        for run in shown
    ]


def test_a_study_answers_by_contract(shell):
    baseline, l2 = shell.answer["arms"]
    assert (baseline["arm"], baseline["verdict"]) == ("baseline", "reference")
    assert (l2["arm"], l2["verdict"], len(l2["runs"])) == ("l2", "cannot_tell", 2)
    for metric in ("val_accuracy", "val_cross_entropy", "gap"):
        assert set(l2[metric]) == {"mean", "sd"}
    assert set(l2["difference"]) == {"mean", "low", "high"}
    assert "more_seeds" in l2
    judging = ("judged_at", "margin", "scope", "looks")
    assert [shell.answer[name] for name in judging] == ["mean_last", 0.02, "these_images", 0]
    assert l2["new_images"]["reason"] == "there are fewer than 3 pairs of runs"
    assert shell.answer["complete"] is True


def test_arms_share_their_start_and_the_same_study_gives_the_same_bits(shell):
    first = _histories(shell, shell.answer)
    baseline, l2 = first[:2], first[2:]
    assert [run[:2] for run in baseline] == [run[:2] for run in l2]
    assert [run[2] for run in baseline] != [run[2] for run in l2]
    again = shell.json(*shell.words, "--seeds", 1)
    assert again["study"] != shell.answer["study"]
    assert _histories(shell, again) == [baseline[0], l2[0]]
    shell("delete-study", again["study"])


def test_a_third_seed_is_added_and_the_study_is_listed(shell):
    study = shell.answer["study"]
    grown = shell.json("more-seeds", study, "--seeds", 1, "--wait")
    assert [len(arm["runs"]) for arm in grown["arms"]] == [3, 3]
    assert grown["looks"] == 1  # two seeds could claim nothing: that was no look
    assert grown["arms"][1]["new_images"]["confidence"] is not None
    assert shell.json("show-study", study) == grown
    (listed,) = shell.json("studies")["studies"]
    assert (listed["study"], listed["seeds"], listed["stages"]) == (study, [0, 1, 2], 2)


def test_a_run_of_a_study_makes_its_model_on_request(shell, tmp_path):
    run = shell.answer["arms"][0]["runs"][0]
    before = shell.json("show", run)
    assert "export" not in before
    shell("resume", run)
    export = ("export", run, "--format", "keras", "--to", tmp_path / "m.keras")
    assert shell.json(*export)["top1_agreement"] == 1.0
    after = shell.json("show", run)
    assert after.pop("export")["top1_agreement"] == 1.0
    assert after == before
    other = shell.answer["arms"][1]["runs"][0]
    answer = shell("export", other, "--format", "keras", "--to", tmp_path, "--json")
    assert "Writing the model file" in answer.stderr
    assert (tmp_path / f"{other}.keras").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--arms", "baseline,magic"], "no ready-made arm 'magic'"),
        (["--seeds", "0"], "1 seed or more"),
        (["--splits", "folds", "--folds", "1"], "2 to 20 folds"),
        (["--margin", "0.7"], "The margin must be 0.001 to 0.5"),
        (["--arm", "odd"], "must look like NAME:a.b=value"),
        (["--dose", "regularization.magic"], "no field"),
        (["--dose", "regularization.dropout=0,x"], "Numbers with commas"),
        (["--sizes", "4000"], "Sizes must be"),
        (["--set", "regularization.dropout=7"], "regularization.dropout"),
    ],
)
def test_what_cannot_be_a_study_is_refused_in_one_line(shell, words, message):
    assert message in shell.refuse("study", shell.dataset, *words)


def test_a_plan_tells_time_and_smallest_effect_and_starts_nothing(shell):
    before = shell.json("studies")
    words = ("--arms", "baseline,l2", "--seeds", 5, *SMALL, "--splits", "each_seed", "--plan")
    plan = shell.json("study", shell.dataset, *words)
    assert (plan["study"], plan["runs"], plan["seeds"]) == (None, 10, 5)
    assert plan["seconds"] > 0 and plan["rests_on"] == "typical"
    assert 0 < plan["smallest_effect"]["low"] < plan["smallest_effect"]["high"]
    assert shell.json("studies") == before


def test_a_stopped_study_can_be_deleted(shell):
    study = shell.json("study", shell.dataset, "--arms", "l1", "--seeds", 5, *SMALL)["study"]
    shell("stop-study", study)
    active = {"queued", "running", "interrupted"}

    def runs():
        return [run for run in shell.json("runs")["runs"] if run["study"] == study]

    wait_until(lambda: not active & {run["status"] for run in runs()}, seconds=120)
    assert "stopped" in {run["status"] for run in runs()}
    shell("delete-study", study)
    assert study not in {row["study"] for row in shell.json("studies")["studies"]}
