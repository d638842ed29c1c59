"""The job that judges a model: on a real run, against plain Keras and scikit-learn."""

import zipfile
from types import SimpleNamespace

import numpy as np
import onnx
import onnxruntime
import pytest
from sklearn import metrics

from cnnlab.domain.errors import DatasetError, StorageError
from cnnlab.jobs.kind import to_json
from cnnlab.jobs.kinds.evaluate import EvaluateRequest, evaluation_folder
from cnnlab.jobs.kinds.export import ExportRequest
from cnnlab.judging.slices.finding import SliceSearch
from cnnlab.storage.attempts.attempt import Attempt
from cnnlab.storage.home import open_home
from cnnlab.storage.job_folder import JobFolder
from cnnlab.worker.judging.evaluate import evaluate
from cnnlab.worker.taking_along.export import export
from tests.worker.conftest import do

SPLITS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def judged(run):
    """What the job says of each part, and of each image in it."""
    found = {}
    for split in SPLITS:
        files = evaluation_folder(run.attempt, split)
        files.folder.mkdir(parents=True)
        judgement = do(evaluate, EvaluateRequest("a", 1, split), files)
        found[split] = SimpleNamespace(judgement=judgement, said=files.read_predictions())
    return found


@pytest.mark.parametrize("split", ["train", "test"])
def test_slices_and_suspects_are_found_by_the_looks_and_never_by_heart(run, split, monkeypatch):
    asked = []

    def search(said, names, traits, seed):
        asked.append((said.positions, traits))
        return SliceSearch([{"words": "dark images"}], 3, 9)

    monkeypatch.setattr("cnnlab.worker.judging.evaluate.find_slices", search)
    monkeypatch.setattr(
        "cnnlab.worker.judging.evaluate.find_suspects", lambda *_: [{"position": 7}]
    )
    files = evaluation_folder(run.attempt, split)
    files = type(files)(files.folder.with_name(f"{split}-again"))
    files.folder.mkdir(parents=True)
    found = do(evaluate, EvaluateRequest("a", 1, split), files)
    assert (found["slices"], found["slices_tried"]) == ([{"words": "dark images"}], 3)
    assert found["slices_looked_at"] == 9
    assert found["suspects"] == ([] if split == "train" else [{"position": 7}])
    positions, traits = asked[0]
    levels = run.images[positions].mean(axis=(1, 2, 3))
    np.testing.assert_allclose(traits.brightness, levels, atol=6)
    assert (traits.size == 12).all() and traits.colourfulness.shape == positions.shape


def test_labels_that_were_made_wrong_on_purpose_are_counted(run, judged):
    counts = [judged[split].judgement["flipped_labels"] for split in SPLITS]
    assert counts == [round(0.2 * len(judged["train"].said.labels)), 0, 0]
    assert counts[0] > 0


@pytest.mark.parametrize("split", SPLITS)
def test_what_it_says_is_what_the_exported_model_says(run, judged, split):
    said = judged[split].said
    expected = run.model.predict(run.images[said.positions], verbose=0)
    np.testing.assert_allclose(said.probabilities, expected, atol=1e-6)
    assert said.probabilities.dtype == np.float32


@pytest.mark.parametrize("split", SPLITS)
def test_all_numbers_are_those_of_scikit_learn_on_the_exported_models_probabilities(
    run, judged, split
):
    judgement, said = judged[split].judgement, judged[split].said
    labels = said.labels
    probabilities = run.model.predict(run.images[said.positions], verbose=0)
    predicted = probabilities.argmax(axis=1)
    assert 0.4 < np.mean(predicted == labels) < 0.99, "too easy or too hard to show anything"
    expected = {
        "accuracy": metrics.accuracy_score(labels, predicted),
        "balanced_accuracy": metrics.balanced_accuracy_score(labels, predicted),
        "matthews": metrics.matthews_corrcoef(labels, predicted),
        "kappa": metrics.cohen_kappa_score(labels, predicted),
        "cross_entropy": metrics.log_loss(labels, probabilities),
        "brier": metrics.brier_score_loss(labels, probabilities, scale_by_half=False),
        "top_2": metrics.top_k_accuracy_score(labels, probabilities, k=2),
    }
    for average in ("macro", "weighted"):
        scores = metrics.precision_recall_fscore_support(
            labels, predicted, average=average, zero_division=0
        )
        names = [f"{average}_{name}" for name in ("precision", "recall", "f1")]
        expected |= dict(zip(names, scores[:3], strict=True))
    values = {name: one["value"] for name, one in judgement["measures"].items()}
    assert values == pytest.approx(expected, abs=1e-6)
    assert judgement["confusion"] == metrics.confusion_matrix(labels, predicted).tolist()
    of_class = metrics.precision_recall_fscore_support(labels, predicted, zero_division=0)
    for label, row in enumerate(judgement["per_class"]):
        is_it, share = labels == label, probabilities[:, label]
        assert row["images"] == of_class[3][label]
        assert row["predicted"] == np.count_nonzero(predicted == label)
        for name, score in zip(("precision", "recall", "f1"), of_class, strict=False):
            is_defined = name != "precision" or row["predicted"]
            expected_value = pytest.approx(score[label], abs=1e-6) if is_defined else None
            assert row[name]["value"] == expected_value
        area = metrics.roc_auc_score(is_it, share)
        assert row["roc_area"]["value"] == pytest.approx(area, abs=1e-6)
        precision = metrics.average_precision_score(is_it, share)
        assert row["average_precision"]["value"] == pytest.approx(precision, abs=1e-6)
    expected_error = _calibration_error(judgement["reliability"], probabilities, labels)
    assert judgement["calibration_error"] == pytest.approx(expected_error, abs=1e-6)


def _calibration_error(bins, probabilities, labels):
    """Over as many bins of equally many images, the least sure first."""
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    order, edges = np.argsort(sure, kind="stable"), np.cumsum([one["images"] for one in bins])
    gaps = [
        len(part) * abs(right[part].mean() - sure[part].mean())
        for part in np.split(order, edges[:-1])
    ]
    return sum(gaps) / len(labels)


def test_the_parts_are_those_of_the_training_with_the_labels_that_it_was_told(run, judged):
    positions = np.concatenate([judged[split].said.positions for split in SPLITS])
    assert np.array_equal(np.sort(positions), np.arange(len(run.images)))
    facts = run.attempt.started()
    assert len(judged["train"].said.positions) == facts["train_images"]
    assert len(judged["validation"].said.positions) == facts["validation_images"]
    true = np.repeat(np.arange(3), 40)
    wrong = {
        split: np.count_nonzero(one.said.labels != true[one.said.positions])
        for split, one in judged.items()
    }
    assert wrong == {"train": round(0.2 * facts["train_images"]), "validation": 0, "test": 0}


def test_it_judges_the_model_that_the_run_kept(run, judged):
    judgement = judged["validation"].judgement
    assert judgement["model_epoch"] == run.result["model_epoch"]
    accuracy = run.result["report"]["accuracy"]
    assert judgement["measures"]["accuracy"]["value"] == pytest.approx(accuracy)
    assert judgement["confusion"] == run.result["report"]["confusion"]
    assert judgement["calibration"] and judged["test"].judgement["calibration"] is None
    assert judgement["seconds"] > 0


def test_it_tells_how_far_it_is(run):
    steps = evaluation_folder(run.attempt, "validation").steps.read_text()
    assert '"kind":"progress","done":36,"total":36' in steps


@pytest.mark.filterwarnings("ignore")  # converters warn of themselves
def test_a_calibrated_export_says_the_probabilities_with_the_temperature(run, judged, tmp_path):
    temperature, said = 1.7, judged["validation"].said
    request = ExportRequest("a", 1, "onnx", temperature)
    check = do(export, request, JobFolder(tmp_path))
    assert check["max_abs_difference"] < 1e-5 and check["top1_agreement"] == 1
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    images = run.images[said.positions].astype(np.float32)
    found = session.run(None, {"image": images})[0]
    powers = said.probabilities.astype(np.float64) ** (1 / temperature)
    np.testing.assert_allclose(found, powers / powers.sum(axis=1, keepdims=True), atol=1e-5)
    assert np.abs(found - said.probabilities).max() > 0.05, "else the test can't fail"
    with zipfile.ZipFile(tmp_path / "model.zip") as package:
        assert "temperature of 1.7, which was fitted on" in package.read("predict.py").decode()
    described = onnx.load(tmp_path / "model.onnx").metadata_props
    assert {one.key: one.value for one in described}["temperature"] == "1.7"


def test_a_part_without_images_or_without_states_is_named(run, tmp_path, monkeypatch):
    attempt = Attempt(open_home().attempt("b", 1))
    config = run.attempt.read_config()
    attempt.create(config | {"split": config["split"] | {"test": 0}})
    files = evaluation_folder(attempt, "test")
    files.folder.mkdir(parents=True)
    with pytest.raises(StorageError, match="no training state in"):
        do(evaluate, EvaluateRequest("b", 1, "test"), files)
    for file in run.attempt.checkpoints.iterdir():
        (attempt.checkpoints / file.name).write_bytes(file.read_bytes())
    with pytest.raises(DatasetError, match="no test images"):
        do(evaluate, EvaluateRequest("b", 1, "test"), files)


def test_the_answer_can_be_written(judged):
    for one in judged.values():
        assert to_json(one.judgement) == one.judgement
