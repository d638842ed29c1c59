"""Trains the planned runs and writes down their curves, what they are tested with.

    python -m tests.diagnosis.record_curves [--data FOLDER] [--only GROUP ...]

Each is trained as a worker does it, with the facts that the product itself finds. FOLDER holds the
sets of `FOLDER_SETS`; without it their runs are left out. A run that is recorded already is trained
again only where its plan has changed. Takes about an hour on two cores.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
_HOME = os.environ["CNNLAB_HOME"] = tempfile.mkdtemp(prefix="record-")

from cnnlab import lab
from cnnlab.diagnosis.diagnosis import remedied
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.course.dials import DialTurn
from cnnlab.domain.errors import TrainingError
from cnnlab.domain.records.training import WorkerFacts
from cnnlab.domain.run import Run, Status
from cnnlab.lab.data.datasets import SAMPLE
from cnnlab.lab.diagnosis import facts_of
from cnnlab.training.judging.evaluate import final_evaluation
from cnnlab.training.loop.fit import fit
from cnnlab.worker.data import load_data
from tests.diagnosis.generated_sets import GENERATED
from tests.diagnosis.planned_runs import FOLDER_SETS, PlannedRun, planned_runs
from tests.diagnosis.recorded_runs import read_recorded, write_recorded
from tests.training.conftest import MemoryRecorder

COLUMNS = (
    "loss", "cross_entropy", "accuracy", "penalty", "clean_cross_entropy", "clean_accuracy",
    "val_cross_entropy", "val_accuracy", "learning_rate",
)  # fmt: skip


def import_set(name: str, data: Path | None) -> str | None:
    """Id of the dataset of this name, or None where its file isn't given."""
    if name == "six_signs":
        return lab.import_dataset(SAMPLE, name=name).id
    if name in FOLDER_SETS:
        return lab.import_dataset(data / FOLDER_SETS[name], name=name).id if data else None
    folder = Path(_HOME) / "drawn" / name
    GENERATED[name](folder)
    return lab.import_dataset(folder, name=name).id


def record(plan: PlannedRun, dataset: str) -> dict[str, Any]:
    """Train a planned run; return its line."""
    config = remedied(RunConfig(dataset=dataset), plan.config)
    recorder = MemoryRecorder(None)
    data = load_data(config, recorder, lambda: None)
    steps = -(-len(data.train) // config.training.batch_size)
    turns = [
        DialTurn(number, epoch * steps, values)
        for number, (epoch, values) in enumerate(plan.turns, 1)
    ]
    status, message, result = Status.FINISHED, None, {}
    try:
        outcome = fit(config, data, recorder, turns=turns)
        result = {"report": final_evaluation(outcome.kept_model(), data, outcome.best_epoch)}
    except TrainingError as error:
        status, message = Status.FAILED, str(error)
    run = Run("run", plan.name, dataset, config.model_dump(mode="json"), status, message=message)
    view = lab.RunView(run, recorder.epochs, recorder.facts, result, turns, "")
    columns = {name: [_short(epoch[name]) for epoch in recorder.epochs] for name in COLUMNS}
    facts = asdict(facts_of(view))
    facts["macro_f1"] = _short(facts["macro_f1"])
    facts["per_class_recall"] = facts["per_class_recall"] and [
        *map(_short, facts["per_class_recall"])
    ]
    return {"facts": facts, "columns": columns}


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


def main() -> None:
    """Record what isn't recorded, one file for each group."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--only", nargs="*", default=[])
    arguments = parser.parse_args()
    datasets: dict[str, str | None] = {}
    for plan in planned_runs():
        known = read_recorded(plan.group)
        line = {"name": plan.name, "planned": plan.in_json()}
        if plan.is_early != ("statistics_images" not in WorkerFacts.__annotations__):
            continue
        is_recorded = known.get(plan.name, {}).get("planned") == line["planned"]
        if is_recorded or (arguments.only and plan.group not in arguments.only):
            continue
        if plan.dataset not in datasets:
            datasets[plan.dataset] = import_set(plan.dataset, arguments.data)
        dataset = datasets[plan.dataset]
        if dataset is None:
            continue
        began = time.monotonic()
        known[plan.name] = line | record(plan, dataset)
        write_recorded(plan.group, known)
        sys.stdout.write(f"{plan.name}: {time.monotonic() - began:.0f} s\n")
        sys.stdout.flush()


if __name__ == "__main__":
    try:
        main()
    finally:
        shutil.rmtree(_HOME)
