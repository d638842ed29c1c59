"""Measurements of a study's solutions without any worker: what is measured, and what it leaves."""

from cnnlab import lab
from cnnlab.domain.arms import ready_arms
from cnnlab.files import write_json
from cnnlab.lab.runs import newest_attempt
from cnnlab.lab.workplace import workplace
from cnnlab.storage.attempts.checkpoints import save_checkpoint
from tests.made_studies import made_study, study_base
from tests.study import made_solutions


def measurable_study(dataset):
    """Two arms with three seeds whose runs have finished and kept a state."""
    plan = lab.compare_arms(study_base(dataset), ready_arms(["baseline", "dropout"]), seeds=3)
    found = made_study(plan, {"baseline": 0.7, "dropout": 0.8})
    for run in lab.study_runs(found.id):
        save_checkpoint(newest_attempt(run).checkpoints, 11, {}, is_best=True)
    return found


def folder(study, name):
    return workplace().home.study(study.id) / name


def answer(study, name):
    """What a worker would have measured of all its runs."""
    ids = {(run.arm, run.config["training"]["seed"]): run.id for run in lab.study_runs(study.id)}
    seeds = range(len(study.seeds))
    if name == "units":
        curves = {arm.name: [(0.8, 0.3) for _ in seeds] for arm in study.arms}
        found = made_solutions.study_units(curves)
        lists = [found["runs"]]
    else:
        widths = {arm.name: [0.2 for _ in seeds] for arm in study.arms}
        found = made_solutions.study_landscape(widths, hills={"dropout": [0.1 for _ in seeds]})
        lists = [found["widths"], found["lines"], found["slices"]]
    for one in [one for of_kind in lists for one in of_kind]:
        one["seed"] = study.seeds[one["seed"]]
        one["run"] = ids[one["arm"], one["seed"]]
    return found


def finish(study, name, *, found=None, **result):
    """Leave what a worker leaves."""
    found = found or answer(study, name)
    write_json(folder(study, name) / f"{name}.json", found)
    write_json(
        folder(study, name) / "result.json", {"status": "finished", "answer": found} | result
    )
    return found
