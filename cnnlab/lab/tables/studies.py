"""Studies as a table: a row for each arm, with its verdict."""

import json
from collections.abc import Iterator
from typing import Any

from cnnlab.documents.table_file import Column, Row, Value
from cnnlab.domain.study import USUAL_METRICS, Study
from cnnlab.lab.study.looks import would_be_look
from cnnlab.lab.study.studies import load_study, runs_by_arm
from cnnlab.lab.study.view import arm_summaries, view_study
from cnnlab.lab.tables.chosen import Chosen
from cnnlab.study.verdicts import METRICS

_NOT_LOOKED = (
    "Nobody has looked at the verdicts of this study as it stands, and a table of everything is no "
    "look: open its page, or name it."
)

STUDY_COLUMNS = (
    Column("study", "text", "Id."),
    Column("name", "text", "What it is called."),
    Column("kind", "text", "What it asks: compare, dose or worth."),
    Column("dataset", "text", "Id of the version of the dataset."),
    Column("created_at", "text", "ISO 8601, UTC."),
    Column("primary", "text", "The metric that the verdicts are about."),
    Column("judged_at", "text", "Where in its training a run is judged."),
    Column("margin", "number", "Up to it differences don't matter: 0..1, or nats."),
    Column("scope", "text", "What a verdict is about: these validation images, or new ones."),
    Column("seeds", "integer", "How many each arm is trained with."),
    Column("note", "text", "Why there is no verdict here."),
    Column("arm", "text", "A ready-made arm's name, else what the user called it."),
    Column("label", "text", "What the arm is called."),
    Column("is_reference", "flag", "Whether the others are compared with it."),
    Column("changes", "text", "What it changes of the study's base, as JSON by dotted field."),
    Column("runs", "integer", "Runs of the arm that there are."),
    *(Column(f"{metric}_{part}", "number", f"{METRICS[metric].label}: {meaning}.")
      for metric in USUAL_METRICS
      for part, meaning in (("mean", "mean over its seeds"), ("sd", "standard deviation"))),
    Column("difference_mean", "number", "Of the primary metric, arm minus reference."),
    Column("difference_low", "number", "Lower end of its interval, by the study's scope."),
    Column("difference_high", "number", "Upper end of its interval."),
    Column("confidence", "number", "Of that interval, 0..1."),
    Column("p_adjusted", "number", "After the correction for several arms."),
    Column("verdict", "text", "helps, hurts, no_difference, cannot_tell or reference."),
    Column("more_seeds", "integer", "How many more would tell, if the difference is as it looks."),
    Column("words", "text", "The verdict in words."),
    *(Column(f"{scope}_{end}", "number", f"{meaning} end of the interval on {on}.")
      for scope, on in (("these_images", "these validation images"), ("new_images", "new images"))
      for end, meaning in (("low", "Lower"), ("high", "Upper"))),
)  # fmt: skip


def study_rows(chosen: Chosen) -> Iterator[Row]:
    """A row for each arm of every study.

    Of studies that are named that is a look at their verdicts, as on their pages. A table of
    everything is none: it has the verdicts that somebody has looked at.
    """
    for study in chosen.studies:
        found = load_study(study)
        is_closed = chosen.is_everything and would_be_look(found, runs_by_arm(found))
        told = _unseen(found) if is_closed else map(_summarized, arm_summaries(view_study(study)))
        about = _of_study(found)
        for arm in told:
            row = about | arm | {"is_reference": arm["label"] == found.reference.name}
            yield tuple(row.get(column.name) for column in STUDY_COLUMNS)


def _of_study(study: Study) -> dict[str, Value]:
    names = (
        "name", "kind", "dataset", "created_at", "primary", "judged_at", "margin", "scope",
    )  # fmt: skip
    told: dict[str, Value] = {name: getattr(study, name) for name in names}
    return told | {"study": study.id, "seeds": len(study.seeds)}


def _unseen(study: Study) -> Iterator[dict[str, Value]]:
    for arm in study.arms:
        changes = json.dumps(arm.changes)
        yield {"arm": arm.name, "label": arm.name, "changes": changes, "note": _NOT_LOOKED}


def _summarized(arm: dict[str, Any]) -> dict[str, Value]:
    told: dict[str, Value] = {
        name: arm[name]
        for name in ("arm", "label", "confidence", "p_adjusted", "verdict", "more_seeds", "words")
    }
    told |= {"changes": json.dumps(arm["changes"]), "runs": len(arm["runs"])}
    for metric in USUAL_METRICS:
        told |= {f"{metric}_{part}": arm[metric][part] for part in ("mean", "sd")}
    told |= {f"difference_{part}": arm["difference"][part] for part in ("mean", "low", "high")}
    for scope in ("these_images", "new_images"):
        told |= {f"{scope}_{end}": arm[scope][end] for end in ("low", "high")}
    return told
