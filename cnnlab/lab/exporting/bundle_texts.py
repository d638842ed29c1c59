"""The texts of an evidence bundle: what page and report say of its subject, as files."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from cnnlab import BITS_VERSION, __version__
from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.arms import change_words
from cnnlab.domain.config.run_config import SplitFractions, load_stored
from cnnlab.domain.data.split import VALIDATION
from cnnlab.domain.errors import RunStateError
from cnnlab.domain.run import Run
from cnnlab.exports.replay.shipped import shipped_texts
from cnnlab.lab.data.datasets import load_dataset
from cnnlab.lab.data.gallery import open_index, splits_of
from cnnlab.lab.exporting.card import model_card, run_report
from cnnlab.lab.judging.evaluations import evaluation_state
from cnnlab.lab.judging.vault import run_test_looks, sets_of_dataset
from cnnlab.lab.predictions import run_optimism
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.study.effects import doses_of, study_evaluations, worth_of
from cnnlab.lab.study.report import study_report
from cnnlab.lab.study.run_records import run_facts
from cnnlab.lab.study.view import StudyView
from cnnlab.study.kinds.doses import turned_by
from cnnlab.study.kinds.worth_wording import worth_words
from cnnlab.study.measures.measured_wording import calibration_words, robustness_words

LAYOUT = 2
"""Of what lies in a bundle: one that an earlier version has made isn't offered as today's."""

IMAGE_COLUMNS = (
    "row", "file", "sha256", "class", "part", "own_part", "bytes", "width", "height", "mode",
)  # fmt: skip
"""Of `data/images.csv`."""

_README = """{title}
{line}

An evidence bundle of cnnlab {version}, made {made_at}: all that {this} rests on.

  python replay.py          checks every file and computes every number again, without training
  python replay.py --train  trains every run again by its script and compares (needs tensorflow and
                            pillow; where the images aren't inside: --images FOLDER_OR_ZIP)

replay.py needs Python 3.11 or newer with numpy and scipy (pip install numpy scipy), and nothing of
cnnlab. It ends with 0 where all agree, with 1 and a line for each difference where not.

What is inside
  manifest.json      every file with its size and sha256
  bundle.json        what this is: data, seeds, checksums of initial and final weights, versions
  {report}
  data/dataset.json  the data: classes, splits, version; its hash stands in bundle.json
  data/images.csv    every image: file, sha256, class, part (train, validation, test)
  data/looks.json    looks at numbers of test images: which images (rows of images.csv), when, of
                     which run, and what they have shown
  {images}
  runs/ID/           config, history of every epoch, what was said of each validation image after
                     every epoch (.predictions, read by check/stored.py), final evaluation, model;
                     where it was judged on its validation images: judgement.json and what its
                     model said of each image (validation.npz)
  models.json        how each model file compared with its model, or why it is missing
  script/ID/         a program of plain Keras that trains the run again; scripts.json says how it
                     compared, or why it is missing
  check/             what replay.py does, with the textbook formulas
  rules/             the rules of cnnlab by which the verdicts were made, as they were

What replay.py proves, and what not
  Validation accuracy and cross-entropy of every epoch, final evaluations, best epochs, the values
  that runs are judged by, judgements with their intervals, differences, verdicts with their words,
  and the tables of a study's report are computed from what was said of each image. Kept
  probabilities are rounded: mean cross-entropies agree within 0.001. Numbers of the training side
  (loss, clean train accuracy) and
  accuracies on distorted images are taken from the histories: only training again gives them.

Into another cnnlab:  python -m cnnlab import-bundle FILE
"""


@dataclass(frozen=True)
class Subject:
    """What is bundled.

    Attributes:
        id: of the run or the study.
        name: what the user calls it.
        dataset: that all runs use.
        config: of the runs, as it is stored.
        runs: that have begun, in order.
        view: of a study; None for a run.
    """

    id: str
    name: str
    dataset: str
    config: Mapping[str, Any]
    runs: Sequence[Run]
    view: StudyView | None = None

    @property
    def split(self) -> SplitFractions:
        """How the images of the runs are shared out.

        Raises:
            RunStateError: their config was legal in another version, and isn't in this one.
        """
        config = load_stored(self.config)
        if config is None:
            raise RunStateError(
                f"{self.name!r:.120} has a configuration of another version, which this one "
                "doesn't take, so its images can't be shared out as they were: train it again and "
                "bundle that."
            )
        return config.split


def bundle_texts(subject: Subject, *, with_images: bool) -> dict[str, str]:
    """All texts of a bundle by their names in it; the worker adds models, histories, images.

    Raises:
        NotFoundError: the dataset isn't there any more.
        StorageError: a file is damaged.
    """
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    texts = {
        "README.txt": _readme(subject, made_at, with_images=with_images),
        **records_of(subject, made_at, with_images=with_images),
        **shipped_texts(),
    }
    for run in subject.runs:
        judged = evaluation_state(run.id, VALIDATION)
        if judged is not None and judged.answer is not None:
            texts[f"runs/{run.id}/judgement.json"] = _json(judged.answer)
    if subject.view is None:
        texts["report.html"], texts["card.md"] = run_report(subject.id), model_card(subject.id)
    else:
        texts["shown.json"] = _json(_shown(subject.view))
        texts["report.html"] = study_report(subject.id)
    return texts


def records_of(subject: Subject, made_at: str, *, with_images: bool) -> dict[str, str]:
    """Those texts of a bundle by which another home brings it in.

    Args:
        subject: what is bundled.
        made_at: ISO 8601, UTC.
        with_images: whether the images are in it.

    Raises:
        NotFoundError: the dataset isn't there any more.
        StorageError: a file is damaged.
    """
    texts = {
        "bundle.json": _json(_about(subject, made_at, with_images=with_images)),
        "data/dataset.json": _json(load_dataset(subject.dataset).to_json()),
        "data/looks.json": _json(_looks(subject.dataset)),
        "data/images.csv": images_csv(open_index(subject.dataset), subject.split),
    }
    for run in subject.runs:
        texts[f"runs/{run.id}/run.json"] = _json(_run_values(run))
    if subject.view is not None:
        texts["study.json"] = _json(subject.view.study.to_json())
    return texts


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)


def _readme(subject: Subject, made_at: str, *, with_images: bool) -> str:
    name = " ".join(subject.name.split())[:300]
    of_study = subject.view is not None
    return _README.format(
        title=name,
        line="=" * min(len(name), 100),
        version=__version__,
        made_at=made_at,
        this="a study" if of_study else "a run",
        report="report.html        the study's report: open it in a browser; study.json its plan\n"
        "  shown.json         the same numbers as page and report say them, unrounded"
        if of_study
        else "report.html        the run's report: open it in a browser; card.md its model card",
        images="data/images/       the images, by their row"
        if with_images
        else "(The images themselves were left out on purpose.)",
    )


def images_csv(index: ImageIndex, split: SplitFractions) -> str:
    """Every image of a dataset with its part, as CSV of `IMAGE_COLUMNS`."""
    file = io.StringIO(newline="")
    # the module quotes no carriage return by itself, and whoever reads it ends a row there
    writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(IMAGE_COLUMNS)
    parts = splits_of(index, split)
    entries = index.entries(
        np.arange(len(index)), [index.class_names[one] for one in index.labels], index.given_splits,
        index.class_names,
    )  # fmt: skip
    for row, entry in enumerate(entries):
        name, label, own, _, _, length, sha256, width, height, mode = entry
        place = (row, name, sha256, index.class_names[label], parts[row], own or "")
        writer.writerow([*place, length, width, height, mode])
    return file.getvalue()


def _looks(dataset: str) -> list[dict[str, Any]]:
    """Looks at images of a dataset; of other images nothing is told."""
    hashes, sets = open_index(dataset).hashes, sets_of_dataset(dataset)
    return [
        {
            "rows": [row for row, one in enumerate(hashes) if each.images and one in each.images],
            "looks": [look.to_json() for look in each.looks],
        }
        for each in sets
    ]


def _about(subject: Subject, made_at: str, *, with_images: bool) -> dict[str, Any]:
    index = open_index(subject.dataset)
    looks = run_test_looks(subject.runs[0])
    return {
        "kind": "run" if subject.view is None else "study",
        "id": subject.id,
        "name": subject.name,
        "made_at": made_at,
        "layout": LAYOUT,
        "program": __version__,
        "bits_version": BITS_VERSION,
        "with_images": with_images,
        "dataset": {
            "id": subject.dataset,
            "content_hash": index.fingerprint,
            "value_range": None if index.value_range is None else list(index.value_range),
            "images": len(index),
        },
        "split": subject.split.model_dump(mode="json"),
        "looks_at_test_images": None if looks is None else len(looks.recorded),
        "runs": [_run_facts(run) for run in subject.runs],
    }


def _run_facts(run: Run) -> dict[str, Any]:
    facts = run_facts(run)
    result = newest_attempt(run).read_result()
    return {
        "id": run.id,
        "arm": run.arm,
        "seed": run.config["training"]["seed"],
        "status": run.status.value,
        "init_checksum": facts.get("init_checksum"),
        "batch_order_checksum": facts.get("batch_order_checksum"),
        "weights_checksum": result.get("weights_checksum") if result else None,
        "device": facts.get("device"),
        "versions": facts.get("versions"),
        "bits_version": facts.get("bits_version"),
    }


def _run_values(run: Run) -> dict[str, Any]:
    """Fields of a `Run` as JSON; a note was meant for its writer, and a star is no evidence."""
    values = asdict(run) | {"status": run.status.value}
    del values["note"], values["starred"], values["queue_rank"]
    optimism = run_optimism(run)
    if optimism is not None and optimism.expected is not None:
        values["best_epoch_words"] = optimism.words
    return values


def _shown(view: StudyView) -> dict[str, Any]:
    """What page and report say, unrounded."""
    doses, worth, turned = doses_of(view), worth_of(view), turned_by(view.study)
    change = change_words(*view.study.arms[:2])
    evaluations, reference = study_evaluations(view), view.study.reference.name
    said = {
        name: [
            words
            for arm in view.study.arms[1:]
            if (words := say(evaluations, arm.name, reference)) is not None
        ]
        for name, say in (("robustness", robustness_words), ("calibration", calibration_words))
    }
    return {
        "alpha": view.alpha,
        "validation_images": view.validation_images,
        "values": view.values,
        "comparisons": {
            metric: {arm: asdict(found) for arm, found in of_arm.items()}
            for metric, of_arm in view.comparisons.items()
        },
        "turned": None if turned is None else asdict(turned),
        "doses": None if doses is None else doses.words,
        "change": change,
        "worth": None if worth is None else worth_words(worth, change),
        **said,
    }
