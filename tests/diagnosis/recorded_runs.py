"""Curves of real runs as `record_curves.py` writes them: a file for each group, a line a run."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cnnlab.diagnosis.diagnosis import Diagnosis, diagnose, remedied
from cnnlab.diagnosis.symptoms import RunFacts, Turn
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.data.class_sets import ClassSets

FOLDER = Path(__file__).parent / "recorded"


def read_recorded(group: str) -> dict[str, dict[str, Any]]:
    """The recorded runs of a group by name."""
    path = FOLDER / f"{group}.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    return {line["name"]: line for line in map(json.loads, lines)}


def write_recorded(group: str, runs: Mapping[str, dict[str, Any]]) -> None:
    """Write all runs of a group."""
    lines = (json.dumps(run, separators=(",", ":")) for _, run in sorted(runs.items()))
    (FOLDER / f"{group}.jsonl").write_text("".join(f"{line}\n" for line in lines))


def diagnosed_run(line: Mapping[str, Any], finished: int | None = None) -> list[Diagnosis]:
    """What is said of a recorded run, or of its first epochs as if it had ended there."""
    columns = line["columns"]
    history = [
        {"epoch": epoch} | {name: column[epoch] for name, column in columns.items()}
        for epoch in range(len(columns["loss"]))
    ]
    facts = dict(line["facts"])
    facts["class_sets"] = ClassSets(**facts["class_sets"])
    facts["turns"] = tuple(Turn(**turn) for turn in facts["turns"])
    for name in ("class_counts", "train_counts", "per_class_recall"):
        facts[name] = facts[name] and tuple(facts[name])
    return diagnose(
        history[:finished], remedied(RunConfig(), line["planned"]["config"]), RunFacts(**facts)
    )
