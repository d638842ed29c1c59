"""What the runs of a study have in common at their start, as each of them noted it."""

from collections.abc import Mapping

from cnnlab.documents.content import SharedStart
from cnnlab.domain.people.person import Action
from cnnlab.domain.records.training import Nothing, WorkerFacts
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.study.run_records import run_facts
from cnnlab.lab.study.view import StudyView


@asks(Action.VIEW)
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
    seed: int, reference: WorkerFacts | Nothing, facts: Mapping[str, WorkerFacts | Nothing]
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
