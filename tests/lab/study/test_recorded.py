"""The study that comes with the program: what its file tells, and how it comes into a home."""

import contextlib
import importlib.util
import threading
import zipfile

import pytest

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import RunStateError, StorageError, UploadError
from cnnlab.lab.study import recorded
from cnnlab.lab.study.demo import RECORDED_SEEDS, demo_study, recorded_plan
from cnnlab.lab.study.recorded import find_sample
from cnnlab.lab.workplace import workplace
from cnnlab.study.comparison import Verdict
from tests.conftest import draw_zip
from tests.made_bundles import study_with_predictions
from tests.made_runs import no_supervisor

SCRIPT = recorded.RECORDED.with_name("record_demo.py")


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """A home in which it was opened, which tests only look at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNLAB_HOME", str(tmp_path_factory.mktemp("recorded") / "home"))
        lab.open_recorded()
        yield
        workplace().runs._engine.dispose()


@pytest.fixture
def view(opened, monkeypatch):
    return lab.view_study(lab.open_recorded())


def test_it_is_the_plan_that_the_script_trains_and_small(view):
    assert recorded.RECORDED.stat().st_size < 2_000_000
    plan = recorded_plan(view.study.dataset)
    assert [arm.name for arm in view.study.arms] == [arm.name for arm in plan.arms]
    assert view.study.seeds == plan.seeds == tuple(range(RECORDED_SEEDS))
    assert load_config(view.study.base) == load_config(plan.base)
    assert view.is_complete
    with zipfile.ZipFile(recorded.RECORDED) as archive:
        assert not [name for name in archive.namelist() if name.endswith(".keras")]


def test_its_verdicts_tell_the_story(view):
    verdicts = {name: found.verdict for name, found in view.verdicts.items()}
    assert verdicts["augmentation"] is Verdict.HELPS
    assert verdicts["too much L2"] is Verdict.HURTS
    told = {Verdict.CANNOT_TELL, Verdict.NO_DIFFERENCE} & set(verdicts.values())
    assert told, verdicts
    gaps = view.values["gap"]["baseline"].values()
    assert min(gaps) > 0.1, "the plain network learns its images by heart"
    assert view.verdicts["augmentation"].new_images.low is not None


def test_its_page_has_curves_evaluations_and_starts(view):
    histories = lab.study_histories(view)
    evaluations = lab.study_evaluations(view)
    for arm in view.study.arms:
        assert len(histories[arm.name]) == len(evaluations[arm.name]) == RECORDED_SEEDS
    assert all(one["robustness"] for of_arm in evaluations.values() for one in of_arm.values())
    assert len(lab.shared_starts(view)) == RECORDED_SEEDS


def test_it_would_be_taken_from_anybody_too(home):
    lab.import_dataset(lab.SAMPLE, name=lab.SAMPLE_NAME)
    assert lab.import_bundle(recorded.RECORDED)["runs"]


def test_it_says_what_it_is_and_that_its_models_are_not_there(view):
    run = view.all_runs[0]
    for one in (view.study.id, run.id):
        said = lab.imported_from(one)
        assert "real results, which came with the program" in said
        assert ".py" not in said  # whoever looks at it knows no script
        assert "no model and no training state" in said
        assert lab.is_recorded(one)
    assert lab.list_models().models == []
    for train in (lambda study: lab.extend_study(study, 1), lab.resume_study):
        with pytest.raises(RunStateError, match="would mix two machines"):
            train(view.study.id)


def test_what_was_deleted_comes_back_with_a_click_and_what_is_there_stays(home, monkeypatch):
    study = lab.open_recorded()
    lab.delete_run(lab.study_runs(study)[3].id)
    with monkeypatch.context() as patch:
        patch.delattr(recorded, "import_bundle")
        assert lab.open_recorded() == study
    assert not lab.view_study(study).is_complete
    lab.delete_study(study)
    lab.delete_dataset(find_sample().id)
    assert lab.open_recorded() == study
    assert len(lab.study_runs(study)) == len(lab.load_study(study).pairs)


def test_opened_in_two_tabs_at_once_it_is_there_once(home):
    opened = []
    tabs = [threading.Thread(target=lambda: opened.append(lab.open_recorded())) for _ in range(2)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert len(opened) == 2
    assert [study.id for study in lab.list_studies()] == opened[:1]
    assert len(lab.list_datasets()) == 1


def test_two_presses_at_once_import_once(home, monkeypatch):
    both, imports, opened = threading.Barrier(2, timeout=20), [], []

    def is_there(study, look=recorded._is_there):
        found = look(study)
        if not imports:
            with contextlib.suppress(threading.BrokenBarrierError):
                both.wait()  # both have seen that it isn't there
                both.abort()  # whoever looks again, with the lock, waits for nobody
        return found

    def import_once(*given, bring=recorded.import_bundle, **options):
        imports.append(given)
        return bring(*given, **options)

    monkeypatch.setattr(recorded, "_is_there", is_there)
    monkeypatch.setattr(recorded, "import_bundle", import_once)
    tabs = [threading.Thread(target=lambda: opened.append(lab.open_recorded())) for _ in range(2)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert len(opened) == 2
    assert len(imports) == 1
    assert [study.id for study in lab.list_studies()] == opened[:1]


def test_the_sample_is_known_by_its_content_whatever_anybody_calls_theirs(home, tmp_path):
    theirs = lab.import_dataset(draw_zip(tmp_path / "theirs.zip"), name=lab.SAMPLE_NAME)
    assert find_sample() is None
    sample = lab.import_dataset(lab.SAMPLE, name="Signs")
    assert find_sample() == sample != theirs
    lab.import_dataset(draw_zip(tmp_path / "more.zip", each=5), name=lab.SAMPLE_NAME)
    assert find_sample() == sample


def test_a_damaged_file_is_said_when_it_is_opened_and_home_does_without(
    home, tmp_path, monkeypatch
):
    (tmp_path / "file.zip").write_bytes(b"PK")
    monkeypatch.setattr(recorded, "RECORDED", tmp_path / "file.zip")
    monkeypatch.setattr(recorded, "_recorded", recorded._recorded.__wrapped__)
    assert find_sample() is None
    with pytest.raises(UploadError, match="install cnnlab again"):
        lab.open_recorded()


def test_a_full_disk_is_said_and_leaves_nothing(home, monkeypatch):
    lab.import_dataset(lab.SAMPLE, name=lab.SAMPLE_NAME)
    before = sorted(home.rglob("*"))
    monkeypatch.setattr("cnnlab.storage.bundles.reading.MIN_FREE_BYTES", 2**60)
    with pytest.raises(StorageError, match="free some space, then try again"):
        lab.open_recorded()
    assert lab.list_studies() == lab.list_runs() == []
    assert [one for one in sorted(home.rglob("*")) if "lock" not in one.name] == [
        one for one in before if "lock" not in one.name
    ]


def test_the_script_keeps_what_a_page_needs(home, tmp_path):
    """What it writes of a study, read in another home, gives the same verdicts."""
    spec = importlib.util.spec_from_file_location("record_demo", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    sample = lab.import_dataset(lab.SAMPLE, name=lab.SAMPLE_NAME)
    study = study_with_predictions(sample, {"baseline": 0.6, "augmentation": 0.8})
    told = lab.arm_summaries(lab.view_study(study.id))
    script.write_recorded(study, tmp_path / "file.zip")
    lab.delete_study(study.id)
    lab.import_bundle(tmp_path / "file.zip", is_recorded=True)
    again = lab.arm_summaries(lab.view_study(study.id))
    assert again == told
    whole, thin, _ = (run for run in lab.study_runs(study.id) if run.arm == "augmentation")
    assert lab.run_optimism(whole).expected is not None
    assert "isn't known" in lab.run_optimism(thin).words


def test_the_live_demo_has_fresh_seeds_each_time(home, monkeypatch):
    no_supervisor(monkeypatch)
    first, second = lab.launch_demo(), lab.launch_demo()
    assert not set(first.seeds) & set(second.seeds)
    assert min(first.seeds + second.seeds) >= RECORDED_SEEDS
    assert first.arms == ready_arms(["augmentation"])
    base = recorded_plan(first.dataset).base
    same = base | {"training": base["training"] | {"seed": first.seeds[0]}}
    assert first.base == same, "it is a smaller version of the recorded one"
    assert demo_study(first.dataset).judged_epochs == recorded_plan(first.dataset).judged_epochs
