"""A bundle's `replay.py`: it finds the numbers of the report, and whatever was changed."""

import json
import re
import subprocess
import sys
import zipfile

import pytest

from cnnlab import lab
from cnnlab.exports.replay.agreement import Agreement
from cnnlab.exports.replay.answers import check_answers
from cnnlab.exports.replay.report import check_report
from cnnlab.exports.replay.runs import check_run
from cnnlab.exports.replay.shipped import shipped_texts
from cnnlab.exports.replay.stored import StoredRun
from cnnlab.exports.replay.studies import check_study, read_study
from tests.conftest import draw_zip
from tests.made_bundles import (
    bundled,
    journal_of,
    remade,
    rows_of,
    say_of_images,
    study_with_predictions,
)
from tests.made_evaluations import finish_evaluation
from tests.made_studies import made_study, study_base

LEVELS = {"baseline": 0.6, "dropout": 0.6, "augmentation": 0.9}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """The bundle of a study of three arms and three seeds."""
    folder = tmp_path_factory.mktemp("bundle")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("CNNLAB_HOME", str(folder / "home"))
        dataset = lab.import_dataset(draw_zip(folder / "shades.zip"), name="Shades")
        study = study_with_predictions(dataset, LEVELS, name="Which one helps?")
        yield bundled(study.id, patched, folder)


def replay(bundle, folder):
    """Unzip it and run its own program where nothing is known of cnnlab."""
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    command = [sys.executable, "-I", str(folder / "replay.py")]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_all_numbers_agree_where_nothing_is_known_of_cnnlab(bundle, tmp_path):
    done = replay(bundle, tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert "All files are those of the manifest" in done.stdout
    assert re.search(r"All [\d,]+ agree\.", done.stdout)
    assert "augmentation: Helps by" in done.stdout
    assert not re.search(r"[1-9]\d* differ", done.stdout)


def test_no_file_of_it_imports_cnnlab():
    for name, text in shipped_texts().items():
        assert not re.search(r"^\s*(?:from|import) +cnnlab", text, re.MULTILINE), name
        assert "pydantic" not in text.replace("need pydantic", ""), name


def test_a_changed_byte_is_named(bundle, tmp_path):
    def change(contents):
        contents["study.json"] = contents["study.json"].replace(b"Which", b"which")

    done = replay(remade(bundle, tmp_path / "b.zip", change, with_sums=False), tmp_path / "out")
    assert done.returncode == 1
    assert "study.json was changed" in done.stdout
    assert "All files" not in done.stdout


def change_json(name, path, value):
    def change(contents):
        values = json.loads(contents[name])
        at = values
        for part in path[:-1]:
            at = at[part]
        at[path[-1]] = value
        contents[name] = json.dumps(values).encode()

    return change


def change_history(contents):
    """One validation accuracy in the middle of one history."""
    name = next(name for name in contents if name.endswith("events.jsonl"))
    rows = rows_of(contents[name])
    rows[2]["record"]["val_accuracy"] = 0.99
    contents[name] = journal_of(rows)


def change_evaluation(contents):
    name = next(name for name in contents if name.endswith("result.json"))
    values = json.loads(contents[name])
    values["report"]["confusion"][0][0] += 1
    contents[name] = json.dumps(values).encode()


CHANGES = {
    "verdict": change_json(
        "shown.json", ["comparisons", "val_accuracy", "dropout", "verdict"], "helps"
    ),
    "interval": change_json(
        "shown.json", ["comparisons", "val_accuracy", "augmentation", "these_images", "low"], 0.4
    ),
    "value": change_json("shown.json", ["values", "gap", "dropout", "0"], 0.0),
    "margin": change_json("study.json", ["margin"], 0.3),
    "history": change_history,
    "evaluation": change_evaluation,
}


@pytest.mark.parametrize("what", CHANGES)
def test_whoever_changes_a_number_and_the_manifest_is_found_out(bundle, tmp_path, what):
    changed = remade(bundle, tmp_path / "b.zip", CHANGES[what])
    found = recomputed(changed, tmp_path / "out")
    assert found.differing, what


def recomputed(bundle, folder):
    """What `replay.py` compares, in this process."""
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    found = Agreement()
    names = list(json.loads((folder / "data" / "dataset.json").read_text())["classes"])
    for path in sorted((folder / "runs").iterdir()):
        check_run(StoredRun(path), names, found)
    if (folder / "study.json").exists():
        stored = read_study(folder)
        check_study(stored, found)
        check_answers(stored, found)
        check_report(stored, folder / "report.html", found)
    return found


NUMBER = re.compile(r"(?<=[>\s+−±])(\d+(?:\.\d+)?)(?=[\s<%])")
SECTIONS = ("verdicts", "secondary-metrics", "every-run")


def test_no_number_in_a_table_of_the_report_can_be_changed(bundle, tmp_path):
    recomputed(bundle, tmp_path)
    stored, report = read_study(tmp_path), tmp_path / "report.html"
    page = re.sub(r"<(script|svg).*?</\1>", "", report.read_text(), flags=re.DOTALL)
    tried = 0
    for section in SECTIONS:
        start = page.index(f'<section id="{section}"')
        start = page.index("<tbody>", start)
        end = page.index("</tbody>", start)
        for match in NUMBER.finditer(page, start, end):
            number = match.group()
            other = number[:-1] + ("1" if number[-1] != "1" else "2")
            report.write_text(page[: match.start()] + other + page[match.end() :])
            found = Agreement()
            check_report(stored, report, found)
            assert found.differing, (section, number)
            tried += 1
    assert tried > 60
    report.write_text(page)
    found = Agreement()
    check_report(stored, report, found)
    assert not found.differing


def test_the_answer_of_the_report_names_computed_numbers_alone(bundle, tmp_path):
    recomputed(bundle, tmp_path)
    stored, report = read_study(tmp_path), tmp_path / "report.html"
    page = report.read_text()
    answer = re.search(r'<p class="answer">.*?</p>', page).group()
    claimed = re.search(r"helps by (\d+\.\d)", answer).group(1)
    report.write_text(page.replace(answer, answer.replace(claimed, "77.7", 1)))
    found = Agreement()
    check_report(stored, report, found)
    assert any("77.7" in line for line in found.differing)


OPTIONS = {
    "last": {"judged_at": "last"},
    "best": {"judged_at": "best"},
    "cross_fitted": {"judged_at": "cross_fitted", "scope": "new_images"},
    "cross_entropy": {"primary": "val_cross_entropy", "margin": 0.2},
}


@pytest.mark.parametrize(
    "option",
    [
        pytest.param(name, marks=[pytest.mark.exhaustive] if name in ("last", "best") else [])
        for name in OPTIONS
    ],
)
def test_every_rule_is_replayed(dataset, monkeypatch, tmp_path, option):
    study = study_with_predictions(dataset, LEVELS, **OPTIONS[option])
    found = recomputed(bundled(study.id, monkeypatch, tmp_path), tmp_path / "out")
    assert not found.differing
    assert found.compared["tables of the report"] > 60


@pytest.mark.parametrize("kind", ["doses", "sizes"])
def test_studies_of_strengths_and_of_sizes_are_replayed(dataset, monkeypatch, tmp_path, kind):
    config = study_base(dataset.id, epochs=6)
    if kind == "doses":
        study = lab.compare_doses(config, "regularization.dropout", [0, 0.6], seeds=3)
    else:
        study = lab.compare_sizes(config, [4, 8], seeds=3)
    levels = {"doses": (0.9, 0.5), "sizes": (0.6, 0.7, 0.8, 0.9)}[kind]
    names = [arm.name for arm in study.arms]
    made_study(study, dict(zip(names, levels, strict=True)))
    for run in lab.study_runs(study.id):
        say_of_images(run)
    found = recomputed(bundled(study.id, monkeypatch, tmp_path), tmp_path / "out")
    assert not found.differing
    shown = json.loads((tmp_path / "out" / "shown.json").read_text())
    assert shown["doses" if kind == "doses" else "worth"]


def test_a_run_alone_is_replayed(dataset, monkeypatch, tmp_path):
    study = study_with_predictions(dataset, {"baseline": 0.6, "dropout": 0.7}, seeds=1)
    run = lab.study_runs(study.id)[0]
    finish_evaluation(run, "validation")
    done = replay(bundled(run.id, monkeypatch, tmp_path), tmp_path / "out")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "final evaluations" in done.stdout
    assert "best epochs in words" in done.stdout
    assert "judgements on validation images" in done.stdout
    assert "# " in (tmp_path / "out" / "card.md").read_text()


def test_a_judgement_that_was_changed_is_found_out(dataset, monkeypatch, tmp_path):
    study = study_with_predictions(dataset, {"baseline": 0.6, "dropout": 0.7}, seeds=1)
    run = lab.study_runs(study.id)[0]
    finish_evaluation(run, "validation")

    def change(contents):
        name = f"runs/{run.id}/judgement.json"
        values = json.loads(contents[name])
        values["measures"]["accuracy"]["low"] += 0.01
        contents[name] = json.dumps(values).encode()

    bundle = remade(bundled(run.id, monkeypatch, tmp_path), tmp_path / "b.zip", change)
    found = recomputed(bundle, tmp_path / "out")
    assert len(found.differing) == 1
    assert "measures, accuracy, low" in found.differing[0]
