"""Studies with everything that their reports show, drawn at random: nothing is trained."""

import hashlib
from types import SimpleNamespace

import numpy as np

from cnnlab.documents.content import Content
from cnnlab.domain.arms import ready_arms
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.history import best_epoch
from cnnlab.domain.records.training import EpochRecord
from cnnlab.domain.run import Run, Status
from cnnlab.domain.study import Study
from cnnlab.study.measures.bands import value_of
from cnnlab.study.measures.judged_epochs import mean_of_last
from cnnlab.study.verdicts import METRICS, Rules, compare

GAINS = {
    "augmentation": 0.045,
    "dropout": 0.004,
    "L2": 0.0,
    "all together": 0.03,
    "too much": -0.05,
}
"""What the arms do to the final validation accuracy; those without one do nothing."""

IMAGES = 320
ALPHA = 0.05
FACTS = {
    "device": "CPU (2 threads)",
    "versions": {"cnnlab": "0.1.0", "keras": "3.15.0", "tensorflow": "2.21.0"},
}


def any_study(arms=None, *, seeds=3, **options):
    arms = arms or ready_arms(["baseline", "augmentation", "dropout", "l2", "all"])
    return Study(
        id="s20261124-061500-a3f9",
        name="Does it help on sign digits?",
        dataset="digits-1f2e",
        base=RunConfig(dataset="digits-1f2e").model_dump(mode="json"),
        arms=tuple(arms),
        seeds=tuple(range(seeds)),
        created_at="2026-11-24T06:15:00.000+00:00",
        **options,
    )


def made_history(gain, *, epochs, seed):
    generator = np.random.default_rng(seed)
    luck, records = generator.normal(0, 0.004), []
    for epoch in range(epochs):
        grown = 1 - np.exp(-(epoch + 1) / (0.25 * epochs))
        accuracy = 0.1 + (0.78 + gain + luck) * grown + generator.normal(0, 0.003)
        clean = 0.1 + (0.89 - gain / 3) * grown
        fields = dict.fromkeys(EpochRecord.__annotations__) | {
            "epoch": epoch,
            "loss": 1.0,
            "cross_entropy": 0.8,
            "accuracy": clean,
            "clean_accuracy": float(clean),
            "val_accuracy": float(accuracy),
            "clean_cross_entropy": float(2.3 * (1 - clean)),
            "val_cross_entropy": float(2.4 * (1 - accuracy) + 0.1 * grown),
            "learning_rate": 1e-3,
            "seconds": 1.0,
            "images_per_second": 900.0,
            "weights": [],
        }
        records.append(EpochRecord(**fields))
    return records


def made_run(study, arm, seed, *, epochs=20, status=Status.FINISHED, **known):
    gain = GAINS.get(arm.name, 0.0)
    luck = int(hashlib.sha256(f"{arm.name}/{seed}".encode()).hexdigest()[:8], 16)
    history = made_history(gain, epochs=epochs, seed=luck)
    best = best_epoch(history)
    run = Run(
        id=f"{arm.name}-{seed}",
        name=f"{study.name}: {arm.name}, seed {seed}",
        dataset=study.dataset,
        config=study.config(arm, seed).model_dump(mode="json"),
        status=status,
        best_epoch=best,
        last=history[-1] if history else {},
        best=history[best] if history else {},
        study=study.id,
        arm=arm.name,
        **known,
    )
    return run, history


def made_content(study=None, *, epochs=20, changed=None):
    """Everything the report needs.

    Args:
        study: default is one of five arms and three seeds.
        epochs: of each run; 0 for a study whose runs still wait.
        changed: what `made_run` is told, by (arm, seed).
    """
    study, changed = study or any_study(), changed or {}
    runs = {arm.name: {} for arm in study.arms}
    histories = {arm.name: {} for arm in study.arms}
    waiting = {} if epochs else {"status": Status.QUEUED}
    for arm, seed in study.pairs:
        told = {"epochs": epochs} | waiting | changed.get((arm.name, seed), {})
        runs[arm.name][seed], histories[arm.name][seed] = made_run(study, arm, seed, **told)
    values = {
        metric: {
            name: {
                seed: (
                    value_of(run.best, metric)
                    if study.judged_at == "best"
                    else mean_of_last(histories[name][seed], study.judged_epochs, metric)
                )
                for seed, run in of_arm.items()
                if run.status is Status.FINISHED and not run.changed_by_hand
            }
            for name, of_arm in runs.items()
        }
        for metric in METRICS
    }
    alpha = study.looks[-1].alpha if study.looks else ALPHA
    return Content(
        study=study,
        dataset=Dataset(
            study.dataset,
            "Sign digits",
            {str(number): 160 for number in range(10)},
            created_at="2026-11-20T10:00:00",
        ),
        splits={"train": 1280, "validation": IMAGES, "test": 0},
        runs=runs,
        values=values,
        comparisons={name: _compared(study, name, values[name], alpha) for name in METRICS},
        alpha=alpha,
        validation_images=IMAGES if epochs else None,
        histories=histories,
        facts={
            run.id: FACTS | {"init_checksum": _checksum(seed)}
            for of_arm in runs.values()
            for seed, run in of_arm.items()
            if run.last
        },
        starts=_starts(study) if epochs else [],
        made_at="2026-11-24T08:00:00+00:00",
    )


def _compared(study, metric, values, alpha):
    is_primary = metric == study.primary
    rules = Rules(
        METRICS[metric],
        alpha=alpha,
        resolution=1 / IMAGES,
        margin=study.margin if is_primary else None,
        scope=study.scope if is_primary else "these_images",
        primary=is_primary,
    )
    images = {name: _on_images(of_arm) for name, of_arm in values.items()} if is_primary else {}
    return compare(values, study.reference.name, rules, images=images)


def _on_images(values):
    """Each accuracy as so many of the images told right, the easier ones first but for some."""
    generator = np.random.default_rng(0)
    order = np.argsort(np.arange(IMAGES) + generator.normal(0, 20, IMAGES))
    return {seed: (order < value * IMAGES).astype(float) for seed, value in values.items()}


def _checksum(seed):
    return hashlib.sha256(str(seed).encode()).hexdigest()


def _starts(study):
    names = [arm.name for arm in study.arms]
    other = {name: ["conv_1", "conv_2", "dense"] for name in names if name == "batch norm"}
    same = [name for name in names if name not in other]
    return [
        SimpleNamespace(
            seed=seed,
            checksum=_checksum(seed),
            same_weights=same,
            other_network=other,
            same_order=names,
        )
        for seed in study.seeds
    ]
