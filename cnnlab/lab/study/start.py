"""What the runs of a study have in common at their start, as each of them noted it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cnnlab.lab.study.view import StudyView, run_facts


@dataclass(frozen=True)
class SharedStart:
    """What the runs of one seed have in common.

    Attributes:
        seed: of the runs.
        same_weights: arms whose initial weights are all those of the reference.
        other_network: for each arm with another network the layers that begin alike.
        same_order: arms that see the training images in the reference's order.
        checksum: of the reference's initial weights.
    """

    seed: int
    checksum: str
    same_weights: list[str] = field(default_factory=list)
    other_network: dict[str, list[str]] = field(default_factory=dict)
    same_order: list[str] = field(default_factory=list)


def shared_starts(view: StudyView) -> list[SharedStart]:
    """For each seed whose reference has begun: what the other arms have in common with it."""
    found = []
    for seed in view.study.seeds:
        facts = {
            arm.name: run_facts(view.runs[arm.name][seed])
            for arm in view.study.arms
            if seed in view.runs[arm.name]
        }
        reference = facts.get(view.study.reference.name)
        if reference:
            found.append(_shared_start(seed, reference, facts))
    return found


def _shared_start(
    seed: int, reference: Mapping[str, Any], facts: Mapping[str, Mapping[str, Any]]
) -> SharedStart:
    start = SharedStart(seed, reference["init_checksum"])
    for name, values in facts.items():
        if not values:
            continue
        if values["init_checksum"] == start.checksum:
            start.same_weights.append(name)
        else:
            ours, theirs = values["layer_checksums"], reference["layer_checksums"]
            start.other_network[name] = [
                layer for layer in ours if theirs.get(layer) == ours[layer]
            ]
        if values.get("batch_order_checksum") == reference.get("batch_order_checksum"):
            start.same_order.append(name)
    return start
