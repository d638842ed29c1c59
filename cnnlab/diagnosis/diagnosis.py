"""A diagnosis in plain words of any run's curves, with the numbers it rests on."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cnnlab.diagnosis import data_rules, fit_rules, judging_rules, label_rules, rate_rules
from cnnlab.diagnosis.curves import FEWEST_EPOCHS, read_curves
from cnnlab.diagnosis.effective import changes_something
from cnnlab.diagnosis.symptoms import Case, Evidence, Remedy, RunFacts, Severity, Symptom
from cnnlab.domain.config.run_config import RunConfig, change_config, load_config
from cnnlab.domain.errors import ConfigError
from cnnlab.domain.records.training import EpochRecord

__all__ = ["Diagnosis", "RunFacts", "diagnose", "remedied"]

KINDS = (
    "class_sets",
    "learning_rate_too_high",
    "copies",
    "suspected_leak",
    "judging_lags",
    "overfits",
    "learning_rate_too_low",
    "underfits",
    "label_noise",
    "imbalance",
    "validation_too_small",
    "learning_rate_spent",
    "plateau",
    "healthy",
)
"""All kinds; among equally serious ones, the earlier comes first."""

_SEVERITIES = ("problem", "warning", "note", "good")

_HIDES = {
    "learning_rate_too_high": {"underfits", "learning_rate_too_low", "plateau"},
    "learning_rate_too_low": {"underfits", "plateau"},
    "overfits": {"underfits", "plateau"},
    "underfits": {"plateau"},
    "imbalance": {"plateau"},
    "judging_lags": {
        "underfits",
        "learning_rate_too_low",
        "plateau",
        "imbalance",
        "suspected_leak",
    },
    "learning_rate_spent": {"plateau", "learning_rate_too_low"},
}
"""Kinds that follow from another one, or whose remedy would work against that one's."""

_Rule = Callable[[Case], Symptom | None]

_FROM_THE_FIRST: tuple[_Rule, ...] = (judging_rules.judging_lags, fit_rules.underfits)
"""Rules that a single epoch is enough for."""

_ON_TRENDS: tuple[_Rule, ...] = (
    rate_rules.rate_too_high,
    rate_rules.rate_too_low,
    rate_rules.rate_spent,
    data_rules.suspected_leak,
    data_rules.imbalance,
    fit_rules.overfits,
    label_rules.label_noise,
    fit_rules.plateau,
)
"""Rules that look at where curves go."""

_TITLES = {
    "copies": "Copies in validation",
    "suspected_leak": "Perhaps a leak",
    "class_sets": "Classes missing in a split",
}
"""What to call a kind where its name isn't it."""


@dataclass(frozen=True)
class Diagnosis:
    """One thing that a run's curves show, and one next run against it.

    Attributes:
        kind: one of `KINDS`.
        title: what to call it on screen; the words don't say it again.
        severity: `problem`, `warning`, `note` or `good`.
        words: one or two sentences with the numbers that they rest on.
        evidence: those numbers; accuracies 0..1, cross-entropies in nats, epochs 1-based.
        remedy: dotted config fields and their new values, a legal config; empty for none.
        remedy_words: what the remedy, or else the user, changes; empty for nothing to do.
    """

    kind: str
    title: str
    severity: Severity
    words: str
    evidence: Evidence
    remedy: dict[str, Any]
    remedy_words: str


def diagnose(history: Sequence[EpochRecord], config: RunConfig, facts: RunFacts) -> list[Diagnosis]:
    """Say what the curves of a run show, most serious first, at most one of each kind.

    Below three finished epochs only what needs no trend is said. An empty list means that nothing
    can be said yet.

    Args:
        history: of a finished or a running run.
        config: of the run.
        facts: what else is known of it.
    """
    found: dict[str, Symptom] = {}
    for symptom in sorted(_symptoms(history, config, facts), key=_seriousness):
        found.setdefault(symptom.kind, symptom)
    hidden = set().union(*(_HIDES.get(kind, set()) | one.hides for kind, one in found.items()))
    kept = [symptom for kind, symptom in found.items() if kind not in hidden]
    kept.sort(key=lambda one: (_seriousness(one), KINDS.index(one.kind)))
    return [
        _diagnosis(symptom, _useful(symptom.remedies, config, len(history), facts.status))
        for symptom in kept
    ]


def remedied(config: RunConfig, remedy: dict[str, Any]) -> RunConfig:
    """The config with a remedy's changes made.

    Raises:
        ConfigError: the result is not a legal config.
    """
    changes = (f"{name}={json.dumps(value)}" for name, value in remedy.items())
    return load_config(change_config(config.model_dump(mode="json"), changes))


def _symptoms(
    history: Sequence[EpochRecord], config: RunConfig, facts: RunFacts
) -> Iterator[Symptom]:
    """What each rule has found, those first that need no curves."""
    measured = (record.get("val_accuracy") for record in history)
    accuracies = [accuracy for accuracy in measured if accuracy is not None]
    shares = (config.split.validation, config.split.test)
    broken = rate_rules.not_finite(history, config, facts)
    found = [
        broken,
        data_rules.class_sets(facts, hides_rate=broken is None),
        data_rules.copies(facts),
        data_rules.validation_too_small(max(accuracies, default=None), shares, facts),
    ]
    curves = read_curves(history)
    if curves is not None:
        case = Case(curves, config, facts)
        has_trend = curves.epochs >= FEWEST_EPOCHS
        found += [rule(case) for rule in (*_FROM_THE_FIRST, *(_ON_TRENDS if has_trend else ()))]
        if has_trend and all(one is None or _leaves_healthy(one) for one in found):
            found.append(fit_rules.healthy(case))
    yield from (symptom for symptom in found if symptom is not None)


def _seriousness(symptom: Symptom) -> int:
    """The lower, the more serious."""
    return _SEVERITIES.index(symptom.severity)


def _leaves_healthy(symptom: Symptom) -> bool:
    """Whether a run is healthy all the same: a note on its images or its length is none on it."""
    beside = ("validation_too_small", "copies", "plateau")
    return symptom.severity == "note" and symptom.kind in beside


def _diagnosis(symptom: Symptom, useful: Iterator[Remedy]) -> Diagnosis:
    remedy = next(useful, Remedy({}, ""))
    return Diagnosis(
        symptom.kind,
        symptom.title or _TITLES.get(symptom.kind, symptom.kind.replace("_", " ").capitalize()),
        symptom.severity,
        symptom.words,
        symptom.evidence,
        remedy.changes,
        remedy.words,
    )


def _useful(
    remedies: Iterator[Remedy], config: RunConfig, epochs: int, status: str
) -> Iterator[Remedy]:
    """Those that make a legal config which trains otherwise than this one."""
    for remedy in remedies:
        try:
            changed = remedied(config, remedy.changes)
        except ConfigError:
            continue
        if changes_something(remedy.changes, changed, config, epochs=epochs, status=status):
            yield remedy
